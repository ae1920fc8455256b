"""The command line of a proof, read in a copy of this process while this one loads the libraries that a proof needs.

Typer, and pydantic, which it loads, take nearly half as long as SQLAlchemy, Alembic and this program; neither needs the other.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Generic, NoReturn, Self, TypeVar

import alembic_proof.config  # noqa: F401 - the thread reads settings, and imports nothing: see below
from alembic_proof.cli.asked import HANDED_OVER, Handed, handed_over, only_read_for
from alembic_proof.cli.proving import begin, load, prove
from alembic_proof.cli.screen import COULD_NOT_RUN, telling_mistakes
from alembic_proof.databases.ahead import ServersAhead
from alembic_proof.experiments.application.interpreters import Interpreters

T = TypeVar("T")


def prove_what_is_read() -> None:
    """Let a copy of this process read the command line, and prove what it hands over.

    Where the copy hands nothing over (a mistake, a report of an equal run), this process ends as the copy did.
    """
    with telling_mistakes(), Interpreters() as interpreters, ServersAhead() as servers, Copy(_read) as copy:

        def hear() -> Handed | None:
            handed = copy.handed()
            if handed is not None:
                begin(handed.aim, interpreters, servers)
            return handed

        hearing = _Beside(hear)
        with copy.ending_us():
            load()
        handed = hearing.result()
        status = copy.status()
        if handed is not None:
            prove(handed.asked(), interpreters, servers)
        elif status >= 0:
            sys.exit(status)
        else:  # somebody ended it
            _read()


def _read() -> None:
    from alembic_proof.cli.commands import main

    main()


class _Beside(Generic[T]):
    """Does something in a thread. Whoever never asks for the result never waits for it.

    An interruption of what this process imports may leave a lock behind, for which a thread that imports would wait for ever.
    """

    def __init__(self, work: Callable[[], T]) -> None:
        self._future: Future[T] = Future()
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self) -> T:
        """Return what it comes to, or raise what it raises; the thread has ended then: processes can be forked."""
        self._thread.join()
        return self._future.result()

    def _run(self) -> None:
        try:
            self._future.set_result(self._work())
        except BaseException as error:  # noqa: BLE001 - raised where the result is asked for
            self._future.set_exception(error)


class Copy:
    """A copy of this process that reads and then ends; it is gone when this is left. Made by a process without threads."""

    def __init__(self, read: Callable[[], None]) -> None:
        self._read = read
        self._pid = 0
        self._pipe = -1
        self._status: int | None = None

    def __enter__(self) -> Self:
        self._pipe, theirs = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._work(theirs)
        os.close(theirs)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._status is None:
            os.kill(self._pid, signal.SIGKILL)
            self.status()

    def handed(self) -> Handed | None:
        """Wait for what it hands over; None where it has ended without that."""
        return handed_over(self._pipe)

    def status(self) -> int:
        """Wait for its end, and return its exit status."""
        if self._status is None:
            _, ended = os.waitpid(self._pid, 0)
            self._status = os.waitstatus_to_exitcode(ended)
        return self._status

    @contextmanager
    def ending_us(self) -> Iterator[None]:
        """Let this process end as soon as the copy has ended without handing anything over, whatever it is loading."""
        before = signal.signal(signal.SIGCHLD, self._end_us)
        try:
            yield
        finally:
            signal.signal(signal.SIGCHLD, before)

    def _end_us(self, _number: int, _frame: FrameType | None) -> None:
        with suppress(ChildProcessError):  # already waited for
            ended = os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None and ended.si_code == os.CLD_EXITED and ended.si_status != HANDED_OVER:
                sys.exit(ended.si_status)

    def _work(self, pipe: int) -> NoReturn:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C reaches the copy, too: the first process tells of it
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        status = COULD_NOT_RUN
        try:
            os.close(self._pipe)
            only_read_for(pipe)
            self._read()
            status = 0
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else 0 if ended.code is None else COULD_NOT_RUN
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
