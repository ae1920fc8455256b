"""One trip of rows through a revision: seeded below it, up, and down again; or written above it, and down."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import event

from alembic_proof.experiments.rows.hand import Hand, Picture
from alembic_proof.experiments.rows.listening import Said, listening
from alembic_proof.experiments.rows.seeding import Seed, sow, sow_again
from alembic_proof.experiments.rows.session_zone import speak_in
from alembic_proof.failure import Failure
from alembic_proof.findings import Direction
from alembic_proof.migrate.inside import Inside
from alembic_proof.rows.planned import Record
from alembic_proof.rows.tables import Table
from alembic_proof.schema.snapshot import Snapshot

UP, DOWN = Direction.UPGRADE, Direction.DOWNGRADE
Tables = Mapping[str, Table]


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """What is tried at a revision. `records` None: the rows are planned anew, thoroughly for the tables `thorough`.

    `below` are the tables that rows are written into, or that are read, before the upgrade; `above` those after it.
    `changed` are the columns that the revision changes: they are shown of rows that fail. `zone` is the time zone in which the
    session speaks during the upgrade, None its own.
    """

    revision: str
    below: Tables = msgspec.field(default_factory=dict)
    above: Tables = msgspec.field(default_factory=dict)
    thorough: frozenset[str] = frozenset()
    records: Sequence[Record] | None = None
    drawn: int = 0
    is_from_above: bool = False
    goes_back: bool = False
    changed: frozenset[str] = frozenset()
    zone: str | None = None


class Passage(msgspec.Struct):
    """What was seen on a trip. A picture is None where the trip did not get there."""

    seed: Seed = msgspec.field(default_factory=Seed)
    old: Picture | None = None
    upgrade: Failure | None = None
    new: Picture | None = None
    downgrade: Failure | None = None
    back: Picture | None = None
    said: Sequence[Said] = ()

    @property
    def failure(self) -> Failure | None:
        return self.upgrade or self.downgrade


def travel(inside: Inside, kind: str, trip: Trip, *, is_trial: bool) -> Passage:
    """Take a trip on a database that stands at the revision's parent. It is left wherever the trip ended."""
    passage = Passage()
    hand = Hand(inside, kind, is_trial=is_trial)
    if trip.is_from_above:
        passage.upgrade = inside.take(trip.revision, UP)
        if passage.upgrade is None:
            _sow(hand, trip, trip.above, kind, passage)
            passage.downgrade = inside.take(trip.revision, DOWN)
        return passage
    _sow(hand, trip, trip.below, kind, passage)
    with hand.at_work():
        passage.old = hand.picture(list(trip.below.values()))
    with listening(inside.connection, inside.file_of(trip.revision)) as passage.said:
        passage.upgrade = _taken_up(inside, hand, kind, trip)
    if passage.upgrade is not None:
        return passage
    with hand.at_work():
        passage.new = hand.picture(list(trip.above.values()))
    if trip.goes_back:
        passage.downgrade = inside.take(trip.revision, DOWN)
        if passage.downgrade is None:
            with hand.at_work():
                passage.back = hand.picture(list(trip.below.values()))
    return passage


def _taken_up(inside: Inside, hand: Hand, kind: str, trip: Trip) -> Failure | None:
    if trip.zone is None:
        return inside.take(trip.revision, UP)
    with hand.at_work():
        own = speak_in(inside.connection, kind, trip.zone)
    failure = inside.take(trip.revision, UP)
    if failure is None:
        with hand.at_work():
            speak_in(inside.connection, kind, own)
    return failure


def _sow(hand: Hand, trip: Trip, tables: Tables, kind: str, passage: Passage) -> None:
    with hand.at_work():
        if trip.records is None:
            passage.seed = sow(hand, tables, trip.thorough, kind, trip.drawn)
        else:
            passage.seed = sow_again(hand, trip.records, tables)
        refusal = hand.settle([tables[name] for name in dict.fromkeys(record.table for record in passage.seed.records)])
    if refusal is not None:
        passage.seed.unseeded.update(dict.fromkeys(tables, refusal))


class Observed(msgspec.Struct):
    """A revision on empty tables: the schema on both sides, and the statements that it sent.

    `acting_drops` are those that dropped a table while SQLite enforced foreign keys: they act on the rows that refer to it.
    """

    before: Snapshot
    after: Snapshot | None = None
    statements: list[str] = msgspec.field(default_factory=list)
    acting_drops: list[str] = msgspec.field(default_factory=list)


def observe(inside: Inside, revision: str, look: Callable[[Inside], Snapshot]) -> Observed:
    """Upgrade without rows and note what it does."""
    observed = Observed(look(inside))
    with _noting(inside, observed):
        failure = inside.take(revision, UP)
    if failure is None:
        observed.after = look(inside)
    return observed


@contextmanager
def _noting(inside: Inside, observed: Observed) -> Iterator[None]:
    is_sqlite = inside.connection.dialect.name == "sqlite"

    def note(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        observed.statements.append(statement)
        if is_sqlite and statement.lstrip()[:10].upper() == "DROP TABLE":
            asked = connection.connection.cursor()
            asked.execute("PRAGMA foreign_keys")
            if asked.fetchone()[0]:
                observed.acting_drops.append(statement)
            asked.close()

    event.listen(inside.connection, "before_cursor_execute", note)
    try:
        yield
    finally:
        event.remove(inside.connection, "before_cursor_execute", note)
