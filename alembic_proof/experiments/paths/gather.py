"""Other ways to the same revisions: unrelated revisions in another order, several down and up again, and what is drawn.

The walk saw each revision on top of one order, and one step down and up. Here more ways are gone, their number bounded. Both
orders of siblings are gone whatever else is. What is near the top is walked by a state machine: up, down and across branches.
The schema, and where rows are wanted those that were written where a way begins, are compared with those on the plain way.
"""

from collections.abc import Iterator, Sequence

from alembic_proof.evidence import Disagreement, Paths
from alembic_proof.experiments.orders import Order, joins, other_orders
from alembic_proof.experiments.paths.climbing import LONGEST, climb_in_another_order
from alembic_proof.experiments.paths.guide import Guide
from alembic_proof.experiments.paths.rambles import Rambler
from alembic_proof.experiments.paths.ways import LONGEST_ROLLBACK, Terrain, Way, certain_ways, downward, upward
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.rows.ground import Ground
from alembic_proof.experiments.rows.own_values import listen_to_the_project
from alembic_proof.experiments.walk import Walked

_DRAWN, _DRAWN_WHERE_DEAR = 8, 3
_STEPS = 6


def gather_paths(place: Place, walked: Walked, *, with_rows: bool, faithful: bool) -> Paths:
    """Go other ways to the revisions that the walk applied."""
    guide = Guide(place, walked)
    parents = {revision: place.history[revision].parents for revision in guide.order}
    orders, untried = ((), {}) if place.history.is_linear else other_orders(guide.order, parents)
    for order in orders:
        found = climb_in_another_order(guide, order)
        if found:
            return Paths(untried=_unrelated(guide, parents), disagreements=tuple(found))
    top = len(guide.order)
    floor = max(0, top - LONGEST_ROLLBACK) if top == len(walked.steps) and any(guide.can_go_down.values()) else top
    terrain = Terrain(guide.order, parents, guide.can_go_down, floor)
    disagreements = _ramble(guide, terrain, orders, with_rows=with_rows, faithful=faithful)
    return Paths(untried={name: tuple(sorted(others)) for name, others in untried.items()}, disagreements=disagreements)


def _unrelated(guide: Guide, parents: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What each revision could stand before or after: one order that fails leaves the others untried."""
    ancestors = {revision: guide.place.history.ancestors(revision) for revision in parents}
    return {
        one: tuple(other for other in parents if other != one and one not in ancestors[other] and other not in ancestors[one])
        for one in parents
    }


def _ramble(
    guide: Guide, terrain: Terrain, orders: Sequence[Order], *, with_rows: bool, faithful: bool
) -> tuple[Disagreement, ...]:
    ground = Ground(guide.place, faithful=faithful)
    try:
        ways = list(_siblings(terrain, orders)) if with_rows else []
        drawn: tuple[Way, ...] = ()
        if terrain.floor < terrain.top:
            from alembic_proof.experiments.paths.machine import drawn_ways  # noqa: PLC0415 - it loads Hypothesis

            is_dear = not ground.can_be_put_back
            ways.extend(certain_ways(terrain, few=is_dear))
            drawn = drawn_ways(terrain, _DRAWN_WHERE_DEAR if is_dear else _DRAWN, _STEPS)
        if with_rows:
            listen_to_the_project(guide.place.project.settings.rows)
        return tuple(Rambler(guide, terrain, ground, with_rows=with_rows).go(ways, drawn))
    finally:
        ground.close()


def _siblings(terrain: Terrain, orders: Sequence[Order]) -> Iterator[Way]:
    """Each stretch in which another order parts from the walk's; where its revisions can, down again as the walk came up."""
    for order in orders:
        for begin, end in joins(terrain.order, order):
            stretch = terrain.order[begin:end]
            across = upward(order[begin:end])
            goes_down = len(stretch) <= LONGEST and all(terrain.can_go_down[revision] for revision in stretch)
            yield Way(begin, (*across, *downward(stretch)) if goes_down else across)
