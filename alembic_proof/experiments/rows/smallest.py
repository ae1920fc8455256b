"""The smallest rows that show a fault: rows are taken away, then made plain, for as long as the same fault shows."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from alembic_proof.row_evidence import Row
from alembic_proof.rows.literals import Value, shown
from alembic_proof.rows.planned import Record, without_orphans
from alembic_proof.rows.tables import Table
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


def plainest(
    records: Sequence[Record], tables: Mapping[str, Table], kind: str, fails: Fails, budget: Budget
) -> tuple[list[Record], list[tuple[str, ...]]]:
    """Make every value plain that can be; return the rows, and for each the columns whose values matter."""
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
        telling.append(tuple(own))
    renumbered = _renumbered(left, tables)
    if renumbered != left and budget.spend() and fails(renumbered):
        left = renumbered
    return left, telling


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


def as_row(record: Record, table: Table, telling: Sequence[str] = (), words: str = "") -> Row:
    """Write a row for a person: its key, what matters, what the database's words name, and the rest where it is short."""
    mentioned = set(_WORD.findall(words))
    every = [column.name for column in table.columns if column.name in record.cells]
    named = [name for name in every if name in table.primary_key or name in telling or name in mentioned]
    names = every if len(every) <= _SHOWN_ANYWAY else named or every[:_SHOWN_ANYWAY]
    return Row(record.table, tuple((name, shown(record.cells[name])) for name in names), tuple(telling))
