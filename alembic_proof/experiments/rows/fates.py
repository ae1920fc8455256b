"""Old rows against what is there later: which are gone, and what became of each column. A pure function of two pictures."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from alembic_proof.experiments.rows.column_fates import Pair, fate_of_kept_name, fate_of_lost_name
from alembic_proof.experiments.rows.hand import Cell, Picture
from alembic_proof.experiments.rows.meaning import meaning, written
from alembic_proof.experiments.rows.whereabouts import Scene, found_elsewhere
from alembic_proof.row_evidence import ColumnFate, Comparison, Fate, Row, RowsGone
from alembic_proof.rows.tables import Column, Table

Tables = Mapping[str, Table]
_EMPTYING = ("CASCADE", "SET NULL", "SET DEFAULT")
_SHOWN = 4


class Rebuilt(msgspec.Struct, frozen=True):
    """Tables whose dropping acted on the rows that refer to them (SQLite's batch mode); `deleted` lose rows by statements."""

    tables: frozenset[str] = frozenset()
    deleted: frozenset[str] = frozenset()


_AS_THEY_WERE = Rebuilt()


def compare_rows(old: Picture, new: Picture, below: Tables, above: Tables, *, rebuilt: Rebuilt = _AS_THEY_WERE) -> Comparison:
    """Say what became of all rows of `old`."""
    scene = Scene(old, new, below, above)
    fates: list[ColumnFate] = []
    gone: list[RowsGone] = []
    unmatched: list[str] = []
    for name, rows in old.items():
        if not rows:
            continue
        table = below[name]
        counterpart = above.get(name) or _under_another_name(table, rows, scene)
        if counterpart is None:
            found, lost = _dropped(table, rows, scene)
            fates.extend(found)
            gone.extend(lost)
            continue
        pairs, missing = _matched(table, rows, counterpart, new[counterpart.full_name])
        if pairs is None:
            unmatched.append(name)
            continue
        emptier = _emptier(table, rebuilt)
        if missing:
            gone.append(RowsGone(name, len(missing), len(rows), _row(table, missing[0]), emptied_by=emptier))
        for column in table.columns:
            if column.is_generated or not pairs:
                continue
            after = _column(counterpart, column.name)
            if after is not None:
                fate = fate_of_kept_name(column, after, pairs, table.primary_key, scene)
            else:
                fate = fate_of_lost_name(column, table, counterpart, pairs, scene)
            if fate.fate is Fate.LOSSY and emptier is not None and any(column.name in key.columns for key in table.foreign_keys):
                fate = replace(fate, emptied_by=emptier)
            fates.append(fate)
    return Comparison(tuple(fates), tuple(gone), tuple(unmatched))


def _matched(
    table: Table, rows: Sequence[Mapping[str, Cell]], after: Table, new_rows: Sequence[Mapping[str, Cell]]
) -> tuple[list[Pair] | None, list[Mapping[str, Cell]]]:
    """Pair old rows with new ones by their key; without a key, by all columns that both have, where that pairs them all."""
    key = [table.column(name) for name in table.primary_key]
    new_key = [_column(after, column.name) for column in key]
    if not key or None in new_key:
        new_key = [_column(after, name) for name in after.primary_key] if len(after.primary_key) == len(key) else []
    found = [column for column in new_key if column is not None]
    if key and len(found) == len(key):
        by_key = {_cells(row, found): row for row in new_rows}
        pairs = [(row, by_key[cells]) for row in rows if (cells := _cells(row, key)) in by_key]
        if pairs or not new_rows:
            return pairs, [row for row in rows if _cells(row, key) not in by_key]
    return _matched_by_all(table, rows, after, new_rows), []


def _matched_by_all(
    table: Table, rows: Sequence[Mapping[str, Cell]], after: Table, new_rows: Sequence[Mapping[str, Cell]]
) -> list[Pair] | None:
    both = [(column, there) for column in table.columns if (there := _column(after, column.name)) is not None]
    before, later = [old for old, _ in both], [there for _, there in both]
    if not both or Counter(_cells(row, before) for row in rows) - Counter(_cells(row, later) for row in new_rows):
        return None
    left = list(new_rows)
    pairs: list[Pair] = []
    for row in rows:
        cells = _cells(row, before)
        position = next(number for number, one in enumerate(left) if _cells(one, later) == cells)
        pairs.append((row, left.pop(position)))
    return pairs


def _under_another_name(table: Table, rows: Sequence[Mapping[str, Cell]], scene: Scene) -> Table | None:
    """Find a new table that holds rows with the same keys."""
    key = [table.column(name) for name in table.primary_key]
    wanted = {_cells(row, key) for row in rows}
    likely = [other for name, other in scene.above.items() if name not in scene.below and key]
    likely.sort(key=lambda other: -len({c.name for c in other.columns} & {c.name for c in table.columns}))
    for other in likely:
        there = [found for column in key if (found := _column(other, column.name)) is not None]
        if len(there) == len(key) and wanted <= {_cells(row, there) for row in scene.new.get(other.full_name, ())}:
            return other
    return None


def _dropped(table: Table, rows: Sequence[Mapping[str, Cell]], scene: Scene) -> tuple[list[ColumnFate], list[RowsGone]]:
    """Look for the values of a table that is gone; it is told once, unless all of its columns but the key are elsewhere."""
    found: list[ColumnFate] = []
    for column in table.columns:
        place = found_elsewhere(column, table, rows, scene)
        if place is not None:
            found.append(ColumnFate(table.full_name, column.name, Fate.MOVED, now=place))
    own = {column.name for column in table.columns if not column.is_generated} - set(table.primary_key)
    if own and own <= {fate.column for fate in found}:
        return found, []
    return found, [RowsGone(table.full_name, len(rows), len(rows), _row(table, rows[0]), is_dropped=True)]


def _emptier(table: Table, rebuilt: Rebuilt) -> str | None:
    """The rebuilt table whose dropping acts on this table's rows, if there is one and nothing else deleted them."""
    if table.full_name in rebuilt.deleted:
        return None
    acting = (key.referred_table for key in table.foreign_keys if (key.on_delete or "").upper() in _EMPTYING)
    return next((name for name in acting if name in rebuilt.tables - rebuilt.deleted and name != table.full_name), None)


def _row(table: Table, row: Mapping[str, Cell]) -> Row:
    names: Iterator[str] = iter(dict.fromkeys((*table.primary_key, *(column.name for column in table.columns))))
    first = [name for name, _ in zip(names, range(_SHOWN), strict=False)]
    return Row(table.full_name, tuple((name, written(row[name], table.column(name))) for name in first))


def _cells(row: Mapping[str, Cell], columns: Sequence[Column]) -> tuple[Hashable, ...]:
    return tuple(meaning(row[column.name], column) for column in columns)


def _column(table: Table, name: str) -> Column | None:
    return next((column for column in table.columns if column.name == name), None)
