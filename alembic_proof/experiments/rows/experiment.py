"""Rows at each revision: seeded at its parent, taken up, compared, taken down, compared; and written above it, taken down."""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from alembic_proof.evidence import Step
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.rows.conviction import convict, records_that_pass
from alembic_proof.experiments.rows.fates import Rebuilt, compare_rows
from alembic_proof.experiments.rows.forms import with_forms
from alembic_proof.experiments.rows.ground import Ground
from alembic_proof.experiments.rows.hand import CannotReadError
from alembic_proof.experiments.rows.own_values import listen_to_the_project
from alembic_proof.experiments.rows.passage import Observed, Passage, Tables, Trip
from alembic_proof.experiments.rows.statements import can_be_shifted, loaded, moves_rows, shifted, steadied
from alembic_proof.experiments.rows.steadiness import Stage, turned
from alembic_proof.experiments.rows.touched import deleted_from, rebuilt_tables, touched_tables
from alembic_proof.history import Revision
from alembic_proof.row_evidence import Comparison, RowStep, Unsteady
from alembic_proof.rows.tables import tables_of, with_relatives
from alembic_proof.schema.diff import Change, compare

_MOST_THOROUGH = 8  # tables that only the new schema has get a few rows each where a revision makes more than these


def gather_rows(
    place: Place, steps: Sequence[Step], chosen: frozenset[str], *, drawn: int, faithful: bool
) -> tuple[RowStep, ...]:
    """Try rows at each chosen revision that the walk has applied. `drawn` rows of each table come from Hypothesis."""
    listen_to_the_project(place.project.settings.rows)
    ground = Ground(place, faithful=faithful)
    try:
        return tuple(_steps(place, ground, steps, chosen, drawn))
    finally:
        ground.close()


def _steps(place: Place, ground: Ground, steps: Sequence[Step], chosen: frozenset[str], drawn: int) -> Iterator[RowStep]:
    for step in steps:
        if not step.is_applied:
            yield RowStep(step.revision, blocked=step.blocked or "its upgrade failed without rows")
            continue
        if step.revision in chosen:
            yield _Trial(place, ground, place.history[step.revision], step, drawn).run()
        ground.advance(step.revision)


class _Sides(msgspec.Struct):
    """The tables below and above a revision, those that it touches, that it deletes from, and that are dropped and made again."""

    observed: Observed
    below: Tables
    above: Tables
    touched: frozenset[str]
    rebuilt: Rebuilt

    @property
    def changed(self) -> frozenset[str]:
        """The columns that are there on both sides and are not the same."""
        assert self.observed.after is not None, "a revision that fails on empty tables changes nothing"
        differences = compare(self.observed.before, self.observed.after)
        return frozenset(one.key.full_name for one in differences if one.key.kind == "column" and one.change is Change.CHANGED)


class _Trial:
    """One revision."""

    def __init__(self, place: Place, ground: Ground, revision: Revision, step: Step, drawn: int) -> None:
        self._place = place
        self._ground = ground
        self._revision = revision
        self._drawn = drawn
        trip = step.round_trip
        self._goes_back = trip is not None and trip.downgrade is None
        restored = (trip and trip.restored) or ()
        lost = [one for one in restored if one.change is not Change.CHANGED and one.key.kind in ("table", "column")]
        self._comes_back = self._goes_back and not lost  # else AP303 says what is missing, and there is nothing to compare

    def run(self) -> RowStep:
        try:
            return self._run()
        except CannotReadError as why:
            return RowStep(self._revision.id, blocked=f"rows could not be read: {why}")

    def _run(self) -> RowStep:
        self._tell("without rows")
        observed = self._ground.observe(self._revision.id)
        if observed.after is None:
            return RowStep(self._revision.id, blocked="its upgrade failed without rows")
        below, above = tables_of(observed.before), tables_of(observed.after)
        touched = touched_tables(observed, below, above)
        sides = _Sides(observed, below, above, touched, Rebuilt(rebuilt_tables(observed, below, above), deleted_from(observed)))
        found = RowStep(self._revision.id, kept=Comparison(), returned=Comparison() if self._comes_back else None)
        if touched & below.keys():
            found = self._from_below(sides, found)
        if self._goes_back:
            found = self._from_above(sides, found)
        if found.upgrade or found.failed_back or found.new_rows:
            found = replace(found, changes=compare(observed.before, observed.after))
        return found

    def _from_below(self, sides: _Sides, found: RowStep) -> RowStep:
        thorough = sides.touched & sides.below.keys()
        relatives = with_relatives(sides.below, thorough)
        trip = Trip(
            revision=self._revision.id,
            below=relatives,
            above={name: table for name, table in sides.above.items() if name in relatives or name not in sides.below},
            thorough=thorough,
            drawn=self._drawn,
            goes_back=self._comes_back,
            changed=sides.changed,
        )
        self._tell("up, with rows")
        passage, assumed = with_forms(self._ground, trip, self._ground.attempt(trip))
        found = replace(
            found,
            assumed=assumed,
            seeded=passage.seed.counts(thorough),
            unseeded=tuple((name, why) for name, why in passage.seed.unseeded.items() if name in thorough),
        )
        if passage.upgrade is not None:
            self._tell("the smallest rows")
            up = replace(trip, goes_back=False)
            found = replace(found, upgrade=convict(self._ground, up, passage))
            records = passage.seed.records
            if found.upgrade is not None:
                records = records_that_pass(self._ground, up, records)
            if not records:
                return replace(found, kept=None, returned=None)
            take = self._ground.attempt if found.upgrade is not None else self._ground.confirm
            passage = take(replace(trip, records=records))
        judged = self._compared(sides, found, passage, trip)
        if self._ground.needs_confirmation and not _is_clean(judged):
            self._tell("again, with commits")
            passage = self._ground.confirm(replace(trip, records=passage.seed.records))
            judged = self._compared(sides, found, passage, trip)
        judged = replace(judged, loaded=loaded(passage), unsteady=self._unsteady(sides, passage, trip))
        if passage.downgrade is not None:
            self._tell("the smallest rows")
            return replace(judged, failed_back=convict(self._ground, trip, passage))
        return judged

    def _unsteady(self, sides: _Sides, passage: Passage, trip: Trip) -> tuple[Unsteady, ...]:
        """Upgrade the same rows again, otherwise; what comes out otherwise is tried thrice more, with commits."""
        after = sides.observed.after
        if passage.old is None or passage.new is None or after is None:
            return ()
        stage, found = Stage(passage.old, trip.above, after), list[Unsteady]()
        again = replace(trip, records=passage.seed.records, goes_back=trip.goes_back and not self._ground.is_quick)
        if moves_rows(passage, trip):
            self._tell("the same rows again, in another order")
            around = replace(again, records=turned(passage.seed.records, trip.below))
            found.extend(steadied(self._ground, passage, again, around, stage))
        if can_be_shifted(passage, trip, self._ground.kind):
            self._tell("the same rows again, in another time zone")
            found.extend(shifted(self._ground, passage, again, replace(stage, with_stamps=True)))
        return tuple(found)

    def _compared(self, sides: _Sides, found: RowStep, passage: Passage, trip: Trip) -> RowStep:
        if passage.old is None or passage.new is None:
            return replace(found, kept=None, returned=None)
        kept = compare_rows(passage.old, passage.new, trip.below, trip.above, rebuilt=sides.rebuilt)
        returned = None
        if passage.back is not None:
            returned = compare_rows(passage.old, passage.back, trip.below, trip.below, rebuilt=sides.rebuilt)
        return replace(found, kept=kept, returned=returned)

    def _from_above(self, sides: _Sides, found: RowStep) -> RowStep:
        touched = sides.touched & sides.above.keys()
        if not touched:
            return replace(found, is_tried_with_new_rows=True)
        thorough = touched if len(touched) <= _MOST_THOROUGH else touched & sides.below.keys()
        relatives = with_relatives(sides.above, touched)
        self._tell("down, with new rows")
        trip = Trip(
            revision=self._revision.id,
            above=relatives,
            thorough=thorough,
            drawn=self._drawn,
            is_from_above=True,
            goes_back=True,
            changed=sides.changed,
        )
        passage, assumed = with_forms(self._ground, trip, self._ground.attempt(trip))
        unseeded = tuple((name, why) for name, why in passage.seed.unseeded.items() if name in touched)
        found = replace(
            found,
            is_tried_with_new_rows=True,
            new_assumed=assumed,
            new_seeded=passage.seed.counts(touched),
            new_unseeded=unseeded,
        )
        if passage.downgrade is not None:
            self._tell("the smallest rows")
            found = replace(found, new_rows=convict(self._ground, trip, passage))
        return found

    def _tell(self, doing: str) -> None:
        self._place.progress("rows", f"{self._revision.id} {doing}")


def _is_clean(found: RowStep) -> bool:
    """Whether nothing was seen that a check could hold against the revision."""
    is_back = found.returned is None or all(fate.fate in ("kept", "unseen") for fate in found.returned.fates)
    return found.kept is not None and found.kept.is_clean and is_back and (found.returned is None or found.returned.is_clean)
