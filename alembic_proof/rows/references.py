"""What rows refer to. Without its parent a row goes; where tables refer to each other in a circle, a parent comes later.

A reference that may be NULL is NULL first, and linked when the parent is there. One that may not be is promised: it names the
row that will be the parent's first. Pure: it knows no database.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from msgspec.structs import replace

from alembic_proof.rows.literals import Value
from alembic_proof.rows.planned import CannotSeedError, Plan, Record
from alembic_proof.rows.tables import ForeignKey, Table

Tables = Mapping[str, Table]
Rows = Mapping[str, Sequence[Record]]
_There = dict[tuple[str, tuple[str, ...]], set[str]]
_MOST_LINKED = 8


def keys_ahead(table: Table, tables: Tables, before: frozenset[str]) -> list[ForeignKey]:
    """Name the foreign keys of a table that refer to rows that come after its own, in a circle."""
    others = tables.keys() - before - {table.full_name}
    return [key for key in table.foreign_keys if key.referred_table in others]


def promises(table: Table, tables: Tables, before: frozenset[str], kind: str) -> dict[str, Mapping[str, Value]]:
    """Say what the first row of each table will be that a row has to refer to and that comes after it."""
    found: dict[str, Mapping[str, Value]] = {}
    for key in keys_ahead(table, tables, before):
        if not table.may_be_null(key):
            parent = tables[key.referred_table]
            own = {name for one in parent.foreign_keys for name in one.columns}
            try:
                plan = Plan(replace(parent, foreign_keys=()), kind, {}, before=frozenset())
            except CannotSeedError:
                continue
            found[key.referred_table] = {name: cell for name, cell in plan.plain().cells.items() if name not in own}
    return found


def linked(table: Table, tables: Tables, before: frozenset[str], rows: Rows) -> Iterator[tuple[Record, Record]]:
    """Propose some of a table's rows, each as it is and with references to rows that came after it."""
    keys = [key for key in keys_ahead(table, tables, before) if table.may_be_null(key)]
    own = [row for row in rows.get(table.full_name, ()) if table.primary_key and set(table.primary_key) <= row.cells.keys()]
    for number, row in enumerate(own[1 : 1 + _MOST_LINKED]):
        links: dict[str, Value] = {}
        for key in keys:
            pairs = list(zip(key.columns, key.referred_columns, strict=True))
            fixed = [(name, referred) for name, referred in pairs if not table.column(name).nullable]
            parents = [one.cells for one in rows.get(key.referred_table, ()) if set(key.referred_columns) <= one.cells.keys()]
            parents = [one for one in parents if all(one[referred] == row.cells.get(name) for name, referred in fixed)]
            other = tables[key.referred_table]
            if any(back.referred_table == table.full_name for back in other.foreign_keys):  # the smallest circle is of two rows
                parents = [one for one in parents if _refers(one, other, row, table)]
            if parents:
                parent = parents[number % len(parents)]
                links.update({name: parent[referred] for name, referred in pairs if table.column(name).nullable})
        if links:
            yield row, replace(row, links=links)


def _refers(cells: Mapping[str, Value], table: Table, row: Record, other: Table) -> bool:
    """Whether a row of one table refers to a row of another."""
    return any(
        all(cells.get(name) == row.cells.get(referred) for name, referred in zip(key.columns, key.referred_columns, strict=True))
        for key in table.foreign_keys
        if key.referred_table == other.full_name
    )


def without_orphans(records: Sequence[Record], tables: Mapping[str, Table], kept: Sequence[Record]) -> list[Record]:
    """Leave out of `records` what refers to rows that are no longer there; `kept` are rows that were there before all.

    Rows that are only linked to what is gone stay without the link.
    """
    left = list(records)
    while True:
        there: _There = {}
        good = [record for record in left if _has_parents(record.cells, tables[record.table], left, kept, there)]
        if len(good) == len(left):
            break
        left = good
    return [
        replace(record, links={})
        if record.links and not _has_parents({**record.cells, **record.links}, tables[record.table], left, kept, there)
        else record
        for record in left
    ]


def _has_parents(
    row: Mapping[str, Value], table: Table, records: Sequence[Record], kept: Sequence[Record], there: _There
) -> bool:
    for key in table.foreign_keys:
        cells = [row.get(name) for name in key.columns]
        if any(cell is None for cell in cells):
            continue
        at = (key.referred_table, key.referred_columns)
        if at not in there:
            there[at] = {
                repr([one.cells.get(name) for name in key.referred_columns])
                for one in chain(records, kept)
                if one.table == key.referred_table
            }
        if repr(cells) not in there[at]:
            return False
    return True
