"""Goes ways from every height, and doubts those that came elsewhere than the plain way to the same revisions.

What a single step does alone, up and down again, is other checks' matter. So where a way takes something back, each step of it
that does is tried alone, with the rows that are there on the plain way; where that loses any, the way says nothing of rows.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from alembic_proof.evidence import Disagreement, Move
from alembic_proof.experiments.orders import Order
from alembic_proof.experiments.paths.climbing import order_decides
from alembic_proof.experiments.paths.guide import Guide
from alembic_proof.experiments.paths.rows import apart
from alembic_proof.experiments.paths.stand import Outing, Stand
from alembic_proof.experiments.paths.ways import UP, Applied, Moves, Terrain, Way, opposite, upward
from alembic_proof.experiments.rows.ground import Ground
from alembic_proof.experiments.rows.smallest import Budget
from alembic_proof.schema.snapshot import Snapshot

_MOST_TOLD = 3
_MOST_CONFIRMED = 8
_TRIES_TO_SHORTEN = 16


class _Doubt(msgspec.Struct, frozen=True):
    """A way that came elsewhere, or nowhere, and whether it takes rows to see it. `order` is that of a way up."""

    way: Way
    is_of_rows: bool
    order: Order = ()


class Rambler:
    """Goes ways in one climb: those from a low height first."""

    def __init__(self, guide: Guide, terrain: Terrain, ground: Ground, *, with_rows: bool) -> None:
        self._guide = guide
        self._terrain = terrain
        self._ground = ground
        self._with_rows = with_rows

    def go(self, ways: Sequence[Way], drawn: Sequence[Way]) -> Iterator[Disagreement]:
        """Go all ways, and tell what is confirmed on new databases; one of a schema is the last.

        Of several doubts of one move that is told which does not depend on what was drawn: a higher top has other draws.
        """
        words: dict[str, frozenset[str]] = {}
        doubts: dict[Move, tuple[bool, _Judge, _Doubt]] = {}
        risen = 0
        for height in sorted({way.height for way in (*ways, *drawn)}):
            for revision in self._terrain.order[risen:height]:
                self._ground.advance(revision)
            risen = height
            stand = Stand(self._guide, self._ground, self._terrain, height, words)
            from_here = [way for way in dict.fromkeys((*ways, *drawn)) if way.height == height]
            if self._with_rows:
                stand.find_rows([way.moves for way in from_here])
            judge = _Judge(self._guide, self._terrain, stand)
            for way in from_here:
                doubt, is_certain = judge.doubt(way), way in ways
                if doubt is not None:
                    known = doubts.get(doubt.way.moves[-1])
                    if known is None or (is_certain and not known[0]):
                        doubts[doubt.way.moves[-1]] = is_certain, judge, judge.prepared(doubt)
        yield from _confirmed(doubts.values())


def _confirmed(doubts: Iterable[tuple[bool, "_Judge", "_Doubt"]]) -> Iterator[Disagreement]:
    known: set[Move] = set()
    for _, judge, doubt in sorted(doubts, key=lambda one: one[2].is_of_rows)[:_MOST_CONFIRMED]:
        found = judge.confirmed(doubt)
        if found is not None and found.second[-1] not in known:
            yield found
            known.add(found.second[-1])
            if found.sown is None or len(known) == _MOST_TOLD:
                return


class _Judge:
    """Judges the ways from one stand."""

    def __init__(self, guide: Guide, terrain: Terrain, stand: Stand) -> None:
        self._guide = guide
        self._terrain = terrain
        self._stand = stand

    def prepared(self, doubt: "_Doubt") -> "_Doubt":
        """Make a way short, and name the order of a way up, as long as the ground stands here."""
        short = self._shortened(doubt)
        if not self._terrain.is_upward(short.way):
            return short
        order = (*self._terrain.order[: short.way.height], *(revision for revision, _ in short.way.moves))
        if not self._stand.go(self._plain(short.way), with_rows=short.is_of_rows).is_whole:  # what is missing has to come first
            order += tuple(revision for revision, _ in self._terrain.until(short.way) if revision not in order)
        return replace(short, order=order)

    def doubt(self, way: Way) -> _Doubt | None:
        """Go a way, and say where it is doubtful."""
        if self._stand.sown is not None and way.with_rows:
            outing = self._stand.go(way.moves, with_rows=True)
            if outing.is_whole and self._first_strange_schema(way, outing) is None:
                number = self._first_strange_rows(way, outing)
                return _Doubt(_cut(way, number), is_of_rows=True) if number is not None else None
            doubt = self._doubt_without_rows(way)
            if doubt is not None or outing.failure is None:
                return doubt
            part = _cut(way, len(outing.seen))
            return _Doubt(part, is_of_rows=True) if self._fails_by_the_way(part) else None
        return self._doubt_without_rows(way)

    def _doubt_without_rows(self, way: Way) -> _Doubt | None:
        outing = self._stand.go(way.moves, with_rows=False)
        number = self._first_strange_schema(way, outing)
        if number is None and outing.failure is not None:
            number = len(outing.seen)
        return _Doubt(_cut(way, number), is_of_rows=False) if number else None

    def _first_strange_schema(self, way: Way, outing: Outing) -> int | None:
        """The first arrival where the schema is not what the walk saw, or what the plain way leads to."""
        for number, applied in enumerate(self._terrain.arrivals(way)[: len(outing.seen)]):
            if number and self._is_strange(outing.seen[number].schema, applied, way.moves[:number]):
                return number
        return None

    def _is_strange(self, schema: Snapshot, applied: Applied, moves: Moves) -> bool:
        if not applied:
            return False  # a prelude's database, or an empty one: AP303 speaks of the last step down
        if applied == self._terrain.at(len(applied)):
            return not self._guide.is_as_walked(schema, len(applied))
        plain = self._terrain.plain(self._stand.height, applied)
        if plain == moves:
            return False
        known = self._stand.go(plain, with_rows=False)
        return known.is_whole and bool(self._guide.place.compare(known.seen[-1].schema, schema))

    def _first_strange_rows(self, way: Way, outing: Outing) -> int | None:
        """The first arrival where the rows are not what the plain way leads to, unless a single step explains it."""
        for number in range(1, len(outing.seen)):
            part = _cut(way, number)
            if self._rows_differ(part, outing) and self._each_step_keeps_rows(part):
                return number
        return None

    def _rows_differ(self, way: Way, outing: Outing) -> bool:
        moves = self._plain(way)
        if moves == way.moves:
            return False
        plain, seen = self._stand.go(moves, with_rows=True), outing.seen[len(way.moves)]
        if not plain.is_whole or plain.seen[-1].rows is None or plain.seen[0].rows is None or seen.rows is None:
            return False
        end, begun = plain.seen[-1], plain.seen[0].rows
        is_return = bool(self._terrain.returns(way))
        assert end.rows is not None, "asked above"
        return bool(apart(end.rows, seen.rows, begun, end.schema, is_return=is_return, is_home=is_return and not moves))

    def _each_step_keeps_rows(self, way: Way) -> bool:
        """Take each step that takes something back alone: there and back again from where the plain way leads."""
        arrivals = self._terrain.arrivals(way)
        for number in self._terrain.returns(way):
            revision, direction = way.moves[number]
            plain = self._terrain.plain(way.height, arrivals[number + 1])
            alone = replace(way, moves=(*plain, (revision, opposite(direction)), (revision, direction)))
            if alone == way or not self._terrain.is_possible(alone):
                return False
            outing = self._stand.go(alone.moves, with_rows=True)
            if not outing.is_whole or self._rows_differ(alone, outing):
                return False
        return True

    def _fails_by_the_way(self, way: Way) -> bool:
        """Whether a step that failed on rows runs on them where the plain way takes it, and alone."""
        plain = self._terrain.until(way) if self._terrain.is_upward(way) else self._plain(way)
        return (
            plain != way.moves
            and self._stand.go(plain, with_rows=True).is_whole
            and self._stand.go(way.moves, with_rows=False).is_whole
            and self._each_step_keeps_rows(way)
        )

    def _plain(self, way: Way) -> Moves:
        return self._terrain.plain(way.height, self._terrain.arrivals(way)[-1])

    def _shortened(self, doubt: _Doubt) -> _Doubt:
        """Leave out what takes itself back, for as long as the way is doubtful without."""
        budget = Budget(_TRIES_TO_SHORTEN)
        while True:
            for fewer in self._terrain.shorter(doubt.way):
                if not budget.spend():
                    return doubt
                found = self.doubt(fewer)
                if found is not None and found.is_of_rows == doubt.is_of_rows:
                    doubt = found
                    break
            else:
                return doubt

    def confirmed(self, doubt: _Doubt) -> Disagreement | None:
        """Go both ways from nothing, every step committed."""
        way = doubt.way
        if doubt.order:
            return order_decides(self._guide, doubt.order, self._stand.sown if doubt.is_of_rows else None)
        revision, direction = way.moves[-1]
        below = upward(self._terrain.order[: way.height])
        if doubt.is_of_rows:
            assert self._stand.sown is not None, "only rows make it doubtful"
            ways = (*below, *self._plain(way)), (*below, *way.moves)
            return self._guide.told_of_rows(revision, None, ways, self._stand.sown, is_return=bool(self._terrain.returns(way)))
        second = self._guide.follow((*below, *way.moves))
        applied = self._terrain.arrivals(way)[-1]
        ran_below = second.failure is not None and direction is UP and revision in self._terrain.at(way.height)
        first = self._guide.follow(below if ran_below else upward([one for one in self._terrain.order if one in applied]))
        return self._guide.told(revision, None, first, second) if self._guide.differ(first, second) else None


def _cut(way: Way, number: int) -> Way:
    return replace(way, moves=way.moves[:number])
