"""What an upgrade's own statements do with rows: read a whole table at once, leave it to chance what comes of them."""

import re
from collections import Counter
from collections.abc import Iterator

from msgspec.structs import replace

from alembic_proof.experiments.rows.conviction import records_that_pass
from alembic_proof.experiments.rows.ground import Ground
from alembic_proof.experiments.rows.passage import Passage, Trip
from alembic_proof.experiments.rows.session_zone import FAR_WEST
from alembic_proof.experiments.rows.steadiness import Stage, unsteady
from alembic_proof.row_evidence import Cause, Loaded, Unsteady

_MOVES = re.compile(r"(?:\A|;)\s*(INSERT|UPDATE|DELETE|REPLACE|MERGE|WITH|DO|CALL|SELECT|TRUNCATE|COPY)\b", re.IGNORECASE)
_WRITES = re.compile(r"(?:\A|;)\s*(INSERT|UPDATE|DELETE|REPLACE|MERGE|WITH|DO|CALL|COPY)\b", re.IGNORECASE)
_OF_TIME = re.compile(r"timestamp|date|time")
_OF_BATCH = "_alembic_tmp_"
_ENOUGH_TO_TELL = 8
_MOST_SHOWN = 3


def loaded(passage: Passage) -> tuple[Loaded, ...]:
    """Name the tables whose rows were all got at once, by a SELECT that asks for no part of them."""
    number = Counter(record.table for record in passage.seed.records)
    found: dict[str, Loaded] = {}
    for said in passage.said:
        for table, rows in number.items():
            if table.rpartition(".")[2] in said.words and said.rows >= rows >= _ENOUGH_TO_TELL and not said.is_bounded:
                found.setdefault(table, Loaded(table, said.rows, said.spot))
    return tuple(found.values())


def moves_rows(passage: Passage, trip: Trip) -> bool:
    """Say whether the upgrade did more with the tables than to change their schema."""
    names = {table.name for table in (*trip.below.values(), *trip.above.values())}
    return any(
        _MOVES.search(said.spot.statement) and names & said.words and not _is_of_batch(said.words) for said in passage.said
    )


def _is_of_batch(words: frozenset[str]) -> bool:
    return any(word.startswith(_OF_BATCH) for word in words)


def steadied(ground: Ground, passage: Passage, again: Trip, around: Trip, stage: Stage) -> tuple[Unsteady, ...]:
    """Take the same rows up again (`around`: in another order), and say what is left to chance."""
    other = ground.attempt(around)
    if not _is_comparable(passage, other) or not any(_differences(passage, other, stage, Cause.ANOTHER_ORDER)):
        return ()
    take = ground.confirm if ground.needs_confirmation else ground.attempt
    first, second, third = take(again), take(again), take(around)
    if not (_is_comparable(first, second) and _is_comparable(first, third)):
        return ()
    by_chance = list(_differences(first, second, stage, Cause.ANOTHER_RUN))
    known = {(one.table, one.column) for one in by_chance}
    by_order = [one for one in _differences(first, third, stage, Cause.ANOTHER_ORDER) if (one.table, one.column) not in known]
    return tuple(_blaming(one, passage) for one in (*by_chance, *by_order))


def shifted(ground: Ground, passage: Passage, again: Trip, stage: Stage) -> tuple[Unsteady, ...]:
    """Take the same rows up in a session that speaks in another time zone, and say what has become another moment or day."""
    away = replace(again, zone=FAR_WEST[ground.kind])
    other = ground.attempt(away)
    if other.upgrade is not None:  # some moments are none there any more: the others tell
        again = replace(again, records=records_that_pass(ground, away, passage.seed.records))
        away = replace(again, zone=away.zone)
        passage, other = ground.attempt(again), ground.attempt(away)
    if not _is_comparable(passage, other) or not any(_differences(passage, other, stage, Cause.ANOTHER_ZONE)):
        return ()
    take = ground.confirm if ground.needs_confirmation else ground.attempt
    first, second, third = take(again), take(again), take(away)
    if not (_is_comparable(first, second) and _is_comparable(first, third)):
        return ()
    by_chance = {(one.table, one.column) for one in _differences(first, second, stage, Cause.ANOTHER_RUN)}
    found = (one for one in _differences(first, third, stage, Cause.ANOTHER_ZONE) if (one.table, one.column) not in by_chance)
    return tuple(_blaming(one, passage) for one in found)


def can_be_shifted(passage: Passage, trip: Trip, kind: str) -> bool:
    """Say whether an upgrade can make other times of the same: it changes columns of times, or moves rows where such are."""
    if kind not in FAR_WEST:
        return False
    every = [column for tables in (trip.below, trip.above) for table in tables.values() for column in table.columns]
    of_time = [column for column in every if _OF_TIME.match(column.type)]
    zoned = "with time zone" if kind == "postgresql" else "timestamp"
    has_a_zone = any(zoned in column.type for column in of_time)
    is_changed = any(column.full_name in trip.changed for column in of_time)
    return has_a_zone and (is_changed or moves_rows(passage, trip))


def _is_comparable(one: Passage, other: Passage) -> bool:
    return one.new is not None and other.new is not None and len(one.seed.records) == len(other.seed.records)


def _differences(one: Passage, other: Passage, stage: Stage, cause: Cause) -> Iterator[Unsteady]:
    assert one.new is not None, "the caller looked"
    assert other.new is not None, "the caller looked"
    return unsteady(one.new, other.new, stage, cause)


def _blaming(one: Unsteady, passage: Passage) -> Unsteady:
    """Show the statements that write the column, else those that write the table."""
    table = one.table.rpartition(".")[2]
    writing = [said for said in passage.said if table in said.words and _WRITES.search(said.spot.statement)]
    close = [said for said in writing if one.column in said.words] or writing
    by_line = {said.spot.line: said.spot for said in reversed(close)}
    return replace(one, spots=tuple(by_line[line] for line in sorted(by_line, key=lambda line: line or 0))[:_MOST_SHOWN])
