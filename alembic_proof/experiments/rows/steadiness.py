"""Whether the same rows, upgraded again, come to the same. A pure comparison of two pictures of the upgraded tables.

Left out is what databases number or stamp by themselves: counted keys and what refers to them, columns with a default that
differs each time, tables with triggers.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence

import msgspec

from alembic_proof.experiments.rows.hand import Cell, Picture
from alembic_proof.experiments.rows.meaning import meaning, written
from alembic_proof.row_evidence import Cause, Unsteady
from alembic_proof.rows.planned import Record
from alembic_proof.rows.tables import Column, Table
from alembic_proof.schema.snapshot import Key, Snapshot

Row = Mapping[str, Cell]
_DIFFERS_EACH_TIME = re.compile(r"\(|\bcurrent_", re.IGNORECASE)


class Stage(msgspec.Struct, frozen=True):
    """The rows before the upgrade, and the tables and the schema after it.

    `with_references` compares foreign keys too, `with_stamps` what was there before the upgrade though a default stamps it.
    """

    old: Picture
    above: Mapping[str, Table]
    schema: Snapshot
    with_references: bool = False
    with_stamps: bool = False

    def telling(self, table: Table) -> list[Column]:
        """Name the columns in which the upgrade's own statements can make a difference."""
        owners = {key.owner.full_name for key in self.schema.of_kind("trigger") if key.owner is not None}
        if table.full_name in owners:
            return []
        references = () if self.with_references else (name for key in table.foreign_keys for name in key.columns)
        left_out = {*table.primary_key, *references}
        return [
            column
            for column in table.columns
            if column.name not in left_out
            and not column.is_counted
            and not column.is_generated
            and not self._is_stamped(column, table)
        ]

    def _is_stamped(self, column: Column, table: Table) -> bool:
        if self.with_stamps and any(column.name in row for row in self.old.get(table.full_name, ())[:1]):
            return False
        stored = self.schema.objects.get(Key("column", table.schema, table.name, column.name), {})
        stamps = f"{stored.get('default') or ''} {stored.get('extra') or ''}"
        return _DIFFERS_EACH_TIME.search(stamps) is not None


def unsteady(one: Picture, other: Picture, stage: Stage, cause: Cause) -> Iterator[Unsteady]:
    """Say what two upgrades of the same rows left otherwise."""
    for name, rows in one.items():
        table = stage.above[name]
        columns = stage.telling(table)
        first, second = _by_key(rows, table), _by_key(other.get(name, ()), table)
        known = _by_key(stage.old[name], table) if name in stage.old and first is not None else None
        if first is None or second is None or known is None:
            yield from _of_heaps(rows, other.get(name, ()), table, columns, cause)
            continue
        stayed, stayed_too = first.keys() & known.keys(), second.keys() & known.keys()
        if stayed != stayed_too:
            row = _shown(known[min(stayed ^ stayed_too, key=repr)], table)
            there = ("there", "gone") if stayed - stayed_too else ("gone", "there")
            yield Unsteady(name, None, cause, row, there)
        both = sorted(stayed & stayed_too, key=repr)
        for column in columns:
            pairs = ((key, first[key][column.name], second[key][column.name]) for key in both)
            found = next((pair for pair in pairs if meaning(pair[1], column) != meaning(pair[2], column)), None)
            if found is not None:
                row = _shown(first[found[0]], table)
                yield Unsteady(name, column.name, cause, row, (written(found[1], column), written(found[2], column)))
        made, made_too = ([row for key, row in side.items() if key not in known] for side in (first, second))
        yield from _of_heaps(made, made_too, table, columns, cause)


def _of_heaps(
    rows: Sequence[Row], others: Sequence[Row], table: Table, columns: Sequence[Column], cause: Cause
) -> Iterator[Unsteady]:
    """Compare rows that cannot be paired, column by column."""
    for column in columns:
        first, second = (Counter(meaning(row[column.name], column) for row in side) for side in (rows, others))
        if first != second:
            values = [
                next((written(row[column.name], column) for row in side if meaning(row[column.name], column) in more), "nothing")
                for side, more in ((rows, first - second), (others, second - first))
            ]
            yield Unsteady(table.full_name, column.name, cause, None, (values[0], values[1]))


def _by_key(rows: Sequence[Row], table: Table) -> dict[tuple[Hashable, ...], Row] | None:
    """Find rows by their key; None where the table, or these rows, have none."""
    if not table.primary_key or any(name not in row for row in rows[:1] for name in table.primary_key):
        return None
    key = [table.column(name) for name in table.primary_key]
    return {tuple(meaning(row[column.name], column) for column in key): row for row in rows}


def _shown(row: Row, table: Table) -> str:
    keys = (f"{name}={written(row[name], table.column(name))}" for name in table.primary_key)
    return f"{table.full_name}({', '.join(keys)})"


def turned(records: Sequence[Record], tables: Mapping[str, Table]) -> list[Record]:
    """The same rows in another order: the last first, parents still before children."""
    by_table: dict[str, list[Record]] = {}
    for record in records:
        by_table.setdefault(record.table, []).append(record)
    return [record for name, some in by_table.items() for record in (some if _refers_to_itself(tables[name]) else some[::-1])]


def _refers_to_itself(table: Table) -> bool:
    return any(key.referred_table == table.full_name for key in table.foreign_keys)
