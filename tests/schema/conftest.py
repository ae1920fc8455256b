"""Scratch databases to draw schemas in, look at them, and run pasted code on them."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import cache

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Database, Server, Unavailable
from alembic_proof.schema.diff import Difference, compare
from alembic_proof.schema.operations import settle_all
from alembic_proof.schema.snapshot import Fetch, Snapshot

DATABASES = ("sqlite", "postgresql", "postgresql:16", "mariadb")


class Sheet:
    """One scratch database with a schema in it."""

    def __init__(self, server: Server, database: Database) -> None:
        self.server, self.database = server, database
        self.engine = sa.create_engine(database.url, poolclass=sa.NullPool)
        self._open = ExitStack()
        self._fetch: Fetch | None = None
        self._seen: Snapshot | None = None
        self._look_again = server.looks()

    @property
    def kind(self) -> str:
        return self.server.kind

    def draw(self, statements: str | Sequence[str]) -> "Sheet":
        """Run statements, given as a list or as a text with a semicolon at the end of each line."""
        if isinstance(statements, str):
            statements = [part.strip() for part in statements.strip().rstrip(";").split(";\n")]
        self._seen = None
        self.database.run_script([statement for statement in statements if statement])
        return self

    def look(self) -> Snapshot:
        """Read the schema over a connection of its own; a look that goes on from the last one sees the same."""
        with self.database.connect() as fetch:
            seen = self.server.read(fetch)
            assert self._look_again(fetch) == seen
            return seen

    def paste(self, code: str, metadata: sa.MetaData | None = None) -> None:
        """Run code in a migration, as Alembic would with the project's metadata."""
        self._seen = None
        with self.engine.connect() as connection:
            operations = Operations(MigrationContext.configure(connection, opts={"target_metadata": metadata}))
            exec(code, {"op": operations, "sa": sa})  # noqa: S102 - the code under test is Python to paste
            connection.commit()

    def settle(self, expected: Snapshot) -> tuple[Difference, ...]:
        """Make the database as expected with the code that its difference prints, and tell what still differs.

        What was seen last still holds, when nothing was drawn or pasted since.
        """
        self.paste(settle_all(compare(expected, self._seen or self.look()), self.kind))
        return compare(expected, self.look())

    def close(self) -> None:
        """End the connections, and drop the database."""
        self._open.close()
        self.engine.dispose()
        self.server.drop(self.database)


@pytest.fixture(scope="session")
def opened() -> Iterator[Callable[[str], Server]]:
    """Opens each server once; skips what the machine does not have."""
    with ExitStack() as stack:

        @cache
        def open_once(name: str) -> Server:
            return stack.enter_context(closing(open_server(name)))

        def open_or_skip(name: str) -> Server:
            try:
                return open_once(name)
            except Unavailable as why:
                pytest.skip(f"not proved: {why}")

        yield open_or_skip


@pytest.fixture
def new_sheet(opened: Callable[[str], Server]) -> Iterator[Callable[[str], Sheet]]:
    """Makes empty scratch databases, and drops them after the test."""
    sheets: list[Sheet] = []

    def make(name: str) -> Sheet:
        server = opened(name)
        sheets.append(Sheet(server, server.create()))
        return sheets[-1]

    yield make
    for sheet in sheets:
        sheet.close()
