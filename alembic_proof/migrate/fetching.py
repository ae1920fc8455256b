"""Queries of our own on env.py's connection: on the driver's cursor, where no listener to the engine's statements sees them."""

from collections.abc import Iterator, Sequence
from typing import Any

from alembic.runtime.migration import MigrationContext

from alembic_proof.schema.snapshot import Fetch


def fetch_on(context: MigrationContext) -> Fetch:
    """Make the Fetch that speaks through a context's connection."""
    dialect = context.dialect
    return _Psycopg(context) if dialect.driver == "psycopg" and not dialect.is_async else _Driver(context)


class _Driver:
    """Any driver that follows PEP 249."""

    def __init__(self, context: MigrationContext) -> None:
        self._context = context

    def __call__(self, sql: str) -> Sequence[tuple[Any, ...]]:
        cursor = self._cursor()
        try:
            cursor.execute(sql)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        finally:
            cursor.close()

    def _cursor(self) -> Any:
        connection = self._context.connection
        assert connection is not None, "only offline contexts have no connection"
        return connection.connection.cursor()


class _Psycopg(_Driver):
    """Psycopg 3, which sends several statements in one text, and gives the rows of each.

    It would prepare a text that comes again, a migration's own, too, and say DEALLOCATE ALL at the next rollback or ALTER, which
    takes back what we have prepared: so on this connection it prepares none. Its `description` makes an object for every column
    at every query; `rownumber` tells as well whether there are rows.
    """

    def __init__(self, context: MigrationContext) -> None:
        super().__init__(context)
        with self._cursor() as cursor:
            cursor.connection.prepare_threshold = None

    def __call__(self, sql: str) -> Sequence[tuple[Any, ...]]:
        with self._cursor() as cursor:
            cursor.execute(sql, prepare=False)
            return cursor.fetchall() if cursor.rownumber is not None else ()

    def several(self, statements: Sequence[str]) -> Sequence[Sequence[tuple[Any, ...]]]:
        """Run statements in one trip to the server; return the rows of those that have rows."""
        with self._cursor() as cursor:
            cursor.execute(";".join(statements), prepare=False)
            return list(_rows_of_each(cursor))


def _rows_of_each(cursor: Any) -> Iterator[Sequence[tuple[Any, ...]]]:
    while True:
        if cursor.rownumber is not None:
            yield cursor.fetchall()
        if not cursor.nextset():
            return
