"""Where the values of a column went that is gone: into a new column, or into one that was there and did not hold them. Pure.

A column that was there may hold like values of its own. So it counts as the new place only for what came into it meanwhile, or
where each value now stands beside the key of the row that it came from, and did not before. What came may be a copy of another
column: where one held the same, nobody can tell.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import permutations

import msgspec

from alembic_proof.experiments.rows.hand import Cell, Picture
from alembic_proof.experiments.rows.meaning import meaning
from alembic_proof.rows.tables import Column, Table

Row = Mapping[str, Cell]
_ENOUGH_TO_RECOGNISE = 3


class Scene(msgspec.Struct, frozen=True):
    """The rows before and after, and the tables on both sides."""

    old: Picture
    new: Picture
    below: Mapping[str, Table]
    above: Mapping[str, Table]

    def others(self, column: Column) -> Iterator[tuple[Table, frozenset[str]]]:
        """Name the tables afterwards that are not the column's own, each with the names of its columns that were there before."""
        for table in self.above.values():
            if table.full_name != column.table:
                there = self.below.get(table.full_name)
                yield table, frozenset(one.name for one in there.columns) if there else frozenset()

    def rivals(self, column: Column, place: Table) -> Iterator[tuple[Column, Table, Sequence[Row]]]:
        """Name the other columns from which values can have come to a place, each with its table and its old rows."""
        for name, rows in self.old.items():
            if name != place.full_name and rows:
                yield from ((one, self.below[name], rows) for one in self.below[name].columns if one != column)


def found_elsewhere(before: Column, table: Table, rows: Sequence[Row], scene: Scene) -> str | None:
    """Find all values that some old rows had in a column in one of another table."""
    values = {meaning(row[before.name], before) for row in rows} - {None}
    if not values:
        return None
    for other, known in scene.others(before):
        there = scene.new.get(other.full_name, ())
        if len(values) < _ENOUGH_TO_RECOGNISE and len(there) < len(rows):
            continue
        for column in other.columns:
            if column.name not in known and values <= {meaning(row[column.name], column) for row in there}:
                return column.full_name
    return _found_in_what_was_there(before, table, rows, scene)


def saved_elsewhere(before: Column, values: set[Hashable], scene: Scene) -> tuple[str, set[Hashable]]:
    """Find the new column of another table that holds most of some values, and which; at least two, to recognise them by."""
    best: tuple[str, set[Hashable]] = ("", set())
    for table, known in scene.others(before):
        for column in table.columns:
            if column.name not in known:
                held = {meaning(row[column.name], column) for row in scene.new.get(table.full_name, ())} & (values - {None})
                best = max(best, (column.full_name, held), key=lambda one: len(one[1]))
    return best if len(best[1]) > 1 else ("", set())


def _found_in_what_was_there(before: Column, table: Table, rows: Sequence[Row], scene: Scene) -> str | None:
    """Find the values in a column of another table that did not hold them before."""
    places = ((other, names) for other, names in scene.others(before) if names)
    found = (
        _by_what_came(before, rows, at, names, scene) or _by_key((before, table, rows), at, names, scene) for at, names in places
    )
    return next((place for place in found if place is not None), None)


def _by_what_came(before: Column, rows: Sequence[Row], other: Table, known: frozenset[str], scene: Scene) -> str | None:
    values = {meaning(row[before.name], before) for row in rows} - {None}
    if len(values) < _ENOUGH_TO_RECOGNISE:
        return None
    came = _came(scene.below[other.full_name], other, scene)
    likely = [column for column in other.columns if column.name in known and values <= came.get(column.name, set())]
    rivals = scene.rivals(before, other) if likely else ()
    if any(values <= {meaning(row[one.name], one) for row in its} for one, _, its in rivals):
        return None
    return likely[0].full_name if likely else None


def _by_key(lost: tuple[Column, Table, Sequence[Row]], other: Table, known: frozenset[str], scene: Scene) -> str | None:
    before, table, rows = lost
    if len(table.primary_key) != 1 or before.name in table.primary_key:
        return None
    was, pairs = scene.below[other.full_name], _pairs(rows, table.column(table.primary_key[0]), before)
    old_rows, new_rows = scene.old.get(other.full_name, ()), scene.new.get(other.full_name, ())
    for link, column in permutations([column for column in other.columns if column.name in known], 2):
        if not pairs <= _pairs(new_rows, link, column):
            continue
        news = pairs - _pairs(old_rows, was.column(link.name), was.column(column.name))
        rivals = ((one, of, its) for one, of, its in scene.rivals(before, other) if len(of.primary_key) == 1)
        is_telling = len(news) >= _ENOUGH_TO_RECOGNISE and len({value for _, value in news}) > 1
        if is_telling and not any(news <= _pairs(its, of.column(of.primary_key[0]), one) for one, of, its in rivals):
            return column.full_name
    return None


def _came(was: Table, now: Table, scene: Scene) -> dict[str, set[Hashable]]:
    """Say which values came into each column that was there: with new rows, or in the place of others."""
    old, new = scene.old.get(was.full_name, ()), scene.new.get(now.full_name, ())
    before = {column.name: column for column in was.columns}
    both = [(before[column.name], column) for column in now.columns if column.name in before]
    key = [(one, other) for one, other in both if one.name in was.primary_key] if was.primary_key else []
    found: dict[str, set[Hashable]] = {}
    if not key or len(key) != len(was.primary_key):
        for one, column in both:
            cells = Counter(meaning(row[column.name], column) for row in new)
            found[column.name] = set(cells - Counter(meaning(row[one.name], one) for row in old))
        return found
    old_by_key = {tuple(meaning(row[one.name], one) for one, _ in key): row for row in old}
    for row in new:
        stood = old_by_key.get(tuple(meaning(row[other.name], other) for _, other in key))
        for one, column in both:
            value = meaning(row[column.name], column)
            if stood is None or meaning(stood[one.name], one) != value:
                found.setdefault(column.name, set()).add(value)
    return found


def _pairs(rows: Sequence[Row], key: Column, column: Column) -> set[tuple[Hashable, Hashable]]:
    """The values of a column, each with its row's key."""
    return {
        (meaning(row[key.name], key), meaning(row[column.name], column))
        for row in rows
        if row[column.name] is not None and row[key.name] is not None
    }
