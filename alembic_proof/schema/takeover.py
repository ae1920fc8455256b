"""A column that takes the place of another one, and all that stood on that one: keys, indexes, checks, references, views. Pure.

Between the two releases both columns are there. What stood on the old one stands there until it goes; then all of it has to be
made anew on the one that stays, as the revision wanted it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise

import msgspec

from alembic_proof.schema.diff import Change, Difference, compare
from alembic_proof.schema.renames import Renamed, under_expected_names
from alembic_proof.schema.snapshot import Key, Snapshot, Value

Properties = Mapping[str, Value]
Objects = Mapping[Key, Properties]

_WORD = re.compile(r"\w+")
_VIEWS = ("view", "materialized view")
_HOLDS_BACK = (*_VIEWS, "trigger", "rule", "column")
"""What has to go before a column can; of columns, those that are computed from it."""
_SAYS_NOTHING = frozenset({"comment", "type", "collation", "referred_table", "referred_columns"})


class Takeover(msgspec.Struct, frozen=True):
    """Both schemas, as far as they are about the columns that a revision renames or retypes.

    Each of its differences is one between what shall be (expected) and what is (actual).
    """

    before: Objects
    after: Objects

    def is_about(self, change: Difference) -> bool:
        """Say whether the column is known on both sides."""
        both = old_and_new(change)
        return both is not None and both[0] in self.before and both[1] in self.after

    def added(self, change: Difference) -> tuple[Difference, ...]:
        """What the expanding revision adds: the new column alone."""
        between = self._between(change)
        new = beside(change)
        return compare(Snapshot(between), Snapshot({key: own for key, own in between.items() if key != new}))

    def handed_over(self, change: Difference) -> tuple[Difference, ...]:
        """What the contracting one changes first: the new column owns the sequence of the old one, which would go with that."""
        between = self._between(change)
        return compare(Snapshot(_owned(between, change)), Snapshot(between))

    def contracted(self, change: Difference, kind: str) -> Iterator[tuple[Difference, ...]]:
        """What it changes then. A column that shall have the name of the old one gets it when that has gone with all on it."""
        key, new, old = change.key, beside(change), change.key.named(change.renamed_to or change.key.name)
        between = _owned(self._between(change), change)
        on_old = set(stands_on(between, old))
        first = {one for one in on_old if one.kind in _HOLDS_BACK or (one.kind == "index" and kind == "sqlite")}
        # MariaDB counts only in a column that is a key; SQLite's new table would be given the old one's indexes again.
        stages = [between, _without({**between, old: _uncounted(between[old])}, first)]
        if new != key:
            stages.append(_without(stages[-1], {old, *on_old}))
            stages.append(under_expected_names(stages[-1], [Renamed(key, new)]))
        stages += [{**self.after, key: _uncounted(self.after[key])}, self.after]
        for actual, expected in pairwise(stages):
            yield compare(Snapshot(expected), Snapshot(actual))

    def _between(self, change: Difference) -> Objects:
        """The schema between the two releases: all else that the revision does is done."""
        both = old_and_new(change)
        assert both is not None, "only a column that is renamed or retyped is taken over"
        old, new = both
        moved = {**stands_on(self.after, new), **stands_on(self.before, old)}
        between = {key: own for key, own in self.after.items() if key != new and key not in moved}
        between |= {key: self.before[key] for key in moved if key in self.before}
        between |= {key: own for key, own in self.before.items() if own.get("owned_by") == old.full_name}
        return {**between, old: self.before[old], beside(change): _without_demands(self.after[new])}


def beside(change: Difference) -> Key:
    """Name the column that is there beside the old one, before that goes."""
    return change.key if change.change is Change.RENAMED else change.key.named(f"{change.key.name}_new")


def taken_over(before: Objects, after: Objects, changes: Sequence[Difference]) -> Takeover | None:
    """Keep of both schemas the tables with renamed or retyped columns, the tables that refer to these, and their views.

    `changes` compares the schema after the upgrade (expected) with the one before it (actual).
    """
    whole = Takeover(before, after)
    tables = {one.key.owner for one in changes if one.key.owner is not None and whole.is_about(one)}
    if not tables:
        return None
    sides = (before, after)
    names = {table.full_name for table in tables}
    referring = (key.owner for side in sides for key, own in side.items() if own.get("referred_table") in names)
    near, words = {*referring, *tables}, {table.name for table in tables}
    return Takeover(*({key: own for key, own in side.items() if _is_near(key, own, near, words)} for side in sides))


def old_and_new(change: Difference) -> tuple[Key, Key] | None:
    """Name the column before and after, where it is renamed or has another type."""
    key, after, before = change.key, change.expected, change.actual
    if key.kind != "column" or after is None or before is None:
        return None
    if change.change is Change.RENAMED:
        return key.named(str(change.renamed_to)), key
    return (key, key) if after["type"] != before["type"] else None


def stands_on(objects: Objects, column: Key) -> Objects:
    """Find what goes with a column or holds it back: of its table, of the tables that refer to it, and views."""
    return {key: own for key, own in objects.items() if _stands_on(key, own, column)}


def _stands_on(key: Key, own: Properties, column: Key) -> bool:
    owner = column.owner
    if owner is None or key == column:
        return False
    if own.get("referred_table") == owner.full_name and column.name in _listed(own["referred_columns"]):
        return True
    if key.kind in _VIEWS:
        return {owner.name, column.name} <= _words(own["definition"])
    if key.owner != owner:
        return False
    if key.kind == "column":
        return bool(own.get("generated")) and column.name in _words(own["generated"])
    return any(column.name in _words(value) for name, value in own.items() if name not in _SAYS_NOTHING)


def _is_near(key: Key, own: Properties, tables: AbstractSet[Key | None], words: set[str]) -> bool:
    if key.kind in _VIEWS:
        return bool(words & _words(own["definition"]))
    if key.kind == "sequence":
        return str(own.get("owned_by")).rpartition(".")[0] in {table.full_name for table in tables if table is not None}
    return key in tables or (key.owner is not None and key.owner in tables)


def _without_demands(column: Properties) -> Properties:
    """Take from a column what rows would not be free of, what would fill it, and what only one column of a table can have."""
    if column.get("generated"):
        return {**column, "nullable": True}
    free = {**_uncounted(column), "nullable": True, "default": None}
    return {**free, "identity": None} if column.get("identity") else free


def _uncounted(column: Properties) -> Properties:
    """Take MariaDB's AUTO_INCREMENT from a column."""
    if not column.get("extra"):
        return column
    return {**column, "extra": ", ".join(word for word in str(column["extra"]).split(", ") if word != "auto_increment") or None}


def _without(objects: Objects, gone: AbstractSet[Key]) -> Objects:
    return {key: own for key, own in objects.items() if key not in gone}


def _owned(objects: Objects, change: Difference) -> Objects:
    old = change.key.named(change.renamed_to or change.key.name).full_name
    new = beside(change).full_name
    return {key: {**own, "owned_by": new} if own.get("owned_by") == old else own for key, own in objects.items()}


def _words(value: Value) -> set[str]:
    return set(_WORD.findall(" ".join(value) if isinstance(value, tuple) else str(value)))


def _listed(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
