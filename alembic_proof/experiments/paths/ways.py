"""Ways through a history, from a height of the walk's order: which are possible, which is the plain one. Pure."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from alembic_proof.evidence import Move
from alembic_proof.experiments.orders import Order
from alembic_proof.findings import Direction

UP, DOWN = Direction.UPGRADE, Direction.DOWNGRADE
LONGEST_ROLLBACK = 20
_NEAR, _NEAREST = 6, 4
Applied = frozenset[str]
Moves = tuple[Move, ...]


class Way(msgspec.Struct, frozen=True):
    """Moves from where the first `height` revisions of the walk's order are applied. A long one may be for the schema alone."""

    height: int
    moves: Moves
    with_rows: bool = True


class Terrain(msgspec.Struct, frozen=True):
    """The revisions in the walk's order. No way goes down below `floor`; only rollbacks from the top go far down.

    `can_go_down` says which revisions came back whole, and may go down on a way.
    """

    order: Order
    parents: Mapping[str, Sequence[str]]
    can_go_down: Mapping[str, bool]
    floor: int

    @property
    def top(self) -> int:
        return len(self.order)

    @property
    def near(self) -> int:
        """The lowest height from which ways are gone that are not about siblings."""
        return max(self.floor, self.top - _NEAR)

    @property
    def rolls_back_to(self) -> int:
        """The height down to which all revisions can go down in a row."""
        height = self.top
        while height > self.floor and self.can_go_down[self.order[height - 1]]:
            height -= 1
        return height

    def at(self, height: int) -> Applied:
        return frozenset(self.order[:height])

    def ready(self, applied: Applied) -> list[str]:
        """Name the revisions that can go up: all that they stand on is applied."""
        return [one for one in self.order if one not in applied and applied.issuperset(self.parents[one])]

    def loose(self, applied: Applied) -> list[str]:
        """Name the revisions that can go down: nothing that is applied stands on them. The last comes first."""
        held = {parent for one in applied for parent in self.parents[one]}
        upper = reversed(self.order[self.floor :])
        return [one for one in upper if one in applied and one not in held and self.can_go_down[one]]

    def arrivals(self, way: Way) -> list[Applied]:
        """What is applied at the beginning and after each move."""
        found = [self.at(way.height)]
        for revision, direction in way.moves:
            found.append(found[-1] | {revision} if direction is UP else found[-1] - {revision})
        return found

    def is_possible(self, way: Way) -> bool:
        """Whether every move is ready, or loose, when its turn comes."""
        places = self.arrivals(way)
        return all(
            revision in (self.ready(here) if direction is UP else self.loose(here))
            for here, (revision, direction) in zip(places, way.moves, strict=False)
        )

    def plain(self, height: int, applied: Applied) -> Moves:
        """The way that a deployment takes: down what is too much, up what is missing, in the walk's order."""
        down = ((one, DOWN) for one in reversed(self.order[:height]) if one not in applied)
        up = ((one, UP) for one in self.order[height:] if one in applied)
        return (*down, *up)

    def is_upward(self, way: Way) -> bool:
        """Whether a way only goes up: in another order than the walk's, or in its own."""
        return all(direction is UP for _, direction in way.moves)

    def until(self, way: Way) -> Moves:
        """The way up in the walk's order, until it has taken all that a way takes."""
        taken = {revision for revision, _ in way.moves}
        last = max((number for number, one in enumerate(self.order, start=1) if one in taken), default=0)
        return upward(self.order[way.height : last])

    def returns(self, way: Way) -> list[int]:
        """The moves, by their places, that take back what another move on the way has done."""
        begin = self.at(way.height)
        return [place for place, (one, direction) in enumerate(way.moves) if (direction is UP) == (one in begin)]

    def shorter(self, way: Way) -> Iterator[Way]:
        """The ways that end where this one does, with two moves fewer that take each other back."""
        for begin, (revision, direction) in enumerate(way.moves):
            for end in range(begin + 1, len(way.moves)):
                if way.moves[end] == (revision, opposite(direction)):
                    moves = (*way.moves[:begin], *way.moves[begin + 1 : end], *way.moves[end + 1 :])
                    fewer = replace(way, moves=moves)
                    if self.is_possible(fewer):
                        yield fewer
                    break


def opposite(direction: Direction) -> Direction:
    """The direction that takes it back."""
    return DOWN if direction is UP else UP


def upward(order: Sequence[str]) -> Moves:
    """Take revisions up, the first one first."""
    return tuple((revision, UP) for revision in order)


def downward(order: Sequence[str]) -> Moves:
    """Take revisions down, the last one first."""
    return tuple((revision, DOWN) for revision in reversed(order))


def certain_ways(terrain: Terrain, *, few: bool) -> Iterator[Way]:
    """The ways that are gone whatever is drawn: two up and down from each height, two down and up from the highest, a rollback.

    Where every way is dear, there are `few`: from the highest heights alone.
    """
    top = terrain.top
    lowest = max(terrain.floor, top - _NEAREST) if few else terrain.near
    for height in range(lowest, top - 1):
        two = terrain.order[height : height + 2]
        if all(terrain.can_go_down[one] for one in two):
            yield Way(height, (*upward(two), *downward(two)))
            if height + 2 >= top - 1:
                yield Way(height + 2, (*downward(two), *upward(two)))
    rolled_back = terrain.order[terrain.rolls_back_to :]
    if rolled_back:
        yield Way(top, (*downward(rolled_back), *upward(rolled_back)), with_rows=False)
