"""The difference between two snapshots, told object by object. A pure function."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from alembic_proof.schema.renames import Renamed, find_renames, under_expected_names
from alembic_proof.schema.snapshot import KINDS_WITH_PARTS, Key, Snapshot, Value

Properties = Mapping[str, Value]
Objects = Mapping[Key, Properties]

_ORDER = (
    "table", "column", "primary key", "unique", "foreign key", "check", "exclusion", "index", "trigger", "rule", "policy",
    "database", "schema", "extension", "collation", "enum", "domain", "composite type", "range type", "sequence",
    "function", "procedure", "aggregate", "view", "materialized view", "virtual table",
)  # fmt: skip


_FOLLOWS_TYPE = frozenset({"type", "minimum", "maximum"})
"""What a sequence has from its type."""


class Change(StrEnum):
    """What is different about an object. `expected` is the left side of a comparison, `actual` the right side."""

    MISSING = "missing"  # only in the expected schema
    EXTRA = "extra"  # only in the actual schema
    CHANGED = "changed"  # in both, with other properties
    RENAMED = "renamed"  # the same object under another name


class Difference(msgspec.Struct, frozen=True):
    """One object that differs. `expected` and `actual` hold all its properties on each side, None where it is absent.

    `renamed_to` is its name in the actual schema when `change` is RENAMED, or when a CHANGED primary key has another name too.
    `parts` are the objects that this one stands for and that are not told by themselves: a table's columns, constraints and
    indexes, a column's own sequence; for an enum, the columns of the actual schema that use it. `table` is the actual table that
    the object is or belongs to, with all its parts and the views that mention it: what a rebuild must keep. `along` are
    differences that come with this one: a retyped column's own sequence is of another type too.
    """

    change: Change
    key: Key
    expected: Properties | None
    actual: Properties | None
    renamed_to: str | None = None
    parts: Objects = msgspec.field(default_factory=dict)
    table: Objects = msgspec.field(default_factory=dict)
    along: tuple["Difference", ...] = ()

    def __repr__(self) -> str:
        """All but `table`, in which the rest would drown."""
        shown = (f"{name}={getattr(self, name)!r}" for name in self.__struct_fields__ if name != "table")
        return f"Difference({', '.join(shown)})"

    def changed_properties(self) -> tuple[str, ...]:
        """Name what differs. A column's position is a difference only where nothing else is."""
        if self.expected is None or self.actual is None:
            return ()
        names = dict.fromkeys((*self.expected, *self.actual))
        changed = tuple(name for name in names if self.expected.get(name) != self.actual.get(name))
        return tuple(name for name in changed if name != "position") or changed


def compare(expected: Snapshot, actual: Snapshot, *, column_order: bool = False) -> tuple[Difference, ...]:
    """List what differs, tables first, then what belongs to them; nothing is told twice.

    A missing or extra table stands for all its columns, constraints and indexes. The order of columns counts only if asked for.
    """
    if expected.objects == actual.objects:
        return ()
    renames = find_renames(expected.objects, actual.objects)
    translated = under_expected_names(actual.objects, renames)
    same = {renamed.expected for renamed in renames}
    missing = {key: value for key, value in expected.objects.items() if key not in translated and key not in same}
    extra = {key: value for key, value in translated.items() if key not in expected.objects}
    differences = [
        *_changed(expected.objects, translated, column_order=column_order),
        *_renamed(renames, expected.objects, actual.objects, translated),
    ]
    adopted = _adopted(differences, {**expected.objects, **translated})
    for change, absent in ((Change.MISSING, missing), (Change.EXTRA, extra)):
        changed_columns = {item.key for item in differences if item.key.kind == "column"} | absent.keys()
        stands_for = _parts(absent, changed_columns, adopted)
        told = {part for parts in stands_for.values() for part in parts}
        differences = [replace(item, parts={**item.parts, **stands_for.get(item.key, {})}) for item in differences]
        for key, properties in absent.items():
            if key not in told:
                before, after = (properties, None) if change is Change.MISSING else (None, properties)
                differences.append(Difference(change, key, before, after, parts=stands_for.get(key, {})))
    return tuple(sorted(_with_surroundings(_with_what_follows(differences), translated), key=_place))


def _changed(expected: Objects, actual: Objects, *, column_order: bool) -> Iterator[Difference]:
    for key, before in expected.items():
        after = actual.get(key)
        if after is None or before == after:
            continue
        if key.kind == "column" and not column_order and before == {**after, "position": before.get("position")}:
            continue
        if "follows" in after and before == {**after, "follows": before["follows"]} and _fires_alike(key, expected, actual):
            continue
        yield Difference(Change.CHANGED, key, before, after)


def _fires_alike(key: Key, expected: Objects, actual: Objects) -> bool:
    """Say whether a trigger fires after the same others, of those that are there on both sides."""
    both = [set(_listed(side[key]["follows"])) for side in (expected, actual)]
    table = [Key(key.kind, key.schema, key.table, name) for name in both[0] ^ both[1]]
    return not any(other in expected and other in actual for other in table)


def _renamed(renames: tuple[Renamed, ...], expected: Objects, actual: Objects, translated: Objects) -> Iterator[Difference]:
    for renamed in renames:
        change = Change.RENAMED if renamed.is_equal else Change.CHANGED
        after = actual.get(renamed.actual) or translated[renamed.expected]  # of a renamed table only the translation has that key
        yield Difference(change, renamed.expected, expected[renamed.expected], after, renamed.actual.name)


def _adopted(differences: list[Difference], objects: Objects) -> dict[Key, set[Key]]:
    """Name the tables that have other parents now (a partition taken in or let go), with the parts that they share with those.

    What a table has from its parent is told of the parent alone, so it seems to come and go with the parent.
    """
    changed = [item for item in differences if item.key.kind == "table" and "inherits" in item.changed_properties()]
    adopted: dict[Key, set[Key]] = {}
    for item in changed:
        parents = {str(name) for side in (item.expected, item.actual) if side for name in _listed(side["inherits"])}
        inherited = [key for key in objects if key.owner is not None and key.owner.full_name in parents]
        columns = {Key("column", item.key.schema, item.key.name, key.name) for key in inherited if key.kind == "column"}
        kinds = {key.kind for key in inherited} - {"column"}
        adopted[item.key] = columns | {key for key in objects if key.owner == item.key and key.kind in kinds}
    return adopted


def _listed(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _parts(absent: Objects, changed_columns: set[Key], adopted: Mapping[Key, set[Key]]) -> dict[Key, dict[Key, Properties]]:
    """Say which absent objects another one stands for: a table for its parts, a column for its sequence."""
    stands_for: dict[Key, dict[Key, Properties]] = {}
    for key, properties in absent.items():
        owner = _owner(key, properties, absent, changed_columns)
        table = key.owner
        if owner is None and table is not None and key in adopted.get(table, ()):
            owner = table
        if owner is not None:
            stands_for.setdefault(owner, {})[key] = properties
    return stands_for


def _owner(key: Key, properties: Properties, absent: Objects, changed_columns: set[Key]) -> Key | None:
    if key.table is not None:
        for kind in KINDS_WITH_PARTS:
            owner = Key(kind, key.schema, None, key.table)
            if owner in absent:
                return owner
        constraint = Key("foreign key", key.schema, key.table, key.name)
        if key.kind == "index" and constraint in absent and absent[constraint]["columns"] == properties["columns"]:
            return constraint  # MariaDB makes the index that a foreign key needs, and names it so
        column = Key("column", key.schema, key.table, key.name)
        if key.kind == "check" and properties.get("of_column") and column in absent:
            return column  # MariaDB's JSON is a text with a check of its own
    owned_by = properties.get("owned_by")
    if key.kind == "sequence" and isinstance(owned_by, str):
        for column in changed_columns:
            if column.full_name == owned_by:
                return column.owner if column.owner in absent else column
            if column.kind == "table" and column.full_name == owned_by.rpartition(".")[0]:
                return column
    return None


def _with_what_follows(differences: list[Difference]) -> list[Difference]:
    """Tell what only follows from another difference with that one: a retyped column's own sequence, for one."""
    leaders = {_Leader(item.key, name): item.key for item in differences for name in item.changed_properties()}
    for item in differences:  # one index gives up to another what the table says of both
        if item.key.owner is not None and "replica_identity" in item.changed_properties() and _is_identity(item.actual):
            leaders.setdefault(_Leader(item.key.owner, "replica_identity"), item.key)
    along: dict[Key, list[Difference]] = {}
    for item in _out_of_turn(differences):  # told with the last of them, and made again before it
        leaders.setdefault(_Leader(Key("table", item.key.schema, None, str(item.key.table)), "follows"), item.key)
    for item in differences:
        follows = _leader_of(item) if item.change is Change.CHANGED else None
        leader = None if follows is None else leaders.get(follows)
        if leader is not None and leader != item.key:
            along.setdefault(leader, []).append(item)
    for items in along.values():
        items.sort(key=_place)
    if not along:
        return differences
    told = [item for item in differences if not any(item in items for items in along.values())]
    return [replace(item, along=tuple(along[item.key])) if item.key in along else item for item in told]


def _out_of_turn(differences: Iterable[Difference]) -> list[Difference]:
    """Sort out the triggers that only fire in another order, the one that shall fire last first."""
    moved = [item for item in differences if item.change is Change.CHANGED and item.changed_properties() == ("follows",)]
    return sorted(moved, key=lambda item: len(_listed((item.expected or {})["follows"])), reverse=True)


class _Leader(NamedTuple):
    """A difference in one property, which another difference follows."""

    key: Key
    property: str


def _is_identity(properties: Properties | None) -> bool:
    return (properties or {}).get("replica_identity") is True


def _leader_of(item: Difference) -> _Leader | None:
    """Say which difference makes another one: a column's new type its sequence's, a table's new identity its index's."""
    changed = set(item.changed_properties())
    owner = (item.actual or {}).get("owned_by")
    if item.key.kind == "sequence" and isinstance(owner, str):
        *schema, table, column = owner.split(".")
        place = schema[0] if schema else None
        if changed == {"unlogged"}:
            return _Leader(Key("table", place, None, table), "unlogged")
        return _Leader(Key("column", place, table, column), "type") if changed and changed <= _FOLLOWS_TYPE else None
    if changed == {"follows"} and item.key.owner is not None:
        return _Leader(item.key.owner, "follows")
    if changed == {"replica_identity"} and item.key.owner is not None:
        return _Leader(item.key.owner, "replica_identity")
    return None


def _with_surroundings(differences: list[Difference], actual: Objects) -> Iterator[Difference]:
    """Give a changed enum the columns that use it, and whatever is about a table the table: settling needs them."""
    tables: dict[Key, dict[Key, Properties]] = {}
    for item in differences:
        table = item.key if item.key.kind == "table" else item.key.owner
        if item.key.kind == "enum" and item.change is Change.CHANGED:
            names = (item.key.full_name, f"{item.key.full_name}[]")
            users = {key: value for key, value in actual.items() if key.kind == "column" and value["type"] in names}
            yield replace(item, parts=users)
        elif table in actual and table is not None:
            if table not in tables:
                tables[table] = {key: value for key, value in actual.items() if _concerns(key, value, table)}
            yield replace(item, table=tables[table])
        else:
            yield item


def _concerns(key: Key, properties: Properties, table: Key) -> bool:
    return table in (key, key.owner) or (key.kind == "view" and table.name in str(properties["definition"]))


def _place(difference: Difference) -> tuple[int, str, str, int, int, str]:
    key = difference.key
    room = 0 if key.kind == "table" else 1 if key.table is not None else 2
    kind = _ORDER.index(key.kind) if key.kind in _ORDER else len(_ORDER)
    turn = len(_listed((difference.expected or difference.actual or {}).get("follows")))
    return room, key.schema or "", key.table or "", kind, turn, key.name
