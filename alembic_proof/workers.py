"""One process for each database, side by side; nothing of theirs is left when we end, however we end.

A worker speaks to us through a pipe: what it is doing, then its result (evidence, for one) or why there is none.
"""

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import IO, Any, Generic, Protocol, TypeVar, runtime_checkable

import msgspec
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from alembic_proof.databases.urls import without_password
from alembic_proof.errors import ProofError
from alembic_proof.evidence import DatabaseEvidence
from alembic_proof.experiments.gather import gather_database, name_natural_server
from alembic_proof.experiments.order import NATURAL, Order
from alembic_proof.experiments.place import Progress
from alembic_proof.experiments.signals import held_back, let_through, raise_again
from alembic_proof.forecast import Expected
from alembic_proof.project import Project

Listener = Callable[[str, str, str], None]
"""Called with the database, the phase and what is being done."""


@runtime_checkable
class Expectant(Protocol):
    """A listener that wants to know beforehand what is to be done on each database."""

    def expect(self, databases: Mapping[str, Expected]) -> None: ...


_GRACE_SECONDS = 15.0


class WorkerCrashError(Exception):
    """A bug of ours, with the worker's traceback."""


class Stopped(BaseException):
    """Raised in a worker that was asked to end; no handler of a migration catches it."""


class OnDatabase(Protocol):
    """What a worker is told to do: on which database, for which project."""

    @property
    def project(self) -> Project: ...

    @property
    def database(self) -> str: ...


OrderT = TypeVar("OrderT", bound=OnDatabase)
ResultT = TypeVar("ResultT")

Work = Callable[[OrderT, Progress, Callable[[str], None]], ResultT]
"""Carries out an order in the worker, tells what it does, and names the database that NATURAL came to."""


class _Worker(msgspec.Struct, Generic[ResultT]):
    order: OnDatabase
    name: str
    process: BaseProcess
    pipe: Connection
    output: IO[bytes]
    doing: str = "set-up"
    last_word: float = msgspec.field(default_factory=time.monotonic)
    results: list[ResultT] = msgspec.field(default_factory=list)
    """One, when the work is done."""


def gather_side_by_side(
    orders: Sequence[Order], listen: Listener, *, forking: bool, when_started: Callable[[], None] = lambda: None
) -> tuple[DatabaseEvidence, ...]:
    """Gather the evidence of several databases, each in a process of its own. Raises what `work_side_by_side` raises."""
    if isinstance(listen, Expectant):
        listen.expect({_shown(order.database): _expected(order) for order in orders})
    return work_side_by_side(gather_database, orders, listen, forking=forking, when_started=when_started)


def work_side_by_side(
    work: Work[OrderT, ResultT],
    orders: Sequence[OrderT],
    listen: Listener,
    *,
    forking: bool,
    when_started: Callable[[], None] = lambda: None,
) -> tuple[ResultT, ...]:
    """Carry out orders, each in a process of its own. `work` is a function of a module.

    `forking` starts them as copies of this process, which is faster and needs a process without other threads; threads may
    begin in `when_started`.

    Raises:
        ProofError: a database or env.py cannot be used, or one step ran longer than `step_timeout_seconds`.
        WorkerCrashError: a bug of ours, with its traceback.

    """
    method = "fork" if forking and sys.platform == "linux" else "spawn"
    workers: list[_Worker[ResultT]] = []
    try:
        for order in orders:
            _start(work, order, method, workers)
        when_started()
        _listen_to_all(workers, listen)
        return tuple(result for worker in workers for result in worker.results)
    finally:
        _end(workers)


def natural_database(project: Project) -> str:
    """Name the kind of database that the project's own URL names, without running its env.py in this process."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(name_natural_server, (project,))


def _start(work: Work[OrderT, ResultT], order: OrderT, method: str, workers: list[_Worker[ResultT]]) -> None:
    """Start one and put it among the workers: before a signal that was held back meanwhile is raised."""
    context = multiprocessing.get_context(method)
    ours, theirs = context.Pipe(duplex=False)
    output = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the worker
    own_output = os.dup(output.fileno()) if method == "fork" else None
    process = context.Process(target=_work, args=(work, order, theirs, own_output))  # type: ignore[attr-defined]
    with held_back():
        process.start()
        workers.append(_Worker(order=order, name=_shown(order.database), process=process, pipe=ours, output=output))
    theirs.close()


def _expected(order: Order) -> Expected:
    revisions = [revision.id for revision in order.history.revisions]
    return Expected(revisions, order.chosen, order.experiments, order.examples)


def _shown(database: str) -> str:
    """What the user called a database, without the password that may be in it."""
    if database == NATURAL:
        return "the project's own database"
    try:
        return without_password(make_url(database)) if "://" in database else database
    except (ArgumentError, ValueError):
        return database.partition(":")[0]


def _listen_to_all(workers: Sequence[_Worker[Any]], listen: Listener) -> None:
    waiting: Mapping[Any, _Worker[Any]] = {worker.pipe: worker for worker in workers}
    while waiting:
        for ready in multiprocessing.connection.wait(list(waiting), timeout=1.0):
            _hear(waiting[ready], listen)
        waiting = {pipe: worker for pipe, worker in waiting.items() if not worker.results}
        for worker in waiting.values():
            limit = worker.order.project.settings.step_timeout_seconds
            if time.monotonic() - worker.last_word > limit:
                raise ProofError(
                    f"Cannot prove on {worker.name}: {worker.doing} was still running after {limit} s. "
                    "Mend what it waits for, or raise step_timeout_seconds in [tool.alembic_proof]."
                )


def _hear(worker: _Worker[Any], listen: Listener) -> None:
    try:
        kind, *words = worker.pipe.recv()
    except EOFError:
        worker.process.join()
        words = _tail(worker)
        last = f"; it last printed: {words.splitlines()[-1].rstrip('.')}" if words else ""
        raise ProofError(
            f"Cannot prove on {worker.name}: its process ended ({_how_ended(worker.process.exitcode or 0)}) "
            f"during {worker.doing}{last}. Mend what ends it."
        ) from None
    worker.last_word = time.monotonic()
    match kind:
        case "doing":
            worker.doing = words[1]
            listen(worker.name, words[0], words[1])
        case "named":
            worker.name = words[0]
        case "result":
            worker.results.append(words[0])
        case "set-up error":
            raise ProofError(words[0])
        case "crash":
            raise WorkerCrashError(f"{words[0]}\n{_tail(worker)}")


def _how_ended(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def _tail(worker: _Worker[Any]) -> str:
    """The last lines that the migrations printed."""
    worker.output.seek(0)
    return "\n".join(worker.output.read().decode(errors="replace").splitlines()[-20:])


def _end(workers: Sequence[_Worker[Any]]) -> None:
    """Ask every worker that still runs to clean up and go; make sure that it went."""
    for worker in workers:
        if worker.process.is_alive() and not worker.results:
            worker.process.terminate()
    deadline = time.monotonic() + _GRACE_SECONDS
    for worker in workers:
        worker.process.join(max(0.0, deadline - time.monotonic()))
        if worker.process.is_alive():
            worker.process.kill()
            worker.process.join()
        worker.pipe.close()
        worker.output.close()


def _work(work: Work[OrderT, ResultT], order: OrderT, pipe: Connection, output: int | None) -> None:
    """Work in the worker's process. What migrations print goes to a file, never into our report."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C reaches us too: the parent decides
    signal.signal(signal.SIGTERM, _stop)
    raise_again(Stopped, signal.SIGTERM, _stop)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    warnings.resetwarnings()  # a caller that makes errors of warnings (pytest -W error) means its own code: no deployment does
    if output is None:
        output = os.open(os.devnull, os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    sys.stdout = open(1, "w", buffering=1, closefd=False)  # noqa: SIM115 - the caller's may be an object (pytest's)
    sys.stderr = open(2, "w", buffering=1, closefd=False)  # noqa: SIM115 - the same
    with contextlib.suppress(BrokenPipeError, Stopped):
        let_through()
        try:
            result = work(order, lambda phase, doing: pipe.send(("doing", phase, doing)), lambda name: pipe.send(("named", name)))
        except ProofError as error:
            pipe.send(("set-up error", str(error)))
        except (BrokenPipeError, Stopped):
            raise
        except BaseException:  # noqa: BLE001 - told to the parent, which raises it
            pipe.send(("crash", traceback.format_exc()))
        else:
            pipe.send(("result", result))
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is ending: a Stopped would be raised in whatever ends it


def _stop(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # once is enough: cleaning up is not interrupted
    raise Stopped


def _end_with_parent() -> None:
    """Clean up and go when the parent is gone, however it went."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "only a child process runs this"
    multiprocessing.connection.wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS)
    os._exit(1)
