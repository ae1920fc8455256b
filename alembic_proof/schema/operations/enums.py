"""Change the labels of a PostgreSQL enum where ADD VALUE does not do: make the type anew, and convert what uses it."""

from collections.abc import Iterator, Mapping

from alembic_proof.schema.operations.code import qualified, quoted
from alembic_proof.schema.operations.constraints import names
from alembic_proof.schema.operations.statements import comment_on, literal
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]


def change_enum(key: Key, expected: Properties, users: Mapping[Key, Properties]) -> Iterator[str]:
    """Set the type aside, make it as expected, convert each column by way of its text, drop the old type."""
    type_, aside = qualified(key.schema, key.name, "postgresql"), f"{key.name}_before"
    yield f"ALTER TYPE {type_} RENAME TO {quoted(aside, 'postgresql')}"
    yield f"CREATE TYPE {type_} AS ENUM ({', '.join(literal(label) for label in names(expected['labels']))})"
    for column, properties in users.items():
        table = qualified(column.schema, str(column.table), "postgresql")
        name, array = quoted(column.name, "postgresql"), "[]" if str(properties["type"]).endswith("[]") else ""
        default = properties["default"]
        if default is not None:
            yield f"ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT"
        yield f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {type_}{array} USING {name}::text{array}::{type_}{array}"
        if default is not None:
            yield f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {default}"
    yield f"DROP TYPE {qualified(key.schema, aside, 'postgresql')}"
    if expected.get("comment") is not None:
        yield comment_on(key, expected)
