"""One piece of work in a process of its own, beside what this one goes on to do; the second core is there to be used."""

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")

_SECONDS_TO_END = 5.0


class Beside(Generic[T]):
    """Work that begins when this is entered and whose result is asked for later. Where processes do not fork it waits till then.

    The copy of this process may use databases, and may neither make nor drop any.
    """

    def __init__(self, work: Callable[[], T], *, may_fork: bool) -> None:
        self._work = work
        self._forks = may_fork and self.can_fork()
        self._process: Any = None
        self._pipe: Connection | None = None

    @staticmethod
    def can_fork() -> bool:
        """Whether there is a second core for us, and a way to use it."""
        return sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1

    def __enter__(self) -> Self:
        if self._forks:
            context = multiprocessing.get_context("fork")
            self._pipe, theirs = context.Pipe(duplex=False)
            self._process = context.Process(target=_send, args=(theirs, self._work))
            gc.freeze()  # what a collector never looks at stays shared between the processes
            self._process.start()
            theirs.close()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            if error is not None:
                self._process.terminate()
            self._process.join(_SECONDS_TO_END)
            self._process.kill()
            self._process.join()

    def is_ready(self, seconds: float) -> bool:
        """Wait for the work at most so long, and say whether it has ended."""
        return self._pipe is None or self._pipe.poll(seconds)

    def result(self) -> T:
        """Wait for the work and return its result, or raise what it raised."""
        if self._pipe is None:
            return self._work()
        try:
            has_result, outcome = self._pipe.recv()
        except EOFError:
            self._process.join()
            raise RuntimeError(f"the process beside ended with status {self._process.exitcode}") from None
        if has_result:
            return outcome  # type: ignore[no-any-return]  # what came through the pipe is what the work returned
        raise outcome


def _send(pipe: Connection, work: Callable[[], Any]) -> None:
    try:
        outcome = (True, work())
    except Exception as error:
        outcome = (False, error)
    pipe.send(outcome)
