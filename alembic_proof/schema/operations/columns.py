"""Columns for Alembic's operations, from the properties that a reader states."""

import re
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Column, Computed, Identity

from alembic_proof.schema.operations.code import to_render
from alembic_proof.schema.operations.types import StatedType, type_of
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]

_IDENTITY = re.compile(
    r"(?P<mode>ALWAYS|BY DEFAULT) \(START (?P<start>-?\d+) INCREMENT (?P<increment>-?\d+) MINVALUE (?P<minimum>-?\d+)"
    r" MAXVALUE (?P<maximum>-?\d+) CACHE (?P<cache>\d+)(?P<cycle> CYCLE)?\)"
)
_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}
_SIMPLE_DEFAULT = re.compile(r"[xX]?'(?:[^']|'')*'|[+-]?[\w.]+|\"[^\"]*\"")


def column(key: Key, properties: Properties, kind: str, *, in_primary_key: bool = False) -> Column[Any]:
    """Make the column. `in_primary_key` keeps SQLAlchemy from giving it a serial's or an AUTO_INCREMENT's behaviour unasked."""
    arguments: list[Any] = []
    default = properties.get("default")
    identity = identity_of(properties)
    extra = str(properties.get("extra") or "").lower()
    if isinstance(generated := properties.get("generated"), str):
        expression, _, stored = generated.rpartition(" ")
        arguments.append(Computed(to_render(without_outer_parentheses(expression)), persisted=stored == "STORED"))
    elif identity is not None:
        arguments.append(identity)
    options: dict[str, Any] = {}
    if default is None and "on update" in extra:
        default = "NULL"
    if default is not None:
        options["server_default"] = server_default(str(default), kind, extra)
    if kind == "sqlite" and properties.get("on_conflict"):
        options["sqlite_on_conflict_not_null"] = properties["on_conflict"]
    if in_primary_key and options.get("server_default") is None and identity is None:
        options["autoincrement"] = "auto_increment" in extra
    return Column(
        key.name,
        column_type(properties, kind),
        *arguments,
        nullable=bool(properties["nullable"]),
        comment=_text(properties.get("comment")),
        **options,
    )


def column_type(properties: Properties, kind: str) -> Any:
    """Make the type; one that SQLAlchemy cannot make in full stands as the database states it."""
    made = type_of(str(properties["type"]), kind, _text(properties.get("collation")))
    if "INVISIBLE" in str(properties.get("extra") or "").upper():
        return StatedType(f"{properties['type']} INVISIBLE")
    return made


def server_default(default: str, kind: str, extra: str = "") -> sa.TextClause:
    """Write a default as DDL takes it: SQLite and MySQL want an expression in parentheses."""
    if "on update" in extra:
        return to_render(f"{default} {extra[extra.index('on update') :].split(',', maxsplit=1)[0].upper()}")
    if kind == "sqlite" and not _SIMPLE_DEFAULT.fullmatch(default):
        return to_render(f"({default})")
    return to_render(default)


def identity_of(properties: Properties) -> Identity | None:
    """Make an Identity that says only what differs from the server's own choice."""
    match = _IDENTITY.fullmatch(str(properties.get("identity")))
    if match is None:
        return None
    options: dict[str, Any] = {name: int(match[name]) for name in ("start", "increment", "cache")}
    options = {name: value for name, value in options.items() if value != 1}
    if int(match["minimum"]) != 1:
        options["minvalue"] = int(match["minimum"])
    if int(match["maximum"]) != _LARGEST.get(str(properties["type"])):
        options["maxvalue"] = int(match["maximum"])
    if match["cycle"]:
        options["cycle"] = True
    return Identity(always=match["mode"] == "ALWAYS", **options)


def without_outer_parentheses(expression: str) -> str:
    """Drop the pair that PostgreSQL puts around every expression; SQLAlchemy puts its own."""
    if not (expression.startswith("(") and expression.endswith(")")):
        return expression
    depth, in_string = 0, False
    for position, sign in enumerate(expression):
        in_string ^= sign == "'"
        if not in_string:
            depth += (sign == "(") - (sign == ")")
        if depth == 0 and position < len(expression) - 1:
            return expression
    return expression[1:-1]


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
