"""What became of one column, judged by its values alone: kept, filled, changed one-to-one, moved, lossy or gone."""

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

import msgspec

from alembic_proof.experiments.rows.hand import Cell
from alembic_proof.experiments.rows.meaning import meaning, written
from alembic_proof.experiments.rows.whereabouts import Scene, found_elsewhere, saved_elsewhere
from alembic_proof.row_evidence import ColumnFate, Fate
from alembic_proof.rows.tables import Column, Table
from alembic_proof.rows.types import taken_apart

Pair = tuple[Mapping[str, Cell], Mapping[str, Cell]]
_End = tuple[Cell, Cell, Hashable]
_SAYS_LITTLE = 4
_SAY_NOTHING = (("text", ""), ("document", "{}"), ("document", "[]"), ("document", "null"), ("bytes", b""))


def fate_of_kept_name(before: Column, after: Column, pairs: Sequence[Pair], key: Sequence[str], scene: Scene) -> ColumnFate:
    """Judge a column that is still there under its name. `key` are the columns of the old table's primary key."""
    cells = [(old[before.name], new[after.name]) for old, new in pairs]
    changed = [cell for cell in cells if meaning(cell[0], before) != meaning(cell[1], after)]
    if not changed:
        return ColumnFate(before.table, before.name, Fate.KEPT)
    ends: list[_End] = []
    for old, new in pairs:
        one, other = old[before.name], new[after.name]
        if one is not None or other is None:  # a NULL that is filled is no loss on the way up
            own_key = old[key[0]] if len(key) == 1 and meaning(one, before) != meaning(other, after) else None
            ends.append((one, other, _without_key(meaning(other, after), own_key)))
    two = _two_that_became_one(ends, before, after)
    if two:
        place, saved = saved_elsewhere(before, {meaning(old, before) for old, _ in changed}, scene)
        two = _two_that_became_one((end for end in ends if meaning(end[0], before) not in saved), before, after)
        if not two:
            return ColumnFate(before.table, before.name, Fate.MOVED, now=place)
        return ColumnFate(before.table, before.name, Fate.LOSSY, now=after.full_name, pairs=two)
    fate = Fate.FILLED if all(old is None for old, _ in changed) else Fate.CHANGED
    return ColumnFate(before.table, before.name, fate, now=after.full_name, pairs=(_plainest(_shown(changed, before, after)),))


def _without_key(end: Hashable, key: Cell) -> Hashable:
    """Take a row's own number out of a text that was made with it: "missing-7" and "missing-8" say the same of their rows."""
    if key is None or not isinstance(end, tuple) or end[0] != "text":
        return end
    return "text", re.sub(rf"(?<!\w){re.escape(str(key))}(?!\w)", "#", str(end[1]))


def fate_of_lost_name(before: Column, table: Table, after: Table, pairs: Sequence[Pair], scene: Scene) -> ColumnFate:
    """Judge a column whose name is gone: its values may be under a new one, in the same table or in another."""
    old_names = {column.name for column in table.columns}
    added = [column for column in after.columns if column.name not in old_names and not column.is_generated]
    relations = [
        (column, _Relation([(old[before.name], new_row[column.name]) for old, new_row in pairs], before, column))
        for column in added
    ]
    for column, relation in relations:
        if relation.keeps:
            return ColumnFate(before.table, before.name, Fate.MOVED, now=column.full_name)
    parts = [column for column, relation in relations if relation.follows]
    if len(parts) > 1 and _keep_together(before, parts, pairs):
        return ColumnFate(before.table, before.name, Fate.MOVED, now=", ".join(column.full_name for column in parts))
    place = _found_beside(before, table, after, pairs) or found_elsewhere(before, table, [old for old, _ in pairs], scene)
    if place is not None:
        return ColumnFate(before.table, before.name, Fate.MOVED, now=place)
    for column, relation in relations:
        if relation.follows:
            return ColumnFate(before.table, before.name, Fate.LOSSY, now=column.full_name, pairs=relation.two_that_became_one)
    values = {meaning(old[before.name], before) for old, _ in pairs} - {None}
    if all(value in _SAY_NOTHING for value in values):
        return ColumnFate(before.table, before.name, Fate.UNSEEN)
    empty = (one for one, relation in relations if relation.says_nothing)
    like = next((column.full_name for column in empty if _family(column) == _family(before)), None)
    example = _plainest([(written(old[before.name], before), "") for old, _ in pairs if old[before.name] is not None])
    shown = (example,) if example[0] else ()
    heir = _heir_of(before, table, after, pairs)
    return ColumnFate(before.table, before.name, Fate.GONE, now=heir, pairs=shown, looks_renamed_to=like)


def _heir_of(before: Column, table: Table, after: Table, pairs: Sequence[Pair]) -> str | None:
    """Find the column beside it that took its values where it was NULL, and kept its own elsewhere: the end of a rename."""
    columns = {column.name: column for column in table.columns}
    for column in after.columns:
        was = columns.get(column.name)
        if was is None or column.name == before.name:
            continue
        cells = [(old[before.name], old[was.name], new[column.name]) for old, new in pairs]
        came = {meaning(one, before) for one, stood, _ in cells if one is not None and stood is None}
        if len(came) > 1 and all(
            meaning(now, column) == (meaning(one, before) if stood is None else meaning(stood, was)) for one, stood, now in cells
        ):
            return column.full_name
    return None


def _found_beside(before: Column, table: Table, after: Table, pairs: Sequence[Pair]) -> str | None:
    """Find the column that was beside it and now has its values in each row, in the place of others."""
    columns = {column.name: column for column in table.columns}
    for column in after.columns:
        if column.name not in columns or column.name == before.name:
            continue
        was = columns[column.name]
        cells = [
            (meaning(old[before.name], before), meaning(old[was.name], was), meaning(new[column.name], column))
            for old, new in pairs
            if old[before.name] is not None
        ]
        came = {value for value, stood, _ in cells if value != stood}
        if len(came) > 1 and all(value == now for value, _, now in cells):
            return column.full_name
    return None


class _Relation(msgspec.Struct, frozen=True):
    """How the values of a new column follow from those of an old one."""

    cells: Sequence[tuple[Cell, Cell]]
    before: Column
    after: Column

    @property
    def _images(self) -> Mapping[Hashable, set[Hashable]]:
        images: defaultdict[Hashable, set[Hashable]] = defaultdict(set)
        for old, new in self.cells:
            if old is not None:
                images[meaning(old, self.before)].add(meaning(new, self.after))
        return images

    @property
    def is_a_function(self) -> bool:
        return all(len(image) == 1 for image in self._images.values())

    @property
    def keeps(self) -> bool:
        """Whether each value has become one of its own: by the values alone where they are the same, else by repetition."""
        images = self._images
        if not images or not self.is_a_function:
            return False
        if all(image == {old} for old, image in images.items()):
            return True
        ends = [next(iter(image)) for image in images.values()]
        is_repeated = len(images) < sum(old is not None for old, _ in self.cells)
        return None not in ends and len(set(ends)) == len(ends) > 1 and is_repeated

    @property
    def says_nothing(self) -> bool:
        """Whether the new column holds the same in every row: nobody has written into it."""
        return len({meaning(new, self.after) for _, new in self.cells}) == 1

    @property
    def follows(self) -> bool:
        """Whether the new values at least depend on the old ones."""
        ends = {end for image in self._images.values() for end in image}
        return self.is_a_function and len(ends) > 1

    @property
    def two_that_became_one(self) -> tuple[tuple[str, str], ...]:
        return _two_that_became_one(
            [(old, new, meaning(new, self.after)) for old, new in self.cells if old is not None], self.before, self.after
        )


def _keep_together(before: Column, added: Sequence[Column], pairs: Sequence[Pair]) -> bool:
    """Whether several new columns together tell all old values apart, and nothing else: a name split into two."""
    images: defaultdict[Hashable, set[Hashable]] = defaultdict(set)
    for old, new in pairs:
        if old[before.name] is not None:
            images[meaning(old[before.name], before)].add(tuple(meaning(new[column.name], column) for column in added))
    ends = [next(iter(image)) for image in images.values()]
    is_repeated = len(images) < sum(old[before.name] is not None for old, _ in pairs)
    return is_repeated and all(len(image) == 1 for image in images.values()) and len(set(ends)) == len(ends) > 1


def _two_that_became_one(cells: Iterable[_End], before: Column, after: Column) -> tuple[tuple[str, str], ...]:
    """The two plainest different values that are equal afterwards."""
    by_end: defaultdict[Hashable, dict[Hashable, tuple[str, str]]] = defaultdict(dict)
    for old, new, end in cells:
        by_end[end].setdefault(meaning(old, before), (written(old, before), written(new, after)))
    merged = [sorted(one.values(), key=_length)[:2] for one in by_end.values() if len(one) > 1]
    return tuple(min(merged, key=lambda two: sum(_length(one)[0] for one in two))) if merged else ()


def _shown(cells: Iterable[tuple[Cell, Cell]], before: Column, after: Column) -> Iterator[tuple[str, str]]:
    return ((written(old, before), written(new, after)) for old, new in cells)


def _plainest(shown: Iterable[tuple[str, str]]) -> tuple[str, str]:
    return min(shown, key=_length, default=("", ""))


def _length(shown: tuple[str, str]) -> tuple[int, str]:
    """How much there is to read; what is empty says least."""
    return len(shown[0]) + len(shown[1]) + (_SAYS_LITTLE if shown[0] in ("''", "X''", "NULL") else 0), shown[0]


def _family(column: Column) -> str:
    return taken_apart(column.type).name
