"""What is being done, shown while it is done: live bars on a terminal, a line for each phase elsewhere. On standard error."""

import sys
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class ProgressDisplay:
    """Listens to the databases. `revisions` is how many each one walks."""

    def __init__(self) -> None:
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._phases: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, database: str, phase: str, doing: str) -> None:
        """Show what a database is at; threads may only begin with the first call."""
        if not sys.stderr.isatty():
            if self._phases.get(database) != phase:
                self._phases[database] = phase
                sys.stderr.write(f"{database}: {phase} ...\n")
            return
        if self._bars is None:
            self._bars = _bars()
            self._bars.start()
        if database not in self._tasks:
            self._tasks[database] = self._bars.add_task("", total=None, database=database, phase=phase, doing=doing)
        self._bars.update(self._tasks[database], phase=phase, doing=doing)


def _bars() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.fields[database]}", style="bold"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[phase]}"),
        TextColumn("{task.fields[doing]}", style="dim"),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr, highlight=False),
        transient=True,
    )
