"""The picture of a schema: objects with properties, as the database's catalog states them.

A snapshot is plain data. It knows neither how it was read nor what it will be compared with.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple, Protocol, runtime_checkable

import msgspec

Value = str | int | bool | None | tuple[str, ...]
"""One property of an object. Lists (the columns of an index, the labels of an enum) are tuples, in order."""

Fetch = Callable[[str], Sequence[tuple[Any, ...]]]
"""Run one SQL text, without parameters, on the driver's own cursor; return all rows if it has any. A reader sees nothing else."""


@runtime_checkable
class FetchesSeveral(Protocol):
    """A Fetch that can also run several statements in one trip to the server."""

    def several(self, statements: Sequence[str]) -> Sequence[Sequence[tuple[Any, ...]]]:
        """Return the rows of each statement that has any."""


KINDS_WITH_PARTS = ("table", "virtual table", "view", "materialized view")
"""What other objects belong to: their `table` is its name."""


class Key(NamedTuple):
    """The identity of a schema object: a tuple, because a large schema has ten thousand of them at each look.

    `kind` is the SQL word in lower case ("table", "column", "primary key", "foreign key", "unique", "check", "index",
    "sequence", "enum", "view", "trigger", ...). `schema` is None in the database's default schema. `table` is None for an
    object that stands free; the table's own key has its name in `name` and None in `table`.
    """

    kind: str
    schema: str | None
    table: str | None
    name: str

    @property
    def full_name(self) -> str:
        return ".".join(part for part in (self.schema, self.table, self.name) if part is not None)

    @property
    def owner(self) -> "Key | None":
        """The key of the table that the object belongs to, if it belongs to one."""
        return None if self.table is None else Key("table", self.schema, None, self.table)

    def named(self, name: str) -> "Key":
        """The key of the same kind and in the same place under another name."""
        return Key(self.kind, self.schema, self.table, name)


class Snapshot(msgspec.Struct, frozen=True):
    """Every object that the reader found. `not_read` names the kinds that the reader does not read, for the report."""

    objects: Mapping[Key, Mapping[str, Value]] = msgspec.field(default_factory=dict)
    not_read: tuple[str, ...] = ()

    def without_table(self, schema: str | None, name: str) -> "Snapshot":
        """The same picture without one table and all that belongs to it (Alembic's version table, for one)."""
        own = Key("table", schema, None, name)
        named = [key for key in self.objects if name in (key.table, key.name)]
        gone = [key for key in named if own in (key, key.owner)]
        kept = dict(self.objects)
        for key in gone:
            del kept[key]
        return Snapshot(kept, self.not_read)

    @property
    def digest(self) -> str:
        """A name for the schema: equal for equal snapshots, in every process."""
        parts = sorted(repr((key, sorted(_but_position(properties)))) for key, properties in self.objects.items())
        return sha256("\n".join(parts).encode()).hexdigest()[:16]

    def of_kind(self, kind: str) -> Iterable[Key]:
        return (key for key in self.objects if key.kind == kind)


def _but_position(properties: Mapping[str, Value]) -> Iterable[tuple[str, Value]]:
    """All but the place of a column in its table, which is not compared."""
    return (one for one in properties.items() if one[0] != "position")
