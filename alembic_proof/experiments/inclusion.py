"""What env.py wants compared: its include_name and include_object, asked as Alembic asks them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Constraint, ForeignKeyConstraint, Index, MetaData, Table, UniqueConstraint
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import NullType

from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.snapshot import Key

_ALEMBIC_TYPES = {
    "table": "table",
    "column": "column",
    "index": "index",
    "unique": "unique_constraint",
    "foreign key": "foreign_key_constraint",
}
"""Alembic's words for the kinds that it asks about; parts of a table of other kinds go with their table."""


class Inclusion:
    """The project's own choice of what models and migrations have to agree on."""

    def __init__(self, options: Mapping[str, Any], metadata: Sequence[MetaData]) -> None:
        self._include_name: Callable[..., bool] | None = options.get("include_name")
        self._include_object: Callable[..., bool] | None = options.get("include_object")
        self._includes_schemas = bool(options.get("include_schemas"))
        self._metadata = metadata
        self._own_schemas = {table.schema for one in metadata for table in one.tables.values()}

    def admits(self, difference: Difference) -> bool:
        """Say whether env.py wants to hear of a difference. `expected` are the models, `actual` the migrated schema."""
        key = difference.key
        if difference.change is Change.EXTRA and not self._sees_schema(key):
            return False
        if difference.change is Change.RENAMED and self._find(key) is None:
            return False  # the models leave the name to the database, so any name will do
        if key.owner is not None and not self._admits_one(key.owner, is_reflected=self._find_table(key.owner) is None):
            return False
        return self._admits_one(key, is_reflected=difference.change is Change.EXTRA)

    def _sees_schema(self, key: Key) -> bool:
        schema = key.name if key.kind == "schema" else key.schema
        return self._includes_schemas or schema is None or schema in self._own_schemas

    def _admits_one(self, key: Key, *, is_reflected: bool) -> bool:
        kind = _ALEMBIC_TYPES.get(key.kind)
        if kind is None:
            return True
        table = key.name if key.kind == "table" else key.table
        parents = {
            "schema_name": key.schema,
            "table_name": table,
            "schema_qualified_table_name": f"{key.schema}.{table}" if key.schema else table,
        }
        if is_reflected and self._include_name is not None:
            asked = parents if kind != "table" else {"schema_name": key.schema, "schema_qualified_table_name": parents[
                "schema_qualified_table_name"]}  # fmt: skip
            if not self._include_name(key.name, kind, asked):
                return False
        if self._include_object is None:
            return True
        item = None if is_reflected else self._find(key)
        return bool(self._include_object(item if item is not None else _stand_in(key), key.name, kind, is_reflected, None))

    def _find_table(self, key: Key) -> Table | None:
        full_name = f"{key.schema}.{key.name}" if key.schema else key.name
        return next((one.tables[full_name] for one in self._metadata if full_name in one.tables), None)

    def _find(self, key: Key) -> SchemaItem | None:
        """The models' own object behind a key."""
        if key.owner is None:
            return self._find_table(key)
        table = self._find_table(key.owner)
        if table is None:
            return None
        if key.kind == "column":
            return next((column for column in table.columns if column.name == key.name), None)
        parts: list[Index | Constraint] = [*table.indexes, *table.constraints]
        return next((part for part in parts if part.name == key.name), None)


def _stand_in(key: Key) -> SchemaItem:
    """An object with the name and table that a reflected one would have."""
    table = Table(key.name if key.table is None else key.table, MetaData(), schema=key.schema)
    match key.kind:
        case "column":
            column: Column[Any] = Column(key.name, NullType())
            table.append_column(column)
            return column
        case "index":
            index = Index(key.name)
            index.table = table
            return index
        case "unique":
            unique = UniqueConstraint(name=key.name)
            table.append_constraint(unique)
            return unique
        case "foreign key":
            foreign = ForeignKeyConstraint([], [], name=key.name)
            table.append_constraint(foreign)
            return foreign
    return table
