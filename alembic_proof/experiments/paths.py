"""Other ways to the same revisions: unrelated revisions in another order, and several revisions down and up again.

The walk saw each revision on top of one order, and one step down and up. Here a few more ways are gone, their number bounded:
other orders climb to where they join the walk's, and go down there the way that the walk came up; from the top it goes some
revisions down and up. After each stretch the schema is compared with the one that the walk saw. What differs is tried again on
new databases, by the shortest way that shows it; only that counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from alembic_proof.evidence import Disagreement, Failure, Move, Paths
from alembic_proof.experiments.orders import Order, deciding_swap, joins, other_orders
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.walk import DOWN, UP, Walked
from alembic_proof.migrate.inside import Inside
from alembic_proof.schema.diff import Difference
from alembic_proof.schema.snapshot import Snapshot

_DEPTHS = (2, 6, 20)
"""How many revisions it goes down from the top, and up again."""
_LONGEST = 20
"""How long two branches may be together that it goes down across."""


@dataclass(frozen=True, slots=True)
class _Arrived:
    """Where a way ended: `schema`, or the failure of its last step."""

    way: tuple[Move, ...]
    schema: Snapshot | None
    failure: Failure | None = None


class _Guide:
    """Goes ways on new databases, and compares where they end."""

    def __init__(self, place: Place, walked: Walked) -> None:
        self.place = place
        self.steps = [step for step in walked.steps if step.is_applied]
        self.order: Order = tuple(step.revision for step in self.steps)
        self.schemas = [step.schema for step in self.steps]
        self.can_go_down = {step.revision: step.round_trip is not None and step.round_trip.is_clean for step in self.steps}
        self._same: set[tuple[str, str]] = set()

    def follow(self, way: Sequence[Move]) -> _Arrived:
        """Go a way on a new database."""
        arrived: list[_Arrived] = []

        def go(inside: Inside) -> None:
            for number, (revision, direction) in enumerate(way):
                self.place.progress("paths", f"{revision} {direction}")
                if failure := inside.take(revision, direction):
                    arrived.append(_Arrived(tuple(way[: number + 1]), None, failure))
                    return
            arrived.append(_Arrived(tuple(way), self.place.look(inside)))

        with self.place.temporary_database() as database:
            self.place.inside_env_py(database, go)
        return arrived[0]

    def differences(self, first: _Arrived, second: _Arrived) -> tuple[Difference, ...]:
        """Compare two schemas; nothing where one of the ways ended early."""
        return () if first.schema is None or second.schema is None else self.place.compare(first.schema, second.schema)

    def differ(self, first: _Arrived, second: _Arrived) -> bool:
        """Say whether the second way came elsewhere than the first, or nowhere."""
        return second.schema is None or bool(self.differences(first, second))

    def is_as_walked(self, seen: Snapshot, height: int) -> bool:
        """Say whether a schema is what the walk saw when it had applied the first `height` revisions of its order."""
        expected, digest = self.schemas[height - 1], seen.digest
        if expected is None or digest == expected or (digest, expected) in self._same:
            return True
        walked = self.follow(_up(self.order[:height]))
        if walked.schema is None or self.place.compare(walked.schema, seen):
            return False
        self._same.add((digest, expected))
        return True


def gather_paths(place: Place, walked: Walked) -> Paths:
    """Go other ways to the revisions that the walk applied. Takes some steps on the database that the walk left."""
    guide = _Guide(place, walked)
    parents = {revision: place.history[revision].parents for revision in guide.order}
    orders, untried = ((), {}) if place.history.is_linear else other_orders(guide.order, parents)
    found: list[Disagreement] = []
    for order in orders:
        found.extend(_climb(guide, order))
        if found:
            return Paths(untried=_unrelated(guide, parents), disagreements=tuple(found))
    found.extend(_dive(guide, walked))
    return Paths(untried={name: tuple(sorted(others)) for name, others in untried.items()}, disagreements=tuple(found))


def _unrelated(guide: _Guide, parents: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What each revision could stand before or after: one order that fails leaves the others untried."""
    ancestors = {revision: guide.place.history.ancestors(revision) for revision in parents}
    return {
        one: tuple(other for other in parents if other != one and one not in ancestors[other] and other not in ancestors[one])
        for one in parents
    }


def _climb(guide: _Guide, order: Order) -> list[Disagreement]:
    """Apply the revisions in another order, and look wherever it has the same ones as the walk had."""
    stretches = list(joins(guide.order, order))
    doubtful: list[int] = []

    def climb(inside: Inside) -> None:
        taken = 0
        for begin, end in stretches:
            for revision in order[taken:end]:
                guide.place.progress("paths", f"{revision} in another order")
                if inside.take(revision, UP):
                    doubtful.append(end)
                    return
            taken = end
            if not guide.is_as_walked(guide.place.look(inside), end) or not _there_and_back(guide, inside, order, begin, end):
                doubtful.append(end)
                return

    with guide.place.temporary_database() as database:
        guide.place.inside_env_py(database, climb)
    if not doubtful:
        return []
    end = doubtful[0]
    told = _order_decides(guide, order[:end])
    return [told] if told is not None else _detour_decides(guide, order, end)


def _there_and_back(guide: _Guide, inside: Inside, order: Order, begin: int, end: int) -> bool:
    """Go down as the walk came up, looking at each revision, and up again in the other order."""
    stretch = guide.order[begin:end]
    if len(stretch) > _LONGEST or not all(guide.can_go_down[revision] for revision in stretch):
        return True
    for height, revision in zip(range(end - 1, begin - 1, -1), reversed(stretch), strict=True):
        guide.place.progress("paths", f"{revision} downgrade across branches")
        if inside.take(revision, DOWN) or (height and not guide.is_as_walked(guide.place.look(inside), height)):
            return False
    return not any(inside.take(revision, UP) for revision in order[begin:end])


def _order_decides(guide: _Guide, order: Order) -> Disagreement | None:
    """Name the two revisions whose order decides, and the shortest two ways that show it."""
    usual = tuple(revision for revision in guide.order if revision in set(order))
    expected = guide.follow(_up(usual))

    def differs(other: Order) -> bool:
        return guide.differ(expected, guide.follow(_up(other)))

    if not differs(order):
        return None
    like, place = deciding_swap(usual, order, differs)
    one, other = like[place], like[place + 1]
    needed = guide.place.history.ancestors(one) | guide.place.history.ancestors(other)
    below = tuple(revision for revision in usual if revision in needed)
    unlike = (*like[:place], other, one, *like[place + 2 :])
    for first, second in (((*below, one, other), (*below, other, one)), (like, unlike)):
        ends = guide.follow(_up(first)), guide.follow(_up(second))
        if guide.differ(*ends):
            return _told(guide, other, one, *ends)
    return None


def _detour_decides(guide: _Guide, order: Order, end: int) -> list[Disagreement]:
    """Tell a way down and up again across branches that leaves another schema than the way up alone."""
    begin = next(begin for begin, one_end in joins(guide.order, order) if one_end == end)
    up, down = _up(order[:end]), tuple((revision, DOWN) for revision in reversed(guide.order[begin:end]))
    for number, (revision, _) in enumerate(down, start=1):
        ends = guide.follow(_up(guide.order[: end - number])), guide.follow((*up, *down[:number]))
        if guide.differ(*ends):
            return [_told(guide, revision, None, *ends)]
    ends = guide.follow(up), guide.follow((*up, *down, *_up(order[begin:end])))
    return [_told(guide, ends[1].way[-1][0], None, *ends)] if guide.differ(*ends) else []


def _dive(guide: _Guide, walked: Walked) -> list[Disagreement]:
    """From the top of the walk go down some revisions, looking at each, and up again; then more of them."""
    if len(guide.steps) != len(walked.steps) or walked.top is None:
        return []
    top = len(guide.order)
    floor = top
    while floor > 0 and guide.can_go_down[guide.order[floor - 1]]:
        floor -= 1
    bottoms = sorted({max(floor, top - depth) for depth in _DEPTHS} - {top}, reverse=True)
    doubtful: list[int] = []

    def dive(inside: Inside) -> None:
        for bottom in bottoms:
            lowest = _down_and_up(guide, inside, bottom)
            if lowest is not None:
                doubtful.append(lowest)
                return

    guide.place.inside_env_py(walked.database, dive)
    return _shortest_dive(guide, doubtful[0], top) if doubtful else []


def _down_and_up(guide: _Guide, inside: Inside, bottom: int) -> int | None:
    """Say how far down it got where something on the way was not as the walk saw it; None where all was."""
    top = len(guide.order)
    for height in range(top - 1, bottom - 1, -1):
        guide.place.progress("paths", f"{guide.order[height]} downgrade from the top")
        if inside.take(guide.order[height], DOWN) or (height and not guide.is_as_walked(guide.place.look(inside), height)):
            return height
    for revision in guide.order[bottom:]:
        guide.place.progress("paths", f"{revision} upgrade again")
        if inside.take(revision, UP):
            return bottom
    return None if guide.is_as_walked(guide.place.look(inside), top) else bottom


def _shortest_dive(guide: _Guide, bottom: int, top: int) -> list[Disagreement]:
    """Find how few revisions down (and up again) show it, on new databases, as seldom as bisection allows."""
    order = guide.order

    def down(start: int) -> tuple[_Arrived, _Arrived]:
        way = (*_up(order[:start]), *((one, DOWN) for one in reversed(order[bottom:start])))
        return guide.follow(_up(order[:bottom])), guide.follow(way)

    def again(end: int) -> tuple[_Arrived, _Arrived]:
        way = (*_up(order[:top]), *((one, DOWN) for one in reversed(order[end:top])), *_up(order[end:top]))
        return guide.follow(_up(order[:top])), guide.follow(way)

    for shown, whole, nothing in ((down, top, bottom), (again, bottom, top)):
        ends = shown(whole)
        if not guide.differ(*ends):
            continue
        enough, too_little = whole, nothing
        while abs(enough - too_little) > 1:
            middle = (enough + too_little) // 2
            if guide.differ(*(shorter := shown(middle))):
                enough, ends = middle, shorter
            else:
                too_little = middle
        return [_told(guide, ends[1].way[-1][0], None, *ends)]
    return []


def _told(guide: _Guide, revision: str, after: str | None, first: _Arrived, second: _Arrived) -> Disagreement:
    return Disagreement(revision, after, first.way, second.way, second.failure, guide.differences(first, second))


def _up(order: Sequence[str]) -> tuple[Move, ...]:
    return tuple((revision, UP) for revision in order)
