"""Fill tables with the rows that they admit, parents first. What could not be filled is said, with the database's words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby

import msgspec

from alembic_proof.experiments.rows.hand import Hand
from alembic_proof.rows.planned import CannotSeedError, Plan, Record
from alembic_proof.rows.references import keys_ahead, linked, promises, without_orphans
from alembic_proof.rows.tables import Table, in_dependency_order


class Seed(msgspec.Struct):
    """The rows that went in, in order, and for each table that should have rows and got none, why."""

    records: list[Record] = msgspec.field(default_factory=list)
    unseeded: dict[str, str] = msgspec.field(default_factory=dict)

    def counts(self, names: frozenset[str]) -> tuple[tuple[str, int], ...]:
        """How many rows each of some tables got."""
        found = dict.fromkeys(sorted(names), 0)
        for record in self.records:
            if record.table in found:
                found[record.table] += 1
        return tuple((name, number) for name, number in found.items() if number)


def sow(
    hand: Hand, tables: Mapping[str, Table], thorough: frozenset[str], kind: str, drawn: int, *, is_brief: bool = False
) -> Seed:
    """Propose rows to every table and keep what it admits: many to the `thorough` ones, a few to their relatives.

    Where it `is_brief`, `thorough` tables get no more than what differs in every column.
    """
    seed = Seed()
    admitted: dict[str, list[Record]] = {name: [] for name in tables}
    refusals: dict[str, str | None] = {}
    before: frozenset[str] = frozenset()
    for table in in_dependency_order(tables):
        name = table.full_name
        promised = promises(table, tables, before, kind)
        try:
            plan = Plan(table, kind, admitted, before=before, promised=promised)
            with _awaiting(hand, table, promised):
                refusals[name] = _sow_one(hand, plan, admitted[name], drawn if name in thorough else None, is_brief=is_brief)
        except CannotSeedError as why:
            refusals[name] = str(why)
        if admitted[name]:
            hand.count_on([table])
        seed.records.extend(admitted[name])
        before |= {name}
    _keep_promises(hand, seed, tables, admitted)
    refused = {name: why for name, why in refusals.items() if why is not None and not admitted[name]}
    seed.unseeded = {name: why for name, why in refused.items() if not hand.has_rows(tables[name])}
    _link(hand, seed, tables, admitted)
    return seed


def _awaiting(hand: Hand, table: Table, promised: Collection[str]) -> AbstractContextManager[None]:
    """Let rows of a table refer to the tables that are `promised`."""
    keys = [key for key in table.foreign_keys if key.referred_table in promised]
    return hand.awaiting(keys, table.schema) if keys else nullcontext()


def _keep_promises(hand: Hand, seed: Seed, tables: Mapping[str, Table], admitted: Mapping[str, list[Record]]) -> None:
    """Take out the rows whose parent did not come after all, and what refers to them."""
    kept = without_orphans(seed.records, tables, ())
    if len(kept) == len(seed.records):
        return
    left = {id(record) for record in kept}
    for record in reversed(seed.records):
        if id(record) not in left:
            hand.take_out(record, tables[record.table])
    seed.records[:] = kept
    for records in admitted.values():
        records[:] = [record for record in records if id(record) in left]


def _link(hand: Hand, seed: Seed, tables: Mapping[str, Table], admitted: Mapping[str, list[Record]]) -> None:
    """Close the circles of tables that refer to each other: rows that came first refer to rows that came later."""
    before: frozenset[str] = frozenset()
    closed: dict[int, Record] = {}
    for name in dict.fromkeys(record.table for record in seed.records):
        for record, with_links in linked(tables[name], tables, before, admitted):
            if hand.link(with_links, tables[name]) is None:
                closed[id(record)] = with_links
        before |= {name}
    seed.records[:] = [closed.get(id(record), record) for record in seed.records]


def _sow_one(hand: Hand, plan: Plan, admitted: list[Record], drawn: int | None, *, is_brief: bool) -> str | None:
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
    refusal_of_all = sow_each(plan.few() if drawn is None else plan.brief() if is_brief else plan.all(drawn))
    if refusal_of_all is not None:
        if admitted:
            plan.anchor(admitted[0])
        sow_each(plan.all(drawn or 0), until_one=drawn is None or is_brief)  # one is enough to refer to
    return refusal


def sow_again(hand: Hand, records: Sequence[Record], tables: Mapping[str, Table]) -> Seed:
    """Insert rows that went in before; those that no longer do are left out."""
    seed = Seed()
    before: frozenset[str] = frozenset()
    for name, some in groupby(records, key=lambda record: record.table):
        table = tables[name]
        ahead = {key.referred_table for key in keys_ahead(table, tables, before) if not table.may_be_null(key)}
        with _awaiting(hand, table, ahead):
            seed.records.extend(record for record in some if hand.insert(record, table) is None)
        before |= {name}
    for record in seed.records:
        if record.links:
            hand.link(record, tables[record.table])
    return seed
