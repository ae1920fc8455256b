"""Values and names as SQL text, for each kind of database."""

import math
from decimal import Decimal

Value = None | bool | int | float | Decimal | str | bytes | list["Value"]
"""What a cell holds. Times, documents, addresses and the like are given as the text that the database takes for them."""


def literal(value: Value, kind: str) -> str:
    """Write a value as SQL that `kind` ("sqlite", "postgresql", "mariadb" or "mysql") takes for a column of a fitting type."""
    match value:
        case None:
            written = "NULL"
        case bool():
            written = str(int(value)) if kind == "sqlite" else str(value).upper()
        case float():
            written = _float(value, kind)
        case int():
            written = str(value)
        case Decimal():
            written = f"{value:f}" if value.is_finite() else f"'{value}'"
        case bytes():
            written = f"'\\x{value.hex()}'" if kind == "postgresql" else f"X'{value.hex()}'"
        case list():
            written = _text(_array(value), kind)
        case _:
            written = _text(value, kind)
    return written


def identifier(name: str, kind: str) -> str:
    """Put a name into quotes; a schema and its table each into their own."""
    mark = "`" if kind in ("mariadb", "mysql") else '"'
    return mark + name.replace(mark, mark * 2) + mark


def shown(value: Value, longest: int = 40) -> str:
    """Write a value for a person: SQL's form, a long one cut with its length told."""
    if isinstance(value, str | bytes) and len(value) > longest:
        unit = "bytes" if isinstance(value, bytes) else "characters"
        return f"{shown(value[:8])[:-1]}...' ({len(value)} {unit})"
    written = literal(value, "postgresql" if isinstance(value, bool | list) else "sqlite")
    return written if written.isprintable() else "".join(one if one.isprintable() else repr(one)[1:-1] for one in written)


def _float(value: float, kind: str) -> str:
    if math.isfinite(value):
        return repr(value)
    if kind == "postgresql":
        return "'NaN'" if math.isnan(value) else f"'{'-' if value < 0 else ''}Infinity'"
    return "NULL" if math.isnan(value) else f"{'-' if value < 0 else ''}9e999"


def _text(value: str, kind: str) -> str:
    if kind in ("mariadb", "mysql") and "\\" in value:  # whether a backslash escapes depends on sql_mode
        return f"CONVERT(X'{value.encode().hex()}' USING utf8mb4)"
    return "'" + value.replace("'", "''") + "'"


def _array(values: list[Value]) -> str:
    return "{" + ",".join(_element(value) for value in values) + "}"


def _element(value: Value) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return _array(value)
    text = f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
