"""Add, drop and change columns where ALTER TABLE can."""

from collections.abc import Iterator, Mapping
from typing import Any

from alembic.operations.ops import AddColumnOp, AlterColumnOp, DropColumnOp
from sqlalchemy import DefaultClause

from alembic_proof.schema.operations import phases
from alembic_proof.schema.operations.code import Step, execute, qualified, quoted, rendered, statements_of
from alembic_proof.schema.operations.columns import column, column_type, server_default
from alembic_proof.schema.operations.constraints import check_text
from alembic_proof.schema.operations.settings import column_settings
from alembic_proof.schema.operations.statements import create_sequence, own_sequence
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]
Objects = Mapping[Key, Properties]

_BY_ALEMBIC = frozenset({"type", "nullable", "default", "comment", "identity", "collation"})


def add_column(key: Key, properties: Properties, parts: Objects, kind: str) -> Iterator[Step]:
    """Add a column, with the sequence or the check that is its own."""
    sequences = {part: own for part, own in parts.items() if part.kind == "sequence"}
    checks = [own for part, own in parts.items() if part.kind == "check"]
    for part, own in sequences.items():
        yield Step(phases.CREATE_SEQUENCE, execute(create_sequence(part, own, kind)))
    added = {**properties, "nullable": True} if properties.get("not_null") else properties
    operation = AddColumnOp(str(key.table), column(key, added, kind), schema=key.schema)
    if checks:
        [statement] = statements_of(operation, kind)
        yield Step(phases.AFTER_TABLES, execute(f"{statement.rstrip(';')} CHECK ({check_text(checks[0])})"))
    else:
        yield Step(phases.AFTER_TABLES, rendered([operation], kind))
    for part, own in sequences.items():
        yield Step(phases.ALTER_COLUMN, execute(own_sequence(part, own, kind)))
    if kind == "postgresql":
        for statement in column_settings(key, properties, None):
            yield Step(phases.TABLE_SETTINGS, execute(statement))


def drop_column(key: Key, kind: str) -> Iterator[Step]:
    """Drop a column."""
    yield Step(phases.DROP_COLUMN, rendered([DropColumnOp(str(key.table), key.name, schema=key.schema)], kind))


def rename_column(key: Key, actual_name: str, properties: Properties, kind: str) -> Iterator[Step]:
    """Give a column its expected name."""
    operation = AlterColumnOp(
        str(key.table),
        actual_name,
        schema=key.schema,
        modify_name=key.name,
        **(_existing(properties, kind) if kind != "sqlite" else {}),
    )
    yield Step(phases.RENAME, rendered([operation], kind))


def change_column(key: Key, expected: Properties, actual: Properties, parts: Objects, kind: str) -> Iterator[Step]:
    """Change a column in place; a generated column, which cannot be changed, is dropped and added."""
    differs = {name for name in {*expected, *actual} - {"position"} if expected.get(name) != actual.get(name)}
    if "generated" in differs:
        yield from drop_column(key, kind)
        yield from add_column(key, expected, {}, kind)
        return
    if kind in ("mariadb", "mysql") and differs - _BY_ALEMBIC:
        yield Step(phases.ALTER_COLUMN, execute(_modify(key, expected, kind)))
        return
    for part, own in parts.items():
        if expected["default"] is not None and part.name in str(expected["default"]):
            yield Step(phases.CREATE_SEQUENCE, execute(create_sequence(part, own, kind)))
            yield Step(phases.ALTER_COLUMN, execute(own_sequence(part, own, kind)))
        else:
            yield Step(phases.TABLE_SETTINGS, execute(f"DROP SEQUENCE {qualified(part.schema, part.name, kind)}"))
    yield from _altered(key, expected, actual, differs - ({"nullable"} if "not_null" in differs else set()), kind)
    if kind == "postgresql":
        for statement in column_settings(key, expected, actual):
            yield Step(phases.TABLE_SETTINGS, execute(statement))


def alter_operation(key: Key, expected: Properties, actual: Properties, differs: set[str], kind: str) -> AlterColumnOp:
    """Make the operation with all that changes at once."""
    options: dict[str, Any] = {}
    if differs & {"type", "collation"}:
        options["modify_type"] = column_type(expected, kind)
    if "nullable" in differs:
        options["modify_nullable"] = bool(expected["nullable"])
    if "default" in differs:
        default = expected["default"]
        # A DefaultClause is what Alembic renders in full; of a bare text it writes the SQL without a call around it.
        options["modify_server_default"] = None if default is None else DefaultClause(server_default(str(default), kind))
    if "comment" in differs:
        options["modify_comment"] = expected["comment"]
    existing = _existing(actual, kind)
    return AlterColumnOp(str(key.table), key.name, schema=key.schema, **{**existing, **options})


def _altered(key: Key, expected: Properties, actual: Properties, differs: set[str], kind: str) -> Iterator[Step]:
    known = differs & _BY_ALEMBIC
    if not known:
        return
    if "identity" in known:
        # Alembic compares two Identity objects, and the column knows only one; one statement says it plainly.
        table, name = qualified(key.schema, str(key.table), kind), quoted(key.name, kind)
        clause = _identity_clause(expected, actual)
        yield Step(phases.TABLE_SETTINGS, execute(f"ALTER TABLE {table} ALTER COLUMN {name} {clause}"))
        known -= {"identity"}
    if not known:
        return
    if kind == "postgresql" and known & {"type", "collation"}:
        yield from _retyped(key, expected, actual, known)
        return
    operation = alter_operation(key, expected, actual, known, kind)
    yield Step(phases.ALTER_COLUMN, rendered([operation], kind))


def _retyped(key: Key, expected: Properties, actual: Properties, differs: set[str]) -> Iterator[Step]:
    """Change the type with its USING, and put the default aside while the type changes: it may not convert."""
    table, name = qualified(key.schema, str(key.table), "postgresql"), quoted(key.name, "postgresql")
    if actual["default"] is not None:
        yield Step(phases.ALTER_COLUMN, execute(f"ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT"))
    using = converted(name, expected, actual)
    operation = AlterColumnOp(
        str(key.table),
        key.name,
        schema=key.schema,
        existing_type=column_type(actual, "postgresql"),
        modify_type=column_type(expected, "postgresql"),
        modify_nullable=bool(expected["nullable"]) if "nullable" in differs else None,
        modify_comment=_text(expected["comment"]) if "comment" in differs else False,
    )
    code = rendered([operation], "postgresql")
    if code.startswith("op.execute") or "import" in code:
        collate = f' COLLATE "{expected["collation"]}"' if expected["collation"] else ""
        statement = f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {expected['type']}{collate} USING {using}"
        yield Step(phases.ALTER_COLUMN, execute(statement))
        rest = differs - {"type", "collation", "default"}
        if rest:
            yield Step(phases.ALTER_COLUMN, rendered([alter_operation(key, expected, actual, rest, "postgresql")], "postgresql"))
    else:
        yield Step(phases.ALTER_COLUMN, f"{code[:-1]},\n           postgresql_using={using!r})")
    if expected["default"] is not None:
        statement = f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {expected['default']}"
        yield Step(phases.ALTER_COLUMN, execute(statement))


def converted(name: str, expected: Properties, actual: Properties) -> str:
    """Write a column of PostgreSQL as a value of the expected type."""
    return f"{name}::text::{expected['type']}" if _needs_text(expected, actual) else f"{name}::{expected['type']}"


def _needs_text(expected: Properties, actual: Properties) -> bool:
    """Say whether one type reaches the other only by way of its text: booleans, enums and the like."""
    numbers = ("integer", "bigint", "smallint", "numeric", "real", "double precision")
    both = (str(expected["type"]), str(actual["type"]))
    return not all(type_.startswith(numbers) for type_ in both) and not all(
        type_.startswith(("timestamp", "date")) for type_ in both
    )


def _existing(properties: Properties, kind: str) -> dict[str, Any]:
    existing: dict[str, Any] = {"existing_type": column_type(properties, kind)}
    existing["existing_nullable"] = bool(properties["nullable"])
    if kind in ("mariadb", "mysql"):
        if properties["default"] is not None:
            existing["existing_server_default"] = DefaultClause(server_default(str(properties["default"]), kind))
        if properties["comment"] is not None:
            existing["existing_comment"] = properties["comment"]
        if "auto_increment" in str(properties["extra"]):
            existing["autoincrement"] = True
    return existing


def _modify(key: Key, expected: Properties, kind: str) -> str:
    """Write MariaDB's MODIFY with the column's whole definition, as ADD COLUMN would have it."""
    added = AddColumnOp(str(key.table), column(key, expected, kind))
    [statement] = statements_of(added, kind)
    statement = statement.rstrip(";").replace(" ADD COLUMN ", " MODIFY COLUMN ", 1)
    return statement + (" AUTO_INCREMENT" if "auto_increment" in str(expected["extra"]) else "")


def change_own_check(key: Key, properties: Properties, check: Properties | None, kind: str) -> Iterator[Step]:
    """Give a column of MariaDB its own check, or take it away: only the column's whole definition does."""
    clause = "" if check is None else f" CHECK ({check_text(check)})"
    yield Step(phases.ALTER_COLUMN, execute(_modify(key, properties, kind) + clause))


def _identity_clause(expected: Properties, actual: Properties) -> str:
    if not expected["identity"]:
        return "DROP IDENTITY"
    mode, _, parameters = str(expected["identity"]).removesuffix(")").partition(" (")
    if not actual["identity"]:
        return f"ADD GENERATED {mode} AS IDENTITY ({parameters})"
    words = parameters.removesuffix(" CYCLE").split(" ")
    settings = [f"SET {name} {value}" for name, value in zip(words[::2], words[1::2], strict=True)]
    settings.append("SET CYCLE" if parameters.endswith(" CYCLE") else "SET NO CYCLE")
    return " ".join((f"SET GENERATED {mode}", *settings))


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
