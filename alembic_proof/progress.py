"""What is being done, shown while it is done, and how long the rest takes. On standard error.

On a terminal there is a live line for each database; elsewhere (a pipe, a CI system's log) a line for each phase, and one now and
then within a long one, so that nobody takes a long run for one that hangs.
"""

import sys
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from alembic_proof.forecast import Expected, Forecast

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_SECONDS_BETWEEN_LINES = 30.0


class ProgressDisplay:
    """Listens to the databases. Where it was told what to expect, it says how far they are."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bars: Progress | None = None
        self._tasks: dict[str, TaskID] = {}
        self._forecasts: dict[str, Forecast] = {}
        self._phases: dict[str, str] = {}
        self._written: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._bars is not None:
            self._bars.stop()

    def expect(self, databases: Mapping[str, Expected]) -> None:
        """Take note of what is to be done on each database, from now on."""
        now = self._clock()
        self._forecasts = {name: Forecast(expected, now) for name, expected in databases.items()}
        self._phases.clear()

    def __call__(self, database: str, phase: str, doing: str) -> None:
        """Show what a database is at; threads may only begin with the first call."""
        forecast, now = self._forecast(database), self._clock()
        if forecast is not None:
            forecast.note(phase, doing, now)
        if sys.stderr.isatty():
            self._draw(database, phase, doing, forecast)
        else:
            self._write(database, phase, doing, forecast, now)

    def _forecast(self, database: str) -> Forecast | None:
        """The forecast of a database; an only one may have got its name since."""
        if len(self._forecasts) == 1:
            return next(iter(self._forecasts.values()))
        return self._forecasts.get(database)

    def _write(self, database: str, phase: str, doing: str, forecast: Forecast | None, now: float) -> None:
        is_new = self._phases.get(database) != phase
        if not is_new and now - self._written[database] < _SECONDS_BETWEEN_LINES:
            return
        self._phases[database], self._written[database] = phase, now
        if is_new:
            examples = forecast.examples if forecast is not None else None
            sys.stderr.write(f"{database}: {phase}{f', {examples} examples' if examples else ''} ...\n")
            return
        told = [f"{phase}{_of(forecast)} ({doing})", *([left] if (left := left_of(forecast, now)) else [])]
        sys.stderr.write(f"{database}: {', '.join(told)} ...\n")

    def _draw(self, database: str, phase: str, doing: str, forecast: Forecast | None) -> None:
        if self._bars is None:
            self._bars = _bars(self._clock)
            self._bars.start()
        examples = forecast.examples if forecast is not None else None
        fields: dict[str, Any] = {
            "database": database,
            "phase": f"{phase}{_of(forecast)}{f', {examples} examples' if examples else ''}",
            "doing": doing,
            "forecast": forecast,
        }
        total = None if forecast is None or phase == "set-up" else 1.0
        row = "" if len(self._forecasts) == 1 else database
        if row not in self._tasks:
            self._tasks[row] = self._bars.add_task("", total=total, **fields)
        self._bars.update(self._tasks[row], total=total, completed=0.0 if forecast is None else forecast.share, **fields)


def left_of(forecast: Forecast | None, now: float) -> str:
    """Say how long the rest takes, where that can be guessed: "2:05 left"."""
    seconds = None if forecast is None else forecast.seconds_left(now)
    if seconds is None:
        return ""
    minutes, seconds_of_minute = divmod(round(seconds), 60)
    hours, minutes_of_hour = divmod(minutes, 60)
    return f"{hours}:{minutes_of_hour:02}:{seconds_of_minute:02} left" if hours else f"{minutes}:{seconds_of_minute:02} left"


def _of(forecast: Forecast | None) -> str:
    """Which revision it is, of how many."""
    position = None if forecast is None else forecast.position
    return "" if position is None else f" {position.number}/{position.count}"


def _bars(clock: Callable[[], float]) -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
    from rich.table import Column
    from rich.text import Text

    class TimeLeftColumn(ProgressColumn):
        """Counts down between one word of a database and the next."""

        def render(self, task: Task) -> Text:
            return Text(left_of(task.fields.get("forecast"), clock()), style="cyan")

    return Progress(
        TextColumn("{task.fields[database]}", style="bold"),
        BarColumn(bar_width=20),
        TextColumn("{task.fields[phase]}"),
        TextColumn("{task.fields[doing]}", style="dim", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        TimeLeftColumn(table_column=Column(no_wrap=True, justify="right")),
        TimeElapsedColumn(),
        console=Console(file=sys.stderr, highlight=False),
        expand=True,
        transient=True,
    )
