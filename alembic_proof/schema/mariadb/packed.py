"""Rows of information_schema, packed by the server: its drivers take longer to unpack a row than the server to find it."""

from collections.abc import Sequence
from typing import Any

from alembic_proof.schema.snapshot import Fetch

Row = tuple[str | None, ...]

_FIELD, _NULL, _ROW = "\x01", "\x02", "\x03"
"""Signs that stand in no name and in no comment; where one does, the counts tell, and the rows come as they are."""

_PACKED = """
SET STATEMENT group_concat_max_len = 16777216 FOR
SELECT COUNT(*), GROUP_CONCAT(CONCAT_WS('{field}', {values}) {order} SEPARATOR '{row}') FROM information_schema.{source}
GROUP BY CRC32({group}) MOD 64"""
_PLAIN = "SELECT {values} FROM information_schema.{source}"


def text(value: Any) -> str | None:
    """Drivers give some of information_schema's texts as bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes | bytearray) else None if value is None else str(value)


def rows(fetch: Fetch, columns: Sequence[str], source: str, *, order: int | None = None, is_mariadb: bool = True) -> list[Row]:
    """Read columns from a table of information_schema with its WHERE. The first is a table's name; `order` is a number's place.

    The rows of one table come in that order. Every value is a text, as it is in SQL.
    """
    if is_mariadb:
        found = _packed(fetch, columns, source, order)
        if found is not None:
            return found
    plain = [tuple(map(text, row)) for row in fetch(_PLAIN.format(values=", ".join(columns), source=source))]
    return plain if order is None else sorted(plain, key=lambda row: int(row[order] or 0))


def _packed(fetch: Fetch, columns: Sequence[str], source: str, order: int | None) -> list[Row] | None:
    query = _PACKED.format(
        field=_FIELD,
        row=_ROW,
        values=", ".join(f"COALESCE({column}, '{_NULL}')" for column in columns),
        order="" if order is None else f"ORDER BY {columns[order]}",
        source=source,
        group=columns[0],
    )
    found: list[Row] = []
    for count, told in fetch(query):
        told = text(told) or ""  # noqa: PLW2901 - the same value, as text
        if told.count(_ROW) != count - 1 or told.count(_FIELD) != count * (len(columns) - 1):
            return None
        found += [tuple([None if value == _NULL else value for value in line.split(_FIELD)]) for line in told.split(_ROW)]
    return found
