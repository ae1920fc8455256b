"""A database that a test moves through the history. Knows nothing of pytest.

Public: `Migration`, `MigrationError`. The fixtures `migration` and `migrated_database` give them; docs/pytest.md shows how.
"""

import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import URL, Engine, MetaData, NullPool, Table, create_engine, insert, text
from sqlalchemy.exc import SAWarning

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Database
from alembic_proof.errors import ProofError
from alembic_proof.findings import Direction
from alembic_proof.history import History, Revision
from alembic_proof.migrator import Migrator, Step, Taken, file_and_line
from alembic_proof.project import Project

__all__ = ["Migration", "MigrationError"]

Take = Callable[[Database, Sequence[Step]], Taken]


class MigrationError(AssertionError):
    """A revision failed in the test that took it. The message holds the database's own words."""


class Migration:
    """A scratch database and where it stands in the history. The words of motion are those of pytest-alembic.

    A revision is named by its id, by how its id begins, or by how its file's name begins ("0003" for 0003_email.py).
    Every method raises ProofError when it is asked for what cannot be done, MigrationError when a revision fails.
    """

    def __init__(self, name: str, database: Database, history: History, take: Take, *, applied: Iterable[str] = ()) -> None:
        self.database = name
        """What the test runs on, as it was configured: "sqlite", "postgresql"."""
        self.url: URL = database.url
        """Where it is, with a synchronous driver."""
        self._database = database
        self._history = history
        self._take = take
        self._applied = list(applied)
        self._next: str | None = None

    @cached_property
    def engine(self) -> Engine:
        """An engine of the test's own. It holds no connection between uses, so that migrations are never locked out."""
        return create_engine(self.url, poolclass=NullPool)

    @property
    def current(self) -> str | None:
        """The revision that was applied last; None at the base."""
        return self._applied[-1] if self._applied else None

    def up_to(self, revision: str) -> None:
        """Upgrade to a revision and everything that it stands on, or to "head"."""
        __tracebackhide__ = True
        wanted = self._find(revision).id
        self._refuse_applied(wanted, "to")
        self._upgrade(self._missing(wanted))

    def up_to_heads(self) -> None:
        """Upgrade to all heads, as a deployment does."""
        __tracebackhide__ = True
        self._upgrade(self._waiting)

    def up_before(self, revision: str) -> None:
        """Upgrade to just before a revision: everything that it stands on, and not itself. `up_one` then takes it."""
        __tracebackhide__ = True
        wanted = self._find(revision).id
        if wanted in self._applied:
            raise ProofError(f"Cannot go up before {wanted}: the database has it already. Use down_to or down_one.")
        self._upgrade([name for name in self._missing(wanted) if name != wanted])
        self._next = wanted

    def up_one(self) -> None:
        """Upgrade by one revision: the one that `up_before` or `down_one` left, else the next of `alembic upgrade heads`."""
        __tracebackhide__ = True
        waiting = self._waiting
        if not waiting:
            raise ProofError("Cannot go up by one: the database is at the head. Go down first.")
        self._upgrade([self._next if self._next in waiting else waiting[0]])

    def down_one(self) -> None:
        """Downgrade by the revision that was applied last."""
        __tracebackhide__ = True
        if not self._applied:
            raise ProofError("Cannot go down by one: the database is at the base. Go up first.")
        self._downgrade(self._applied[-1:])

    def down_to(self, revision: str) -> None:
        """Downgrade until a revision is the last one applied, or to "base"."""
        __tracebackhide__ = True
        keep = 0
        if revision != "base":
            wanted = self._find(revision).id
            if wanted not in self._applied:
                raise ProofError(f"Cannot go down to {wanted}: the database is not above it. Use up_to.")
            keep = self._applied.index(wanted) + 1
        self._downgrade(self._applied[keep:][::-1])

    def insert_into(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert rows into a table as it is now ("users" or "schema.users"), and commit."""
        reflected = self.table(table)
        with self.engine.begin() as connection:
            for _columns, alike in itertools.groupby(rows, key=frozenset):
                connection.execute(insert(reflected), [dict(row) for row in alike])

    def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run one statement (":name" for a parameter) in a transaction of its own, and return its rows as dictionaries."""
        with self.engine.begin() as connection:
            result = connection.execute(text(sql), parameters)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    def table(self, name: str) -> Table:
        """Reflect a table as it is now ("users" or "schema.users")."""
        schema, _, own = name.rpartition(".")
        with warnings.catch_warnings(action="ignore", category=SAWarning):  # what it cannot reflect is not asked for
            return Table(own, MetaData(), schema=schema or None, autoload_with=self.engine)

    @property
    def _waiting(self) -> list[str]:
        return [revision.id for revision in self._history.revisions if revision.id not in self._applied]

    def _missing(self, revision: str) -> list[str]:
        wanted = {revision, *self._history.ancestors(revision)}
        return [name for name in self._waiting if name in wanted]

    def _find(self, name: str) -> Revision:
        revisions = self._history.revisions
        if name in {"head", "heads"}:
            return self._only_head()
        found = [r for r in revisions if r.id == name] or [
            r for r in revisions if r.id.startswith(name) or r.file.rpartition("/")[2].startswith(name)
        ]
        if len(found) != 1:
            many = "several revisions have" if found else "no revision has"
            raise ProofError(f'Cannot go to "{name}": {many} an id or a file that begins so. Give the whole id.')
        return found[0]

    def _only_head(self) -> Revision:
        heads = self._history.real_heads
        if len(heads) != 1:
            raise ProofError(f"Cannot go to the head: there are {len(heads)} ({', '.join(heads)}). Name one, or use up_to_heads.")
        return self._history[heads[0]]

    def _refuse_applied(self, revision: str, word: str) -> None:
        if revision in self._applied and revision != self.current:
            raise ProofError(f"Cannot go up {word} {revision}: the database is past it. Use down_to.")

    def _upgrade(self, revisions: list[str]) -> None:
        __tracebackhide__ = True
        taken = self._take(self._database, [(revision, Direction.UPGRADE) for revision in revisions])
        self._applied.extend(revisions[: taken.count])
        self._raise_failure(taken, revisions, Direction.UPGRADE)

    def _downgrade(self, revisions: list[str]) -> None:
        __tracebackhide__ = True
        steps: list[Step] = [(revision, Direction.DOWNGRADE) for revision in revisions]
        taken = self._take(self._database, steps)
        if taken.count:
            self._next = revisions[taken.count - 1]
            del self._applied[-taken.count :]
        self._raise_failure(taken, revisions, Direction.DOWNGRADE)

    def _raise_failure(self, taken: Taken, revisions: list[str], direction: Direction) -> None:
        __tracebackhide__ = True
        if taken.failure is not None:
            revision = revisions[taken.count]
            place = file_and_line(self._history, revision, taken.failure)
            raise MigrationError(f"{place} ({revision}, {direction}, {self.database}): {taken.failure.words}")


class Laboratory:
    """One server and one process for env.py, kept for a whole test session, from which tests get their databases."""

    def __init__(self, project: Project, name: str) -> None:
        with ExitStack() as ending:
            self._migrator = Migrator(project)  # it loads while the server starts
            ending.callback(self._migrator.close)
            self._server = open_server(name)
            ending.callback(self._server.close)
            self._history = self._migrator.history
            self._ending = ending.pop_all()

    def close(self) -> None:
        """End the process, drop every database and end the server."""
        self._migrator.close()  # first: nothing may be connected any more
        self._ending.close()

    @contextmanager
    def migration(self) -> Iterator[Migration]:
        """Give an empty database that stands at the base."""
        with self._dropped_afterwards(self._new_database()) as database:
            yield self._migration(database)

    @contextmanager
    def migrated_database(self) -> Iterator[Migration]:
        """Give a database of one's own at the head: a copy where the server can copy, else built anew."""
        copy = self._server.copy(self._at_head)
        if copy is None:
            with self.migration() as migration:
                migration.up_to_heads()
                yield migration
            return
        with self._dropped_afterwards(copy) as database:
            yield self._migration(database, applied=(revision.id for revision in self._history.revisions))

    @cached_property
    def _at_head(self) -> Database:
        database = self._new_database()
        try:
            self._migration(database).up_to_heads()
        except BaseException:
            self._server.drop(database)
            raise
        return database

    def _new_database(self) -> Database:
        database = self._server.create()
        self._migrator.prepare(database)
        return database

    def _migration(self, database: Database, applied: Iterable[str] = ()) -> Migration:
        return Migration(self._server.name, database, self._history, self._migrator.take, applied=applied)

    @contextmanager
    def _dropped_afterwards(self, database: Database) -> Iterator[Database]:
        try:
            yield database
        finally:
            self._server.drop(database)
