"""Make and drop whole tables."""

from collections.abc import Iterator, Mapping
from typing import Any

from alembic.operations.ops import CreateTableOp, DropTableOp

from alembic_proof.schema.operations import phases
from alembic_proof.schema.operations.code import Step, execute, qualified, quoted, rendered
from alembic_proof.schema.operations.columns import column, identity_of
from alembic_proof.schema.operations.constraint_steps import create_part, set_up_part
from alembic_proof.schema.operations.constraints import for_both, foreign_key, names, table_constraint
from alembic_proof.schema.operations.settings import column_settings
from alembic_proof.schema.operations.statements import comment_on, create_sequence, own_sequence, table_settings
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]
Objects = Mapping[Key, Properties]

_INSIDE = ("column", "primary key", "unique", "check")
_SERIAL = {"integer": 2**31 - 1, "bigint": 2**63 - 1, "smallint": 2**15 - 1}


def create_table(key: Key, properties: Properties, parts: Objects, kind: str) -> Iterator[Step]:
    """Make a table with all its parts; foreign keys come after every table is there."""
    serial = _serial_columns(key, parts)
    for part, own in parts.items():
        if part.kind == "sequence" and part not in serial.values():
            yield Step(phases.CREATE_SEQUENCE, execute(create_sequence(part, own, kind)))
            yield Step(phases.AFTER_TABLES, execute(own_sequence(part, own, kind)))
    yield from _create_itself(key, properties, parts, serial, kind)
    for part, own in parts.items():
        if part.kind == "foreign key" and (kind != "sqlite"):
            yield from create_part(part, own, kind)
        elif part.kind in _INSIDE and (part.kind == "column" or table_constraint(part, own, kind) is not None):
            if kind == "postgresql":
                yield from _set_up(part, own)
        elif part.kind not in ("sequence", "foreign key"):
            yield from create_part(part, own, kind)
    for statement in table_settings(key, properties, None, kind):
        yield Step(phases.TABLE_SETTINGS, execute(statement))


def _create_itself(key: Key, properties: Properties, parts: Objects, serial: Mapping[Key, Key], kind: str) -> Iterator[Step]:
    if properties.get("foreign"):
        yield Step(phases.CREATE_TABLE, execute(_foreign_table(key, properties, parts)))
        commented = {own: told for own, told in {key: properties, **parts}.items() if own.kind in ("table", "column")}
        yield from (Step(phases.COMMENT, execute(comment_on(own, told))) for own, told in commented.items() if told["comment"])
    elif properties.get("partition_bound"):
        yield Step(phases.CREATE_PARTITION, execute(_partition(key, properties)))
    else:
        yield Step(phases.CREATE_TABLE, rendered([create_operation(key, properties, parts, serial, kind)], kind))


def _set_up(part: Key, properties: Properties) -> Iterator[Step]:
    """Set for a part of a new table of PostgreSQL what CREATE TABLE did not."""
    if part.kind != "column":
        yield from set_up_part(part, properties)
        return
    for statement in column_settings(part, {**properties, "foreign_options": None}, None):
        yield Step(phases.TABLE_SETTINGS, execute(statement))


def drop_table(key: Key, properties: Properties, parts: Objects, kind: str) -> Iterator[Step]:
    """Drop a table, its foreign keys first: another table that goes with it may refer to it and be referred to."""
    if properties.get("foreign"):
        yield Step(phases.DROP_TABLE, execute(f"DROP FOREIGN TABLE {qualified(key.schema, key.name, kind)}"))
        return
    for part in parts:
        if part.kind == "foreign key" and kind != "sqlite":
            table, constraint = qualified(key.schema, key.name, kind), quoted(part.name, kind)
            yield Step(phases.DROP_FOREIGN_KEY, execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}"))
    yield Step(phases.DROP_TABLE, rendered([DropTableOp(key.name, schema=key.schema)], kind))


def create_operation(key: Key, properties: Properties, parts: Objects, serial: Mapping[Key, Key], kind: str) -> CreateTableOp:
    """Make the operation, with what belongs inside CREATE TABLE; `serial` are the columns that SERIAL makes."""
    primary = next((names(own["columns"]) for part, own in parts.items() if part.kind == "primary key"), [])
    columns = sorted((part for part in parts if part.kind == "column"), key=lambda part: _position(parts[part]))
    elements: list[Any] = []
    for part in columns:
        own = parts[part]
        if part in serial:
            made = column(part, {**own, "default": None}, kind)
            made.autoincrement = True
        else:
            made = column(part, own, kind, in_primary_key=part.name in primary)
        elements.append(made)
    for part, own in parts.items():
        constraint = table_constraint(part, own, kind) if part.kind in _INSIDE[1:] else None
        if constraint is not None:
            elements.append(constraint)
        elif part.kind == "foreign key" and kind == "sqlite":
            elements.append(foreign_key(part, own, kind))
    return CreateTableOp(key.name, elements, schema=key.schema, comment=_comment(properties), **table_options(properties, kind))


def table_options(properties: Properties, kind: str) -> dict[str, Any]:
    """Say what the dialect has options for."""
    options: dict[str, Any] = {}
    if kind == "sqlite":
        if properties["without_rowid"]:
            options["sqlite_with_rowid"] = False
        if properties["strict"]:
            options["sqlite_strict"] = True
        if properties["autoincrement"]:
            options["sqlite_autoincrement"] = True
    elif kind == "postgresql":
        if properties.get("partition_by"):
            options["postgresql_partition_by"] = properties["partition_by"]
        if properties.get("inherits"):
            options["postgresql_inherits"] = names(properties["inherits"])
        if properties.get("unlogged"):
            options["prefixes"] = ["UNLOGGED"]
        if properties.get("access_method"):
            options["postgresql_using"] = properties["access_method"]
    else:
        options |= for_both("engine", properties["engine"]) | for_both("collate", properties["collation"])
    return options


def _partition(key: Key, properties: Properties) -> str:
    table, parent = qualified(key.schema, key.name, "postgresql"), names(properties["inherits"])[0]
    by = f" PARTITION BY {properties['partition_by']}" if properties.get("partition_by") else ""
    bound = properties["partition_bound"]
    return f"CREATE TABLE {table} PARTITION OF {parent} {bound}{by}"


def _foreign_table(key: Key, properties: Properties, parts: Objects) -> str:
    columns = sorted((part for part in parts if part.kind == "column"), key=lambda part: _position(parts[part]))
    listed = ", ".join(_foreign_column(part, parts[part]) for part in columns)
    options = f" OPTIONS ({properties['options']})" if properties["options"] else ""
    server = quoted(str(properties["server"]), "postgresql")
    return f"CREATE FOREIGN TABLE {qualified(key.schema, key.name, 'postgresql')} ({listed}) SERVER {server}{options}"


def _foreign_column(key: Key, properties: Properties) -> str:
    parts = [quoted(key.name, "postgresql"), str(properties["type"])]
    if properties["foreign_options"]:
        parts.append(f"OPTIONS ({properties['foreign_options']})")
    if properties["collation"]:
        parts.append(f'COLLATE "{properties["collation"]}"')
    if properties["default"] is not None:
        parts.append(f"DEFAULT {properties['default']}")
    if not properties["nullable"]:
        parts.append("NOT NULL")
    return " ".join(parts)


def _serial_columns(key: Key, parts: Objects) -> dict[Key, Key]:
    """Find the column that SERIAL alone makes again, with its sequence: a key of one column, every parameter the server's own."""
    primary = next((names(own["columns"]) for part, own in parts.items() if part.kind == "primary key"), [])
    found = {}
    for part, own in parts.items():
        if part.kind == "sequence" and len(primary) == 1 and part.name == f"{key.name}_{primary[0]}_seq":
            column_key = Key("column", key.schema, key.name, primary[0])
            properties = parts.get(column_key)
            if properties is None or part.schema != key.schema or identity_of(properties) is not None:
                continue
            type_ = properties["type"]
            usual = {"type": type_, "start": 1, "increment": 1, "minimum": 1, "maximum": _SERIAL.get(str(type_))}
            usual |= {"cache": 1, "cycle": False, "comment": None}
            is_next = str(properties["default"]).startswith("nextval(") and part.name in str(properties["default"])
            if is_next and all(own[name] == value for name, value in usual.items()):
                found[column_key] = part
    return found


def _position(properties: Properties) -> int:
    position = properties["position"]
    return position if isinstance(position, int) else 0


def _comment(properties: Properties) -> str | None:
    comment = properties.get("comment")
    return None if comment is None else str(comment)
