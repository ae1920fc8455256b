"""Constraints and indexes for Alembic's operations, from the properties that a reader states."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic.operations.ops import CreateForeignKeyOp, CreateIndexOp, DropConstraintOp, DropIndexOp

from alembic_proof.schema.operations.code import empty_table, to_render
from alembic_proof.schema.operations.columns import without_outer_parentheses
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]

TYPE_NAMES = {"primary key": "primary", "unique": "unique", "foreign key": "foreignkey", "check": "check", "exclusion": None}
_NO_ACTION = (None, "NO ACTION")


def name_of(key: Key) -> str | None:
    """Give a constraint's name, None for one that has none."""
    is_unnamed = key.name.startswith("(") or (key.kind == "primary key" and key.name == "PRIMARY")
    return None if is_unnamed else key.name


def names(value: Value) -> list[str]:
    """Take a property that lists names."""
    return list(value) if isinstance(value, tuple) else []


def foreign_key_options(properties: Properties, kind: str) -> dict[str, Any]:
    """Say what differs from a plain foreign key, in SQLAlchemy's words."""
    options: dict[str, Any] = {}
    plain = ("RESTRICT", *_NO_ACTION) if kind in ("mariadb", "mysql") else _NO_ACTION
    for name, option in (("on_delete", "ondelete"), ("on_update", "onupdate")):
        if properties.get(name) not in plain:
            options[option] = properties[name]
    if columns := names(properties.get("on_delete_columns")):
        options["ondelete"] = f"{options.get('ondelete', '')} ({', '.join(columns)})"
    if properties.get("match"):
        options["match"] = properties["match"]
    return options | deferral(properties)


def deferral(properties: Properties) -> dict[str, Any]:
    """Say when a constraint is checked, in SQLAlchemy's words."""
    text = properties.get("deferrable")
    if not text:
        return {}
    return {"deferrable": True, "initially": "DEFERRED" if "DEFERRED" in str(text) else "IMMEDIATE"}


def referred(properties: Properties) -> tuple[str | None, str]:
    """Split the referred table's full name into schema and name."""
    schema, _, table = str(properties["referred_table"]).rpartition(".")
    return schema or None, table


def table_constraint(key: Key, properties: Properties, kind: str) -> sa.Constraint | None:
    """Make the constraint that stands inside a CREATE TABLE; None for one that comes after it."""
    name = name_of(key)
    conflict: dict[str, Any] = {"sqlite_on_conflict": properties["on_conflict"]} if properties.get("on_conflict") else {}
    if key.kind == "primary key":
        return sa.PrimaryKeyConstraint(
            *names(properties["columns"]), name=name, **dialect_options(key, properties, kind), **conflict
        )
    if key.kind == "unique":
        if has_expressions(key, properties, kind):
            return None
        options = dialect_options(key, properties, kind)
        return sa.UniqueConstraint(*names(properties["columns"]), name=name, **options, **conflict)
    if key.kind == "check" and not properties.get("of_column") and properties.get("validated") is not False:
        return sa.CheckConstraint(to_render(check_text(properties)), name=name, **dialect_options(key, properties, kind))
    return None


def check_text(properties: Properties) -> str:
    """Take a CHECK's expression without the parentheses that its clause brings."""
    return without_outer_parentheses(str(properties["expression"]))


def dialect_options(key: Key, properties: Properties, kind: str) -> dict[str, Any]:
    """Say what only PostgreSQL's dialect has options for."""
    if kind != "postgresql" or key.kind not in ("primary key", "unique", "check", "foreign key"):
        return {}
    options: dict[str, Any] = {} if key.kind == "foreign key" else deferral(properties)
    if names(properties.get("include")):
        options["postgresql_include"] = names(properties["include"])
    if properties.get("nulls_not_distinct"):
        options["postgresql_nulls_not_distinct"] = True
    if properties.get("validated") is False and properties.get("enforced") is not False:
        options["postgresql_not_valid"] = True
    return options


def create_foreign_key(key: Key, properties: Properties, kind: str) -> CreateForeignKeyOp:
    """Make the operation that adds a foreign key."""
    schema, table = referred(properties)
    return CreateForeignKeyOp(
        name_of(key),
        str(key.table),
        table,
        names(properties["columns"]),
        names(properties["referred_columns"]),
        source_schema=key.schema,
        referent_schema=schema,
        **foreign_key_options(properties, kind),
        **dialect_options(key, properties, kind),
    )


def foreign_key(key: Key, properties: Properties, kind: str) -> sa.ForeignKeyConstraint:
    """Make a foreign key for the inside of a CREATE TABLE."""
    schema, table = referred(properties)
    target = table if schema is None else f"{schema}.{table}"
    columns = [f"{target}.{column}" for column in names(properties["referred_columns"])]
    options = foreign_key_options(properties, kind)
    return sa.ForeignKeyConstraint(names(properties["columns"]), columns, name=name_of(key), **options)


def drop_constraint(key: Key, name: str, kind: str) -> DropConstraintOp:
    """Make the operation that drops a constraint."""
    type_ = TYPE_NAMES[key.kind]
    return DropConstraintOp(name, str(key.table), type_=type_, schema=None if kind == "sqlite" else key.schema)


def create_index(key: Key, properties: Properties, kind: str) -> CreateIndexOp:
    """Make the operation that adds an index; an expression, an order or an operator class goes in as text."""
    terms: list[Any] = [term if is_name(term, kind) else to_render(term) for term in names(properties["columns"])]
    options: dict[str, Any] = {}
    if kind == "postgresql":
        options |= _postgresql_index(properties)
    elif properties.get("predicate"):
        options["sqlite_where"] = to_render(str(properties["predicate"]))
    if kind in ("mariadb", "mysql"):
        if properties.get("method") in ("FULLTEXT", "SPATIAL"):
            options |= for_both("prefix", properties["method"])
        elif properties.get("method") not in (None, "BTREE"):
            options |= for_both("using", str(properties["method"]).lower())
        unique = key.kind == "unique"
    else:
        unique = bool(properties["unique"])
    return CreateIndexOp(key.name, str(key.table), terms, schema=key.schema, unique=unique, **options)


def for_both(name: str, value: Value) -> dict[str, Any]:
    """Give an option under both names: SQLAlchemy reads mariadb_ for a mariadb:// URL, mysql_ for a mysql:// one."""
    return {f"mysql_{name}": value, f"mariadb_{name}": value}


def is_name(term: str, kind: str) -> bool:
    """Tell a column's bare name from anything more. MariaDB's reader quotes a name only where more comes after it."""
    if kind in ("mariadb", "mysql"):
        return not term.endswith((")", " DESC"))
    return term.isidentifier() and term.isascii()


def has_expressions(key: Key, properties: Properties, kind: str) -> bool:
    """Say whether a unique constraint of MariaDB is one that only CREATE INDEX can make."""
    is_index = key.kind == "unique" and kind in ("mariadb", "mysql")
    return is_index and not all(is_name(term, kind) for term in names(properties["columns"]))


def _postgresql_index(properties: Properties) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if properties["method"] != "btree":
        options["postgresql_using"] = properties["method"]
    if properties["predicate"]:
        options["postgresql_where"] = to_render(without_outer_parentheses(str(properties["predicate"])))
    if included := names(properties["include"]):
        options["postgresql_include"] = [name.strip('"') for name in included]
    if properties["nulls_not_distinct"]:
        options["postgresql_nulls_not_distinct"] = True
    if properties["storage_parameters"]:
        pairs = (part.partition("=") for part in str(properties["storage_parameters"]).split(", "))
        options["postgresql_with"] = {name: value for name, _, value in pairs}
    return options


def drop_index(key: Key, name: str) -> DropIndexOp:
    """Make the operation that drops an index."""
    table = empty_table(str(key.table), key.schema)
    return DropIndexOp(name, table_name=table.name, schema=table.schema)
