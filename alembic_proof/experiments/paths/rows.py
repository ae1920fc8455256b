"""Rows on the ways: written where two ways part, and compared where they meet again."""

from collections.abc import Container, Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from alembic_proof.evidence import Apart
from alembic_proof.experiments.rows.hand import Hand, Picture
from alembic_proof.experiments.rows.meaning import meaning
from alembic_proof.experiments.rows.seeding import sow, sow_again
from alembic_proof.experiments.rows.steadiness import Stage, turned, unsteady
from alembic_proof.migrate.inside import Inside
from alembic_proof.row_evidence import Cause
from alembic_proof.rows.planned import Record
from alembic_proof.rows.references import without_orphans
from alembic_proof.rows.tables import Table, tables_of, with_relatives
from alembic_proof.schema.snapshot import Snapshot

_MOST_OF_A_TABLE = 30


class Sown(msgspec.Struct, frozen=True, kw_only=True):
    """Rows, the tables that they go into, and after how many moves of a whole way. `others` are tables that have none.

    The rows of the tables `touched` are tried; the others are there for them to refer to, or refer to them.
    """

    after: int
    tables: Mapping[str, Table]
    touched: frozenset[str]
    others: frozenset[str]
    records: Sequence[Record]

    def sow(self, inside: Inside, kind: str, *, is_trial: bool = False) -> Picture | None:
        """Write the rows, and read what is there then; None where some are no longer admitted."""
        hand = Hand(inside, kind, is_trial=is_trial)
        with hand.at_work():
            seed = sow_again(hand, self.records, self.tables)
            refusal = hand.settle([self.tables[name] for name in dict.fromkeys(record.table for record in seed.records)])
        if refusal is not None or len(seed.records) < len(self.records):
            return None
        with hand.at_work():
            return hand.picture(list(self.tables.values()))

    def picture(self, inside: Inside, kind: str, schema: Snapshot, *, is_trial: bool = False) -> Picture:
        """Read the tables that rows went into, and those that came since."""
        hand = Hand(inside, kind, is_trial=is_trial)
        tables = list(tables_of(without(schema, self.others)).values())
        with hand.at_work():
            return hand.picture(tables)

    def turned(self) -> "Sown":
        """The same rows, written in another order."""
        return replace(self, records=turned(self.records, self.tables))

    def only(self, records: Sequence[Record]) -> "Sown":
        """Some of the rows that are tried, and the others."""
        chosen = {id(one) for one in (*records, *(one for one in self.records if one.table not in self.touched))}
        return replace(self, records=without_orphans([one for one in self.records if id(one) in chosen], self.tables, ()))


def sown_at(inside: Inside, kind: str, schema: Snapshot, named: frozenset[str], after: int, *, is_trial: bool) -> Sown | None:
    """Find the rows that tables admit whose names statements mention, a limited number; None where there are none."""
    tables = tables_of(schema)
    touched = frozenset(name for name, table in tables.items() if table.name in named)
    if not touched:
        return None
    relatives = with_relatives(tables, touched)
    hand = Hand(inside, kind, is_trial=is_trial)
    with hand.at_work():
        seed = sow(hand, relatives, touched, kind, 0, is_brief=True)
        hand.settle([relatives[name] for name in dict.fromkeys(record.table for record in seed.records)])
    records = without_orphans(list(_first_of_each(seed.records)), relatives, ())
    others = frozenset(tables.keys() - relatives.keys())
    return Sown(after=after, tables=relatives, touched=touched, others=others, records=records)


def _first_of_each(records: Iterable[Record]) -> Iterable[Record]:
    number: dict[str, int] = {}
    for record in records:
        number[record.table] = number.get(record.table, 0) + 1
        if number[record.table] <= _MOST_OF_A_TABLE:
            yield record


def apart(
    first: Picture, second: Picture, begun: Picture, schema: Snapshot, *, is_return: bool, is_home: bool
) -> tuple[Apart, ...]:
    """Say what two ways made of the same rows otherwise. `begun` is what was there when the rows had been written.

    Where a way takes something back (`is_return`), only the rows of the beginning are compared: what a downgrade leaves is
    numbered anew by the next upgrade. Where it comes back to where the rows were written (`is_home`), what they refer to is, too.
    """
    tables = tables_of(without(schema, frozenset(key.full_name for key in schema.of_kind("table")) - first.keys()))
    stage = Stage(begun, tables, schema, with_references=is_home)
    if is_return:
        first, second = (_of_the_beginning(picture, begun, tables) for picture in (first, second))
    shared = {name: rows for name, rows in first.items() if name in second and name in tables}
    found = unsteady(shared, second, stage, Cause.ANOTHER_RUN)
    return tuple(Apart(one.table, one.column, one.row, one.values) for one in found)


def without(schema: Snapshot, tables: Container[str]) -> Snapshot:
    """Leave tables out of a picture, with all that belongs to them: what is not asked for need not be read."""
    return Snapshot({key: kept for key, kept in schema.objects.items() if (key.owner or key).full_name not in tables})


def _of_the_beginning(picture: Picture, begun: Picture, tables: Mapping[str, Table]) -> Picture:
    """Leave out rows that were made on the way, and tables whose rows cannot be told apart."""
    found = {}
    for name, rows in picture.items():
        table = tables.get(name)
        key = table.primary_key if table is not None else ()
        old = begun.get(name, ())
        if table is None or not key or any(column not in row for row in (*rows[:1], *old[:1]) for column in key):
            continue
        columns = [table.column(column) for column in key]
        known = {tuple(meaning(row[column.name], column) for column in columns) for row in old}
        found[name] = [row for row in rows if tuple(meaning(row[column.name], column) for column in columns) in known]
    return found
