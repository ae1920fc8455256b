"""A scratch database that a team's own test moves through the history. Knows nothing of pytest."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import Engine, MetaData, NullPool, Table, create_engine, insert, text

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Database
from alembic_proof.errors import ProofError
from alembic_proof.experiments.place import Place
from alembic_proof.findings import Direction
from alembic_proof.history import History, Revision
from alembic_proof.migrate.host import load_history, natural_dialect
from alembic_proof.migrate.inside import Inside
from alembic_proof.project import Project


class MigrationError(AssertionError):
    """A revision failed in the test that took it; the message holds the database's own words."""


class Migration:
    """A database and where it stands in the history. The words of motion are those of pytest-alembic."""

    def __init__(self, place: Place, database: Database, *, applied: Iterable[str] = ()) -> None:
        self._place = place
        self._database = database
        self._applied = list(applied)
        self._next: str | None = None

    @cached_property
    def engine(self) -> Engine:
        """An engine of the test's own; it holds no connection between uses, so that migrations are never locked out."""
        return create_engine(self._database.url, poolclass=NullPool)

    @property
    def database(self) -> str:
        """The name of the database that the test runs on: "sqlite", "postgresql"."""
        return self._place.server.name

    @property
    def current(self) -> str | None:
        """The revision that was applied last; None at the base."""
        return self._applied[-1] if self._applied else None

    def up_to(self, revision: str) -> None:
        """Upgrade to a revision, or to "head"."""
        wanted = self._find(revision).id
        self._upgrade(self._missing(wanted))

    def up_to_heads(self) -> None:
        """Upgrade to all heads, as a deployment does."""
        self._upgrade([r.id for r in self._place.history.revisions if r.id not in self._applied])

    def up_before(self, revision: str) -> None:
        """Upgrade to just before a revision: everything that it stands on, and not itself."""
        target = self._find(revision)
        for parent in target.parents:
            self._upgrade(self._missing(parent))
        self._next = target.id

    def up_one(self) -> None:
        """Upgrade by one revision: the one that `up_before` named, else the next in the order of `alembic upgrade heads`."""
        waiting = [r.id for r in self._place.history.revisions if r.id not in self._applied]
        if not waiting:
            raise ProofError("Cannot go up by one: the database is at the head. Go down first.")
        self._upgrade([self._next if self._next in waiting else waiting[0]])

    def down_one(self) -> None:
        """Downgrade by the revision that was applied last."""
        if not self._applied:
            raise ProofError("Cannot go down by one: the database is at the base. Go up first.")
        self._take([(self._applied[-1], Direction.DOWNGRADE)])
        self._next = self._applied.pop()

    def down_to(self, revision: str) -> None:
        """Downgrade until a revision is the last one applied, or to "base"."""
        wanted = None if revision == "base" else self._find(revision).id
        while self.current != wanted:
            self.down_one()

    def insert_into(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert rows into a table as it is now ("users" or "schema.users")."""
        with self.engine.begin() as connection:
            connection.execute(insert(self.table(table)), list(rows))

    def rows(self, sql: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run one statement in a transaction of its own and return its rows as dictionaries."""
        with self.engine.begin() as connection:
            result = connection.execute(text(sql), parameters)
            return [dict(row) for row in result.mappings()] if result.returns_rows else []

    def table(self, name: str) -> Table:
        """Reflect a table as it is now."""
        schema, _, own = name.rpartition(".")
        return Table(own, MetaData(), schema=schema or None, autoload_with=self.engine)

    def _find(self, name: str) -> Revision:
        """A revision by its id, the beginning of its id, or the beginning of its file's name ("0003" for 0003_email.py)."""
        history = self._place.history
        if name in {"head", "heads"}:
            return history[history.heads[-1]]
        found = [r for r in history.revisions if r.id == name] or [
            r for r in history.revisions if r.id.startswith(name) or r.file.rpartition("/")[2].startswith(name)
        ]
        if len(found) != 1:
            many = "several revisions have" if found else "no revision has"
            raise ProofError(f'Cannot go to "{name}": {many} an id or a file of that name. Give the whole id.')
        return found[0]

    def _missing(self, revision: str) -> list[str]:
        wanted = {revision, *self._place.history.ancestors(revision)}
        return [r.id for r in self._place.history.revisions if r.id in wanted and r.id not in self._applied]

    def _upgrade(self, revisions: Sequence[str]) -> None:
        self._take([(revision, Direction.UPGRADE) for revision in revisions])
        self._applied.extend(revisions)

    def _take(self, steps: Iterable[tuple[str, Direction]]) -> None:
        def take_all(inside: Inside) -> None:
            for revision, direction in steps:
                if failure := inside.take(revision, direction):
                    file = self._place.history[revision].file
                    at = f"{file}:{failure.line}" if failure.line else file
                    raise MigrationError(f"{at} ({revision}, {direction}, {self.database}): {failure.words}")

        if steps:
            self._place.inside_env_py(self._database, take_all)


class Laboratory:
    """One server, kept open for a whole test session, on which tests get their databases."""

    def __init__(self, project: Project, name: str) -> None:
        history: History = load_history(project)
        self._place = Place(project, history, open_server(name), natural_dialect(project), lambda _phase, _doing: None)

    def close(self) -> None:
        """Drop every database and end the server."""
        self._place.server.close()

    @contextmanager
    def migration(self) -> Iterator[Migration]:
        """Give an empty database that stands at the base."""
        with self._place.temporary_database() as database:
            migration = Migration(self._place, database)
            yield migration
            migration.engine.dispose()

    @contextmanager
    def migrated_database(self) -> Iterator[Migration]:
        """Give a database of one's own at the head: a copy where the server can copy, else built anew."""
        server = self._place.server
        database = server.copy(self._at_head)
        if database is None:
            with self.migration() as migration:
                migration.up_to_heads()
                yield migration
            return
        migration = Migration(self._place, database, applied=(revision.id for revision in self._place.history.revisions))
        try:
            yield migration
        finally:
            migration.engine.dispose()
            server.drop(database)

    @cached_property
    def _at_head(self) -> Database:
        database = self._place.new_database()
        Migration(self._place, database).up_to_heads()
        return database

