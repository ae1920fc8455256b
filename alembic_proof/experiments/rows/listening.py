"""What an upgrade says to the database, from where in its file, and how many rows it gets back at once."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, event

from alembic_proof.experiments.spots import spot_of
from alembic_proof.migrate.plain import is_question
from alembic_proof.spot import Spot

_WORD = re.compile(r"\w+")
_BOUND = re.compile(r"\b(LIMIT|FETCH|TOP|BETWEEN)\b", re.IGNORECASE)
_MORE_THAN_A_DRIVER_HOLDS = 2**31
_MOST = 500


class Said(msgspec.Struct):
    """One statement. `rows` is how many rows of its answer the process held at once, as far as the driver tells.

    `is_bounded` says that it asks for a part, or that its answer is read in parts.
    """

    spot: Spot
    words: frozenset[str]
    rows: int = 0
    is_bounded: bool = False


@contextmanager
def listening(connection: Connection, file: Path) -> Iterator[list[Said]]:
    """Listen to the statements of a step, the first ones of very many; `file` is the revision's."""
    said: list[Said] = []
    counted = _CountedRows(connection)

    def before(_connection: Any, _cursor: Any, _statement: str, *_rest: Any) -> None:
        counted.close_stretch()

    def after(_connection: Any, cursor: Any, statement: str, _parameters: Any, context: Any, *_rest: Any) -> None:
        if len(said) >= _MOST or is_question(statement):
            return
        options = context.execution_options if context is not None else {}
        is_in_parts = bool(options.get("yield_per") or options.get("stream_results"))
        one = Said(
            spot_of(statement, file),
            frozenset(_WORD.findall(statement)),
            is_bounded=is_in_parts or bool(_BOUND.search(statement)),
        )
        said.append(one)
        if cursor.description:
            one.rows = _rows_held(cursor)
            counted.open_stretch(one)

    event.listen(connection, "before_cursor_execute", before)
    event.listen(connection, "after_cursor_execute", after)
    try:
        with counted:
            yield said
    finally:
        event.remove(connection, "before_cursor_execute", before)
        event.remove(connection, "after_cursor_execute", after)


def _rows_held(cursor: Any) -> int:
    """How many rows of an answer the driver holds already: all of them, unless the cursor stays on the server's side."""
    count = getattr(cursor, "rowcount", 0)
    return count if isinstance(count, int) and 0 < count < _MORE_THAN_A_DRIVER_HOLDS else 0


class _CountedRows:
    """SQLite gives row by row: counted is what is fetched between two statements."""

    def __init__(self, connection: Connection) -> None:
        driver = connection.connection.driver_connection
        self._driver = driver if connection.dialect.name == "sqlite" else None
        self._own_factory: Any = None
        self._count = 0
        self._of: Said | None = None

    def __enter__(self) -> None:
        if self._driver is not None:
            self._own_factory = self._driver.row_factory
            self._driver.row_factory = self._row

    def __exit__(self, *_error: object) -> None:
        self.close_stretch()
        if self._driver is not None:
            self._driver.row_factory = self._own_factory

    def open_stretch(self, said: Said) -> None:
        self._of, self._count = said, 0

    def close_stretch(self) -> None:
        if self._of is not None:
            self._of.rows = max(self._of.rows, self._count)
        self._count = 0

    def _row(self, cursor: Any, row: Any) -> Any:
        self._count += 1
        return row if self._own_factory is None else self._own_factory(cursor, row)
