"""The smallest rows that show a fault: rows are taken away, then made plain, for as long as the same fault shows."""

import re
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from alembic_proof.row_evidence import Row
from alembic_proof.rows.literals import Value, shown
from alembic_proof.rows.planned import Record
from alembic_proof.rows.references import without_orphans
from alembic_proof.rows.tables import ForeignKey, Table
from alembic_proof.rows.values import values_of

Fails = Callable[[Sequence[Record]], bool]
_SHOWN_ANYWAY = 4
_WORD = re.compile(r"\w+")


class Budget:
    """How many times something may still be tried."""

    def __init__(self, number: int) -> None:
        self._left = number

    def spend(self) -> bool:
        self._left -= 1
        return self._left >= 0


def lineage(chosen: Sequence[Record], every: Sequence[Record], tables: Mapping[str, Table]) -> list[Record]:
    """Add to some rows those that they refer to, and so on, in the order of `every`."""
    holders: dict[tuple[str, tuple[str, ...], str], Record] = {}
    for name, columns in {(key.referred_table, key.referred_columns) for table in tables.values() for key in table.foreign_keys}:
        for record in every:
            if record.table == name:
                holders.setdefault((name, columns, repr([record.cells.get(column) for column in columns])), record)
    kept, waiting = set[int](), list(chosen)
    while waiting:
        record = waiting.pop()
        if id(record) in kept:
            continue
        kept.add(id(record))
        row = {**record.cells, **record.links}
        for key in tables[record.table].foreign_keys:
            cells = repr([row.get(column) for column in key.columns])
            parent = holders.get((key.referred_table, key.referred_columns, cells))
            waiting.extend([parent] if parent is not None else [])
    return [record for record in every if id(record) in kept]


def fewest_with_lineage(
    records: Sequence[Record], own: frozenset[str], tables: Mapping[str, Table], fails: Fails, budget: Budget
) -> list[Record]:
    """Take away rows of the tables `own`, and whatever is then referred to by none of them; all if it is not about them."""
    left = [record for record in records if record.table in own]
    if not budget.spend() or not fails(lineage(left, records, tables)):
        return list(records)
    size = len(left) // 2
    while size >= 1:
        end = len(left)
        while end > 0:
            fewer = [*left[: max(end - size, 0)], *left[end:]]
            if fewer and budget.spend() and fails(lineage(fewer, records, tables)):
                left = fewer
                end = min(end - size, len(left))
            else:
                end -= size
        size //= 2
    return lineage(left, records, tables)


def fewest(records: Sequence[Record], tables: Mapping[str, Table], fails: Fails, budget: Budget) -> list[Record]:
    """Take away as many rows as can go, the children of what goes with it."""
    left = list(records)
    size = len(left) // 2
    while size >= 1:
        end = len(left)
        while end > 0:
            fewer = without_orphans([*left[: max(end - size, 0)], *left[end:]], tables, ())
            if len(fewer) < len(left) and budget.spend() and fails(fewer):
                left = fewer
                end = min(end - size, len(left))
            else:
                end -= size
        size //= 2
    return left


def without_references(records: Sequence[Record], tables: Mapping[str, Table], fails: Fails, budget: Budget) -> list[Record]:
    """Empty the references that may be NULL, and leave out the rows that are then referred to by none."""
    left = list(records)
    for position, record in enumerate(records):
        table = tables[record.table]
        for key in table.foreign_keys:
            if not left[position].links.keys().isdisjoint(key.columns):
                unlinked = [*left]
                unlinked[position] = replace(left[position], links={})
                if budget.spend() and fails(unlinked):
                    left = unlinked
            names = [name for name in key.columns if table.column(name).nullable and left[position].cells.get(name) is not None]
            if names:
                emptied = [*left]
                emptied[position] = replace(record, cells={**left[position].cells, **dict.fromkeys(names)})
                if budget.spend() and fails(emptied):
                    left = emptied
    return left


def plainest(
    records: Sequence[Record],
    tables: Mapping[str, Table],
    kind: str,
    fails: Fails,
    budget: Budget,
    *,
    others: Sequence[Record] = (),
) -> tuple[list[Record], list[tuple[str, ...]]]:
    """Make every value plain that can be; return the rows, and for each the columns whose values matter.

    A reference that is NULL is given a row of `others` to refer to: if that mends it, the NULL mattered.
    """
    left = list(records)
    telling: list[tuple[str, ...]] = []
    for position, record in enumerate(records):
        table = tables[record.table]
        fixed = {name for names in table.uniques for name in names} | {n for key in table.foreign_keys for n in key.columns}
        own: list[str] = []
        for name in record.cells:
            values = values_of(table.column(name), kind) if name not in fixed else None
            if values is None:
                continue
            current = left[position].cells[name]
            plain = [one for one in (values.plain, values.nth(1)) if repr(one) != repr(current)]
            if _same(current, values.plain):
                continue
            for value in plain:
                plainer = [*left]
                plainer[position] = replace(record, cells={**left[position].cells, name: value})
                if budget.spend() and fails(plainer):
                    left = plainer
                    break
            else:
                own.append(name)
        for key in table.foreign_keys:
            referring = _referring(left, position, key, others, tables)
            if referring and budget.spend() and not fails(referring):
                own.extend(key.columns)
        telling.append(tuple(own))
    renumbered = _renumbered(left, tables)
    if renumbered != left and budget.spend() and fails(renumbered):
        left = renumbered
    return left, telling


def _referring(
    records: Sequence[Record], position: int, key: ForeignKey, others: Sequence[Record], tables: Mapping[str, Table]
) -> list[Record]:
    """Let a row refer to another one where its reference is NULL; nothing where there is none to refer to."""
    record = records[position]
    if record.links or any(record.cells.get(name, "") is not None for name in key.columns):
        return []
    parent = next(
        (one for one in others if one.table == key.referred_table and set(key.referred_columns) <= set(one.cells)), None
    )
    if parent is None:
        return []
    cells = {name: parent.cells[theirs] for name, theirs in zip(key.columns, key.referred_columns, strict=True)}
    filled = [*records]
    filled[position] = replace(record, cells={**record.cells, **cells})
    above = [one for one in lineage([parent], others, tables) if one not in records]
    return [*above, *filled]


def _renumbered(records: Sequence[Record], tables: Mapping[str, Table]) -> list[Record]:
    """Count keys from 1 where no other row refers to them."""
    referred = {key.referred_table for record in records for key in tables[record.table].foreign_keys}
    numbers: dict[str, int] = {}
    found = []
    for record in records:
        counted = [c.name for c in tables[record.table].columns if c.is_counted and c.name in record.cells]
        if record.table not in referred and counted:
            numbers[record.table] = numbers.get(record.table, 0) + 1
            found.append(replace(record, cells={**record.cells, counted[0]: numbers[record.table]}))
        else:
            found.append(record)
    return found


def _same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and one == other


def as_row(
    record: Record, table: Table, telling: Sequence[str] = (), words: str = "", changed: frozenset[str] = frozenset()
) -> Row:
    """Write a row for a person: its key, what matters or changes, what the database's words name, the rest where it is short."""
    mentioned = {*_WORD.findall(words), *(name.rpartition(".")[2] for name in changed if name.rpartition(".")[0] == record.table)}
    cells = {**record.cells, **record.links}
    every = [column.name for column in table.columns if column.name in cells]
    named = [name for name in every if name in table.primary_key or name in telling or name in mentioned]
    names = every if len(every) <= _SHOWN_ANYWAY else named or every[:_SHOWN_ANYWAY]
    return Row(record.table, tuple((name, shown(cells[name])) for name in names), tuple(telling))
