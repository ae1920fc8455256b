"""Round trips that look broken alone, tried in the order that `alembic downgrade base` takes.

Revisions tied by `depends_on` do their work together: one may create and leave the dropping to the other. Before such a round
trip is called broken, the whole history goes up and down once, and the schema below the tied revisions is compared.
"""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from alembic_proof.evidence import Step
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.walk import DOWN, UP
from alembic_proof.migrate.inside import Inside
from alembic_proof.schema.snapshot import Snapshot


def try_in_order(place: Place, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Mark the round trips that hold when the revisions that depend on each other go down together."""
    groups = [group for group in place.history.dependency_groups() if any(_looks_broken(s) for s in steps if s.revision in group)]
    if not groups or not all(step.is_applied for step in steps):
        return steps
    order = [step.revision for step in steps]
    lowest = {min(group, key=order.index): group for group in groups}
    holds: set[str] = set()

    def up_and_down(inside: Inside) -> None:
        below = _climb(place, inside, order, lowest)
        for revision in reversed(order):
            place.progress("in order", f"{revision} downgrade")
            if place.history[revision].one_way is not None or inside.take(revision, DOWN) is not None:
                return
            if revision in lowest and not place.compare(below[revision], place.look(inside)):
                holds.update(lowest[revision])

    with place.temporary_database() as database:
        place.inside_env_py(database, up_and_down)
    return tuple(_exonerate(step) if step.revision in holds and _looks_broken(step) else step for step in steps)


def _climb(place: Place, inside: Inside, order: Sequence[str], lowest: Mapping[str, frozenset[str]]) -> dict[str, Snapshot]:
    """Upgrade to the top; return the schema below each group's lowest revision."""
    below: dict[str, Snapshot] = {}
    for revision in order:
        if revision in lowest:
            below[revision] = place.look(inside)
        place.progress("in order", f"{revision} upgrade")
        inside.take(revision, UP)
    return below


def _looks_broken(step: Step) -> bool:
    return step.round_trip is not None and not step.round_trip.is_clean


def _exonerate(step: Step) -> Step:
    assert step.round_trip is not None, "only a round trip that was tried can look broken"
    return replace(step, round_trip=replace(step.round_trip, in_order=True))
