"""Fill tables with the rows that they admit, parents first. What could not be filled is said, with the database's words."""

from collections.abc import Iterable, Mapping, Sequence
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

    def sow_each(records: Iterable[Record], *, until_one: bool = False) -> str | None:
        refusals = []
        for record in records:
            refusals.append(hand.insert(record, plan.table))
            if refusals[-1] is None:
                admitted.append(record)
                if until_one:
                    break
        return refusals[0] if refusals else None

    refusal = sow_each([plan.plain()])
    sow_each(plan.patterns())
    if refusal is not None and admitted:
        plan.anchor(admitted[0])
    refusal_of_all = sow_each(plan.few() if drawn is None else plan.all(drawn))
    if refusal_of_all is not None:
        if admitted:
            plan.anchor(admitted[0])
        sow_each(plan.all(drawn or 0), until_one=drawn is None)  # one is enough to refer to
    return refusal


def sow_again(hand: Hand, records: Sequence[Record], tables: Mapping[str, Table]) -> Seed:
    """Insert rows that went in before; those that no longer do are left out."""
    return Seed([record for record in records if hand.insert(record, tables[record.table]) is None])
