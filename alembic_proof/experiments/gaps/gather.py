"""Old writers between the statements of each migration, where the database or the migration leaves a gap for them.

All gaps of an upgrade are tried at once. What comes to harm there is tried again, each row alone and beside an upgrade without
any; only that is told.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from alembic_proof.evidence import Step
from alembic_proof.experiments.gaps.crossing import At, Crossed, Crossing, cross
from alembic_proof.experiments.gaps.openness import may_have_gaps
from alembic_proof.experiments.gaps.slips import slips_of, told_once
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.rows.ground import Ground
from alembic_proof.experiments.rows.hand import CannotReadError
from alembic_proof.experiments.walk import Walked
from alembic_proof.gap_evidence import GapStep, Harm, Slip
from alembic_proof.rows.tables import tables_of
from alembic_proof.schema.diff import compare

_WORD = re.compile(r"\w+")
_MOST_TRIES = 24


def gather_gaps(place: Place, walked: Walked, steps: Sequence[Step]) -> tuple[GapStep, ...]:
    """Write old rows in the gaps of each revision that was looked at and may have some."""
    chances = {revision: found for revision in walked.looks if (found := _chances(place, walked, revision))}
    if not chances:
        return ()
    ground = Ground(place, faithful=True)
    try:
        return tuple(_steps(place, ground, walked, steps, chances))
    finally:
        ground.close()


def _chances(place: Place, walked: Walked, revision: str) -> frozenset[str]:
    """Name the tables below a revision that at least two of its statements speak of."""
    sent = walked.sent[revision]
    if not may_have_gaps(place.server.kind, left_transaction=sent.left_transaction):
        return frozenset()
    words = [set(_WORD.findall(statement)) for statement in sent.statements]
    below = walked.looks[revision][0]
    tables = (key for key in below.of_kind("table") if sum(key.name in some for some in words) > 1)
    return frozenset(key.full_name for key in tables)


def _steps(
    place: Place, ground: Ground, walked: Walked, steps: Sequence[Step], chances: Mapping[str, frozenset[str]]
) -> Iterator[GapStep]:
    left = set(chances)
    for step in steps:
        if not left:
            return
        if step.revision in chances:
            left.discard(step.revision)
            place.progress("gaps", f"{step.revision} with old rows between its statements")
            try:
                yield _Trial(place, ground, walked, step, chances[step.revision]).run()
            except CannotReadError as why:
                yield GapStep(step.revision, blocked=f"rows could not be read: {why}")
        if step.is_applied:
            ground.advance(step.revision)


class _Trial(msgspec.Struct):
    """One revision."""

    place: Place
    ground: Ground
    walked: Walked
    step: Step
    tables: frozenset[str]

    def run(self) -> GapStep:
        revision = self.place.history[self.step.revision]
        before, after = self.walked.looks[revision.id]
        below, above = tables_of(before), tables_of(after)
        trip = self.step.round_trip
        crossing = Crossing(
            revision=revision.id,
            below=below,
            above=above,
            tables=frozenset(name for name in self.tables if name in below),
            goes_back=not self.ground.is_quick and trip is not None and trip.downgrade is None,
        )
        seen = self._cross(crossing)
        untried = tuple(seen.untried.items())
        suspects = [placed.at for placed in seen.placed] if seen.failure else list(slips_of(seen, crossing))
        if not suspects and seen.failure is None:
            return GapStep(revision.id, untried=untried)
        alone = self._cross(replace(crossing, only=frozenset())) if suspects else seen
        if alone.failure is not None:
            return GapStep(revision.id, blocked=f"its upgrade failed on rows: {alone.failure.words.splitlines()[0]}")
        slips: dict[At, Slip] = {}
        for at in reversed(suspects[-_MOST_TRIES:]):
            one = replace(crossing, only=frozenset({at}))
            slips.update(slips_of(self._cross(one), one))
        return GapStep(
            revision.id,
            slips=tuple(told_once({at: _judged(slip, at, alone) for at, slip in slips.items()})),
            untried=untried,
            changes=compare(after, before) if slips else (),
        )

    def _cross(self, crossing: Crossing) -> Crossed:
        found: list[Crossed] = []
        kind = self.place.server.kind
        self.ground.with_commits(lambda inside, database: found.append(cross(inside, database, kind, crossing)))
        return found[0]


def _judged(slip: Slip, at: At, alone: Crossed) -> Slip:
    """Note whether the schema above the upgrade refuses such a row anyway: where the upgrade failed it could not be asked."""
    if slip.harm is not Harm.STOPPED:
        return slip
    written = alone.above.get((at.table, at.form))
    return replace(slip, is_refused_above=written is None or written.refusal is not None)
