"""Errands in a process of its own, beside what this one goes on to do; the second core is there to be used."""

import gc
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Generic, Self, TypeVar, cast

from alembic_proof.experiments.place import Progress
from alembic_proof.experiments.signals import held_back, let_through

T = TypeVar("T")

_SECONDS_TO_END = 5.0
_SECONDS_BETWEEN_LOOKS = 0.5


class Errand(Generic[T]):
    """One piece of work; its result is asked for later. What it does is told to the progress that it is given."""

    def __init__(self, beside: "Beside", work: Callable[[Progress], T]) -> None:
        self._beside = beside
        self.work = work

    def result(self, waiting: Callable[[], None] = lambda: None) -> T:
        """Wait for the work and return its result, or raise what it raised. `waiting` is called for as long as it gets on."""
        return cast("T", self._beside.outcome_of(self, waiting))


class Beside:
    """Runs its errands one after another in a copy of this process, from when it is entered.

    Where processes do not fork each errand waits until it is asked for; `progress` is then told what it does. The copy may use
    databases, and may neither make nor drop any.
    """

    def __init__(self, progress: Progress, *, may_fork: bool) -> None:
        self._progress = progress
        self._forks = may_fork and self.can_fork()
        self._errands: list[Errand[Any]] = []
        self._outcomes: list[tuple[bool, Any]] = []
        self._process: Any = None
        self._pipe: Connection | None = None
        self._steps: Any = None

    @staticmethod
    def can_fork() -> bool:
        """Whether there is a second core for us, and a way to use it."""
        return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1

    def errand(self, work: Callable[[Progress], T]) -> Errand[T]:
        """Add an errand, before this is entered."""
        errand = Errand(self, work)
        self._errands.append(errand)
        return errand

    def __enter__(self) -> Self:
        if self._forks and self._errands:
            context = multiprocessing.get_context("fork")
            self._pipe, theirs = context.Pipe(duplex=False)
            self._steps = context.Value("Q", 0, lock=False)
            self._process = context.Process(target=self._run_all, args=(theirs,))
            gc.freeze()  # what a collector never looks at stays shared between the processes
            try:
                with held_back():
                    self._process.start()
            except BaseException as error:  # a signal that was held back
                self.__exit__(type(error), error, error.__traceback__)
                raise
            theirs.close()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None and self._process.pid is not None:
            if error is not None:
                self._process.terminate()
            self._process.join(_SECONDS_TO_END)
            self._process.kill()
            self._process.join()

    def outcome_of(self, errand: Errand[Any], waiting: Callable[[], None]) -> Any:
        """Return what an errand returned, or raise what it raised."""
        if self._pipe is None:
            return errand.work(self._progress)
        number = self._errands.index(errand)
        while len(self._outcomes) <= number:
            self._outcomes.append(self._next(self._pipe, waiting))
        has_result, outcome = self._outcomes[number]
        if has_result:
            return outcome
        raise outcome

    def _next(self, pipe: Connection, waiting: Callable[[], None]) -> tuple[bool, Any]:
        seen = -1
        while not pipe.poll(_SECONDS_BETWEEN_LOOKS):
            if self._steps.value != seen:
                seen = self._steps.value
                waiting()
        try:
            has_result, outcome = pipe.recv()
        except EOFError:
            self._process.join()
            raise RuntimeError(f"the process beside ended with status {self._process.exitcode}") from None
        return has_result, outcome

    def _run_all(self, pipe: Connection) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # it has nothing to clean up, and would do so in its parent's name
        let_through()
        threading.Thread(target=_end_with_parent, daemon=True).start()
        for errand in self._errands:
            gc.collect()  # of the errand before, thousands of SQLAlchemy's objects in cycles; nobody waits for that
            try:
                outcome = (True, errand.work(self._count))
            except Exception as error:
                outcome = (False, error)
            pipe.send(outcome)

    def _count(self, _phase: str, _doing: str) -> None:
        self._steps.value += 1


def _end_with_parent() -> None:
    """Go when the parent is gone: nobody waits for the errands any more."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "only a child process runs this"
    multiprocessing.connection.wait([parent.sentinel])
    os._exit(1)
