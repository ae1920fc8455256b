"""Make, drop, rename and change what belongs to a table, where ALTER TABLE can: not on SQLite, whose tables are rebuilt."""

from collections.abc import Iterator, Mapping
from typing import Any

from alembic_proof.schema.operations import phases
from alembic_proof.schema.operations.code import Step, as_text, execute, qualified, quoted, rendered, statements_of
from alembic_proof.schema.operations.constraints import (
    check_text,
    create_foreign_key,
    create_index,
    deferral,
    dialect_options,
    drop_constraint,
    drop_index,
    has_expressions,
    name_of,
    names,
)
from alembic_proof.schema.operations.free_standing import create
from alembic_proof.schema.operations.settings import INDEX_SETTINGS, index_settings
from alembic_proof.schema.operations.statements import comment_on, literal, phase_of
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]

CONSTRAINTS = ("primary key", "unique", "foreign key", "check", "exclusion")


def create_part(key: Key, properties: Properties, kind: str) -> Iterator[Step]:
    """Make a constraint, an index, a trigger, a rule or a policy."""
    if key.kind == "foreign key":
        code = _foreign_key(key, properties, kind)
        yield Step(phases.CREATE_FOREIGN_KEY, code)
    elif key.kind == "index" or has_expressions(key, properties, kind):
        yield from _index(key, properties, kind)
    elif key.kind in CONSTRAINTS:
        yield Step(phases.CREATE_CONSTRAINT, _constraint(key, properties, kind))
    else:
        for statement in create(key, properties, kind):
            yield Step(phase_of(key.kind)[1], execute(statement))
        return
    if kind == "postgresql":
        yield from set_up_part(key, properties)


def set_up_part(key: Key, properties: Properties) -> Iterator[Step]:
    """Set for a new constraint or index of PostgreSQL what is not said where it is made."""
    if properties.get("comment") is not None:
        yield Step(phases.COMMENT, execute(comment_on(key, properties)))
    if key.kind in ("index", "primary key", "unique", "exclusion"):
        said = {"storage_parameters": None} if key.kind == "index" else {}
        yield from _set_up(key, {**properties, **said}, None)


def _set_up(key: Key, expected: Properties, actual: Properties | None) -> Iterator[Step]:
    for statement in index_settings(key, expected, actual):
        yield Step(phases.COMMENT if statement.startswith("COMMENT") else phases.TABLE_SETTINGS, execute(statement))


def drop_part(key: Key, name: str, kind: str) -> Iterator[Step]:
    """Drop a constraint or an index by the name that it has in the actual schema."""
    if key.kind == "index" or (key.kind == "unique" and kind in ("mariadb", "mysql")):
        yield Step(phases.DROP_INDEX, rendered([drop_index(key, name)], kind))
    elif key.kind in CONSTRAINTS and key.kind != "exclusion":
        phase = phases.DROP_FOREIGN_KEY if key.kind == "foreign key" else phases.DROP_CONSTRAINT
        yield Step(phase, rendered([drop_constraint(key, name, kind)], kind))
    else:
        table = qualified(key.schema, str(key.table), kind)
        yield Step(phases.DROP_CONSTRAINT, execute(f"ALTER TABLE {table} DROP CONSTRAINT {quoted(name, kind)}"))


def rename_part(key: Key, properties: Properties, actual_name: str, kind: str) -> Iterator[Step]:
    """Give a constraint or an index its expected name."""
    table = qualified(key.schema, str(key.table), kind)
    before, after = quoted(actual_name, kind), quoted(key.name, kind)
    if kind == "postgresql" and key.kind == "index":
        yield Step(phases.RENAME, execute(f"ALTER INDEX {qualified(key.schema, actual_name, kind)} RENAME TO {after}"))
    elif kind == "postgresql":
        yield Step(phases.RENAME, execute(f"ALTER TABLE {table} RENAME CONSTRAINT {before} TO {after}"))
    elif kind != "sqlite" and key.kind in ("index", "unique"):
        yield Step(phases.RENAME, execute(f"ALTER TABLE {table} RENAME INDEX {before} TO {after}"))
    else:
        yield from drop_part(key, actual_name, kind)
        yield from create_part(key, properties, kind)


def change_part(key: Key, expected: Properties, actual: Properties, actual_name: str, kind: str) -> Iterator[Step]:
    """Change a constraint or an index: in place where one word does it, else drop and make again."""
    differs = {name for name in {*expected, *actual} if expected.get(name) != actual.get(name)}
    table = qualified(key.schema, str(key.table), kind)
    if kind == "postgresql" and differs == {"validated"} and expected["validated"]:
        yield Step(phases.CREATE_CONSTRAINT, execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {quoted(key.name, kind)}"))
    elif kind == "postgresql" and differs <= {"comment", *INDEX_SETTINGS}:
        yield from _set_up(key, expected, actual)
        if "comment" in differs:
            yield Step(phases.COMMENT, execute(comment_on(key, expected)))
    elif kind in ("mariadb", "mysql") and differs == {"ignored"}:
        word = ("IGNORED", "NOT IGNORED") if kind == "mariadb" else ("INVISIBLE", "VISIBLE")
        setting = word[0] if expected["ignored"] else word[1]
        yield Step(phases.CREATE_INDEX, execute(f"ALTER TABLE {table} ALTER INDEX {quoted(key.name, kind)} {setting}"))
    else:
        yield from drop_part(key, actual_name, kind)
        yield from create_part(key, expected, kind)


def _index(key: Key, properties: Properties, kind: str) -> Iterator[Step]:
    operation = create_index(key, properties, kind)
    if kind != "postgresql" and properties.get("comment"):  # SQLAlchemy's indexes have none
        [statement] = statements_of(operation, kind)
        yield Step(phases.CREATE_INDEX, execute(f"{statement.rstrip(';')} COMMENT {literal(properties['comment'])}"))
    else:
        yield Step(phases.CREATE_INDEX, rendered([operation], kind))
    if properties.get("ignored"):
        table = qualified(key.schema, str(key.table), kind)
        word = "IGNORED" if kind == "mariadb" else "INVISIBLE"
        yield Step(phases.TABLE_SETTINGS, execute(f"ALTER TABLE {table} ALTER INDEX {quoted(key.name, kind)} {word}"))


def _foreign_key(key: Key, properties: Properties, kind: str) -> str:
    if properties.get("validated") is False or properties.get("enforced") is False or properties.get("on_delete_columns"):
        return execute(_statement(key, properties))
    return rendered([create_foreign_key(key, properties, kind)], kind)


def _constraint(key: Key, properties: Properties, kind: str) -> str:
    """Write the constraint as a call: Alembic's renderers have none for these, only for dropping them."""
    # An included column would have to be a column of the table that create_unique_constraint() makes up, and is not.
    special = (properties.get(name) for name in ("without_overlaps", "no_inherit", "include"))
    is_special = any(special) or properties.get("enforced") is False
    if key.kind == "exclusion" or is_special or (key.kind == "primary key" and dialect_options(key, properties, kind)):
        return execute(_statement(key, properties))
    arguments: list[str] = [repr(name_of(key)), repr(key.table)]
    if key.kind == "check":
        condition = check_text(properties)
        arguments.append(repr(as_text(condition)))
        if kind == "mariadb" and properties.get("of_column"):
            return execute(f"ALTER TABLE {quoted(str(key.table), kind)} ADD CHECK ({condition})")
    else:
        arguments.append(repr(names(properties["columns"])))
    options: dict[str, Any] = {"schema": key.schema} if key.schema else {}
    options |= dialect_options(key, properties, kind)
    arguments += [f"{name}={value!r}" for name, value in options.items()]
    call = {"primary key": "create_primary_key", "unique": "create_unique_constraint", "check": "create_check_constraint"}
    return f"op.{call[key.kind]}({', '.join(arguments)})"


def _statement(key: Key, properties: Properties) -> str:
    """Write ALTER TABLE … ADD CONSTRAINT for PostgreSQL, with every word that the catalog has."""
    table = qualified(key.schema, str(key.table), "postgresql")
    parts = [f"ALTER TABLE {table} ADD CONSTRAINT {quoted(key.name, 'postgresql')}"]
    columns = _list(properties.get("columns"), overlaps=bool(properties.get("without_overlaps")))
    if key.kind == "exclusion":
        parts.append(str(properties["definition"]))
    elif key.kind == "check":
        parts.append(f"CHECK ({check_text(properties)})" + (" NO INHERIT" if properties["no_inherit"] else ""))
    elif key.kind == "foreign key":
        parts.append(f"FOREIGN KEY {columns} REFERENCES {properties['referred_table']} {_list(properties['referred_columns'])}")
        if properties["match"]:
            parts.append(f"MATCH {properties['match']}")
        of_columns = f" {_list(properties['on_delete_columns'])}" if properties["on_delete_columns"] else ""
        parts.append(f"ON DELETE {properties['on_delete']}{of_columns} ON UPDATE {properties['on_update']}")
    else:
        nulls = " NULLS NOT DISTINCT" if properties.get("nulls_not_distinct") else ""
        include = f" INCLUDE {_list(properties['include'])}" if properties["include"] else ""
        parts.append(f"{key.kind.upper()}{nulls} {columns}{include}")
    if key.kind != "exclusion" and deferral(properties):
        parts.append(str(properties["deferrable"]))
    if properties.get("enforced") is False:
        parts.append("NOT ENFORCED")
    elif properties.get("validated") is False:
        parts.append("NOT VALID")
    return " ".join(parts)


def _list(columns: Value, *, overlaps: bool = False) -> str:
    listed = [quoted(column, "postgresql") for column in names(columns)]
    if overlaps:
        listed[-1] += " WITHOUT OVERLAPS"
    return f"({', '.join(listed)})"
