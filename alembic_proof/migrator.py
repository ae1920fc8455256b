"""A process of its own in which the fixtures' env.py runs. Knows nothing of pytest.

The test process keeps its own engines, pools, event loop, logging, warning filters and imports: env.py changes them only here.
"""

import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, Pool, event

from alembic_proof.databases.scratch import Database
from alembic_proof.errors import ProofError
from alembic_proof.evidence import Failure
from alembic_proof.experiments.place import run_prelude
from alembic_proof.findings import Direction
from alembic_proof.history import History
from alembic_proof.migrate.drivers import driver_for
from alembic_proof.migrate.host import Captured, load_history, natural_dialect, run_env_py
from alembic_proof.migrate.inside import Inside
from alembic_proof.migrate.target import NaturalDialect, make_target
from alembic_proof.project import Project

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

_SECONDS_TO_END = 5.0

Step = tuple[str, Direction]


class MigratorCrashError(Exception):
    """A bug of ours, with the traceback of the process."""


class Order(msgspec.Struct, frozen=True):
    """Steps to take on a scratch database, after the project's prelude when there is one to run."""

    database: Database
    steps: tuple[Step, ...]
    with_prelude: bool = False


class Taken(msgspec.Struct, frozen=True):
    """How many of the steps were taken and committed, and how the one after them failed."""

    count: int
    failure: Failure | None = None


class Migrator:
    """Our side of the process. It starts at once, and again when an answer was not waited for."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._start()

    @cached_property
    def history(self) -> History:
        """The project's revisions."""
        history = self._ask(None)
        assert isinstance(history, History)
        return history

    def prepare(self, database: Database) -> None:
        """Run the project's prelude on an empty database."""
        if self._project.settings.prelude is not None:
            self._ask(Order(database, (), with_prelude=True))

    def take(self, database: Database, steps: Sequence[Step]) -> Taken:
        """Execute env.py once, and take the steps inside it, each in a transaction of its own."""
        if not steps:
            return Taken(0)
        taken = self._ask(Order(database, tuple(steps)))
        assert isinstance(taken, Taken)
        return taken

    def close(self) -> None:
        """End the process, in the middle of a step if need be."""
        if self._process is None or self._pipe is None:
            return
        self._pipe.close()
        self._process.terminate()
        self._process.join(_SECONDS_TO_END)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()
        self._process = self._pipe = None

    def _start(self) -> Connection:
        context = multiprocessing.get_context("spawn")  # a fork would share the sockets of this process's own engines
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(self._project, theirs), name="alembic-proof", daemon=True)
        process.start()
        theirs.close()
        self._process, self._pipe = process, ours
        return ours

    def _ask(self, order: Order | None) -> Any:
        pipe = self._pipe or self._start()
        try:
            pipe.send((order, dict(os.environ)))
            kind, answer = self._hear(pipe)
        except BaseException:  # Ctrl-C, a test's time limit: what is answered later belongs to nobody
            self.close()
            raise
        if kind == "set-up error":
            raise ProofError(answer)
        if kind == "crash":
            raise MigratorCrashError(answer)
        return answer

    def _hear(self, pipe: Connection) -> tuple[str, Any]:
        limit = self._project.settings.step_timeout_seconds
        if not pipe.poll(limit):
            raise ProofError(
                f"Cannot wait for the migrations: they were still running after {limit} s. End the test's own transactions "
                "before it migrates, or raise step_timeout_seconds in [tool.alembic_proof]."
            )
        try:
            kind, answer = pipe.recv()
        except EOFError as error:
            raise ProofError("Cannot go on: the process that runs the migrations was ended. Run the test again.") from error
        return kind, answer


def _serve(project: Project, pipe: Connection) -> None:
    """Answer one order after another, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C reaches us too: the test session decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    hands = Hands(project)
    while True:
        try:
            order, environment = pipe.recv()
        except EOFError:
            return
        pipe.send(hands.answer(order, environment))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "only a child process runs this"
    multiprocessing.connection.wait([parent.sentinel])
    os._exit(1)


class Hands:
    """What the process does: one order at a time."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._opened: list[Any] = []
        self._drivers: dict[str, NaturalDialect | None] = {}
        os.chdir(project.root)
        event.listen(Pool, "connect", lambda _connection, record: self._opened.append(record))

    def answer(self, order: Order | None, environment: dict[str, str]) -> tuple[str, Any]:
        """Carry out an order in the environment that the test has now."""
        os.environ.clear()
        os.environ.update(environment)
        try:
            return "done", self._history if order is None else self._carry_out(order)
        except ProofError as error:
            return "set-up error", str(error)
        except BaseException:  # noqa: BLE001 - whatever it is, the test shall see it
            return "crash", traceback.format_exc()
        finally:
            self._let_go()
            sys.stdout.flush()  # what the migrations printed belongs to the test that is running now
            sys.stderr.flush()

    @cached_property
    def _history(self) -> History:
        history = load_history(self._project)
        if history.problems:
            raise ProofError(
                f"Cannot migrate: the history has a {history.problems[0].fault} in {', '.join(history.problems[0].files)}. "
                "Mend the revision files."
            )
        return history

    def _driver(self, url: URL) -> NaturalDialect | None:
        kind = url.get_backend_name()
        if kind not in self._drivers:
            self._drivers[kind] = driver_for(self._project, kind, natural_dialect(self._project), lambda: nullcontext(url))
        return self._drivers[kind]

    def _carry_out(self, order: Order) -> Taken:
        assert self._history.revisions or not order.steps, "loading it puts the project on the path"
        target = make_target(self._project, order.database.url, self._driver(order.database.url))
        if order.with_prelude:
            run_prelude(self._project, target, order.database)
        taken = Taken(0)

        def take_all(heads: tuple[str, ...], context: MigrationContext, captured: Captured) -> tuple[()]:
            nonlocal taken
            inside = Inside(context, self._project.scripts, heads, captured.run_arguments)
            for revision, direction in order.steps:
                taken = Taken(taken.count, inside.take(revision, direction))
                if taken.failure is not None:
                    break
                taken = Taken(taken.count + 1)
            return ()

        if order.steps:
            run_env_py(self._project, target, take_all)
        return taken

    def _let_go(self) -> None:
        """Close what env.py's pools still hold open: a server copies no database to which someone is connected."""
        for record in self._opened:
            record.invalidate()
        self._opened.clear()


def file_and_line(history: History, revision: str, failure: Failure) -> str:
    """Name the place of a failure as an editor opens it."""
    file = Path(history[revision].file).as_posix()
    return f"{file}:{failure.line}" if failure.line else file
