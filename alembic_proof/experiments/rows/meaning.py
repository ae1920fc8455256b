"""Values compared by what they mean: 1.50 and 1.5, a document's keys in another order, one moment written in two ways."""

import json
import math
from collections.abc import Hashable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from alembic_proof.rows.literals import shown
from alembic_proof.rows.tables import Column
from alembic_proof.rows.types import taken_apart

_NUMBERS = (
    "smallint", "integer", "bigint", "numeric", "decimal", "real", "double precision", "double", "float", "int", "tinyint",
    "mediumint", "money",
)  # fmt: skip
_MOMENTS = ("timestamp", "datetime")


def meaning(cell: Any, column: Column) -> Hashable:
    """Return the same for two cells that mean the same in columns of such a type."""
    match cell:
        case None:
            found: Hashable = None
        case bytes() | bytearray() | memoryview():
            found = "bytes", bytes(cell)
        case bool() | int() | float() | Decimal():
            found = _number(cell)
        case datetime() | date() | time() | timedelta():
            found = "moment", str(cell)
        case _:
            found = _meaning_of_text(str(cell), column)
    return found


def _meaning_of_text(text: str, column: Column) -> Hashable:
    name = taken_apart(column.type).name
    if name in ("json", "jsonb"):
        return _document(text)
    if name.removesuffix(" unsigned") in _NUMBERS:
        return _number(text)
    if name.startswith(_MOMENTS):
        return _moment(text)
    return "text", text


def written(cell: Any, column: Column) -> str:
    """Write a cell for a person, as SQL."""
    if isinstance(cell, str) and taken_apart(column.type).name.removesuffix(" unsigned") in _NUMBERS:
        return cell
    if cell is None or isinstance(cell, bool | int | float | Decimal | str | bytes):
        return shown(cell)
    return shown(bytes(cell)) if isinstance(cell, bytearray | memoryview) else shown(str(cell))


def _number(number: Any) -> Hashable:
    try:
        exact = Decimal(repr(number) if isinstance(number, float) else int(number) if isinstance(number, bool) else number)
    except InvalidOperation:
        return "text", str(number)
    if not exact.is_finite() or math.isnan(exact):
        return "number", str(exact)
    return "number", exact.as_integer_ratio()


def _document(text: str) -> Hashable:
    try:
        return "document", json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return "text", text


def _moment(text: str) -> Hashable:
    try:
        moment = datetime.fromisoformat(text)
        # Sessions speak UTC: a column that gains or loses its time zone holds the same moments.
        return "moment", (moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment).isoformat()
    except (ValueError, OverflowError):
        return "text", text
