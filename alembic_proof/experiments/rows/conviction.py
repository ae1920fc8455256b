"""From a trip that failed to the smallest rows that show it, confirmed; and to the rows with which it goes through."""

from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from alembic_proof.experiments.rows.ground import Ground
from alembic_proof.experiments.rows.passage import Passage, Trip
from alembic_proof.experiments.rows.smallest import Budget, as_row, fewest, fewest_with_lineage, plainest, without_references
from alembic_proof.failure import Failure
from alembic_proof.row_evidence import RowFailure
from alembic_proof.rows.planned import Record
from alembic_proof.rows.references import without_orphans
from alembic_proof.rows.tables import Table

_TRIES, _TRIES_WHERE_DEAR, _TRIES_TO_PASS = 120, 30, 60


def convict(ground: Ground, trip: Trip, passage: Passage) -> RowFailure | None:
    """Reduce the rows of a trip that failed; None where it fails only in a transaction that no deployment has."""
    assert passage.failure is not None, "only what failed is convicted"
    take, tries = ground.attempt, _TRIES if ground.is_quick else _TRIES_WHERE_DEAR
    failure, records = passage.failure, passage.seed.records
    smallest, telling = _reduced(take, trip, ground.kind, records=records, failure=failure, tries=tries)
    if ground.needs_confirmation:
        confirmed = ground.confirm(replace(trip, records=smallest)).failure
        if confirmed is None:
            confirmed = ground.confirm(replace(trip, records=records)).failure
            if confirmed is None:
                return None
            smallest, telling = _reduced(
                ground.confirm, trip, ground.kind, records=records, failure=confirmed, tries=_TRIES_WHERE_DEAR
            )
        failure = confirmed
    else:
        failure = take(replace(trip, records=smallest)).failure or failure
    tables = _tables(trip)
    return RowFailure(
        failure,
        tuple(as_row(r, tables[r.table], own, failure.message, trip.changed) for r, own in zip(smallest, telling, strict=True)),
    )


def _reduced(
    take: Callable[[Trip], Passage], trip: Trip, kind: str, *, records: Sequence[Record], failure: Failure, tries: int
) -> tuple[list[Record], list[tuple[str, ...]]]:
    tables, budget = _tables(trip), Budget(tries)

    def fails(some: Sequence[Record]) -> bool:
        found = take(replace(trip, records=some)).failure
        return found is not None and (found.error, found.line) == (failure.error, failure.line)

    few = fewest_with_lineage(records, trip.thorough, tables, fails, budget)
    few = fewest(without_references(few, tables, fails, budget), tables, fails, budget)
    return plainest(few, tables, kind, fails, budget, others=records)


def records_that_pass(ground: Ground, trip: Trip, records: Sequence[Record]) -> list[Record]:
    """Find many rows with which the trip goes through: halves that do are put together again."""
    budget = Budget(_TRIES_TO_PASS if ground.is_quick else _TRIES_TO_PASS // 6)
    relatives = [record for record in records if record.table not in trip.thorough]

    def whole(some: Sequence[Record]) -> list[Record]:
        chosen = {id(record) for record in (*relatives, *some)}
        return without_orphans([record for record in records if id(record) in chosen], _tables(trip), ())

    def passes(some: Sequence[Record]) -> bool:
        return budget.spend() and ground.attempt(replace(trip, records=whole(some))).failure is None

    own = many_that([record for record in records if record.table in trip.thorough], passes)
    return whole(own) if own else []


def many_that(some: Sequence[Record], passes: Callable[[Sequence[Record]], bool]) -> list[Record]:
    """Find many of some rows that pass together: all of them, or halves that do, put together where that does."""
    if passes(some):
        return list(some)
    if len(some) <= 1:
        return []
    left, right = many_that(some[: len(some) // 2], passes), many_that(some[len(some) // 2 :], passes)
    if left and right and passes([*left, *right]):
        return [*left, *right]
    return max(left, right, key=len)


def _tables(trip: Trip) -> Mapping[str, Table]:
    return trip.above if trip.is_from_above else trip.below
