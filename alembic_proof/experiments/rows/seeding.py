"""Fill tables with the rows that they admit, parents first. What could not be filled is said, with the database's words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alembic_proof.experiments.rows.hand import Hand
from alembic_proof.rows.planned import CannotSeedError, Plan, Record
from alembic_proof.rows.tables import Table, in_dependency_order


@dataclass(slots=True)
class Seed:
    """The rows that went in, in order, and for each table that should have rows and got none, why."""

    records: list[Record] = field(default_factory=list)
    unseeded: dict[str, str] = field(default_factory=dict)

    def counts(self, names: frozenset[str]) -> tuple[tuple[str, int], ...]:
        """How many rows each of some tables got."""
        found = dict.fromkeys(sorted(names), 0)
        for record in self.records:
            if record.table in found:
                found[record.table] += 1
        return tuple((name, number) for name, number in found.items() if number)


def sow(hand: Hand, tables: Mapping[str, Table], thorough: frozenset[str], kind: str, drawn: int) -> Seed:
    """Propose rows to every table and keep what it admits: many to the `thorough` ones, a few to their relatives."""
    seed = Seed()
    admitted: dict[str, list[Record]] = {name: [] for name in tables}
    before: set[str] = set()
    for table in in_dependency_order(tables):
        name = table.full_name
        try:
            plan = Plan(table, kind, admitted, before=frozenset(before))
            refusal = _sow_one(hand, plan, admitted[name], drawn if name in thorough else None)
        except CannotSeedError as why:
            refusal = str(why)
        if not admitted[name] and refusal is not None:
            seed.unseeded[name] = refusal
        seed.records.extend(admitted[name])
        before.add(name)
    return seed


def _sow_one(hand: Hand, plan: Plan, admitted: list[Record], drawn: int | None) -> str | None:
    """Return the refusal of the first, plain row."""
    first_refusal: str | None = None
    for attempt in range(2):
        is_first = True
        for record in plan.few() if drawn is None and attempt == 0 else plan.all(drawn or 0):
            refusal = hand.insert(record, plan.table)
            if refusal is None:
                admitted.append(record)
                if drawn is None and attempt:
                    return None  # one is enough to refer to
            elif is_first and attempt == 0:
                first_refusal = refusal
            is_first = False
        if first_refusal is None:
            break
        if admitted:
            plan.anchor(admitted[0])
    return first_refusal


def sow_again(hand: Hand, records: Sequence[Record], tables: Mapping[str, Table]) -> Seed:
    """Insert rows that went in before; those that no longer do are left out."""
    return Seed([record for record in records if hand.insert(record, tables[record.table]) is None])
