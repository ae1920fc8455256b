"""One height of the walk's order: ways are gone from there, with rows or without, and what they came to is kept.

They are gone on a ground that is put back: fast, and only to prove.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

import msgspec

from alembic_proof.evidence import Failure
from alembic_proof.experiments.paths.guide import Guide
from alembic_proof.experiments.paths.rows import Sown, sown_at
from alembic_proof.experiments.paths.ways import Moves, Terrain, downward, opposite, upward
from alembic_proof.experiments.rows.conviction import many_that
from alembic_proof.experiments.rows.ground import Ground
from alembic_proof.experiments.rows.hand import CannotReadError, Picture
from alembic_proof.experiments.rows.smallest import Budget
from alembic_proof.findings import Direction
from alembic_proof.migrate.inside import Inside
from alembic_proof.rows.planned import Record
from alembic_proof.schema.snapshot import Snapshot

_WORD = re.compile(r"\w+")
_TRIES_TO_PASS, _TRIES_WHERE_DEAR = 8, 4
_FIRST = 2
"""Through how many revisions rows have to go up: on what they refuse further up, a way is gone without rows."""


class Seen(msgspec.Struct, frozen=True):
    """What was there at one place on a way."""

    schema: Snapshot
    rows: Picture | None


class Outing(msgspec.Struct, frozen=True):
    """What was seen at the beginning and after each move that succeeded; empty where the rows could not be written or read."""

    seen: tuple[Seen, ...] = ()
    failure: Failure | None = None

    @property
    def is_whole(self) -> bool:
        return bool(self.seen) and self.failure is None


class Stand:
    """A height. `words` holds, by revision, what its statements are made of, as far as they were seen."""

    def __init__(self, guide: Guide, ground: Ground, terrain: Terrain, height: int, words: dict[str, frozenset[str]]) -> None:
        self.height = height
        self.sown: Sown | None = None
        self._guide = guide
        self._ground = ground
        self._terrain = terrain
        self._words = words
        self._known: dict[tuple[Moves, bool], Outing] = {}

    def find_rows(self, ways: Sequence[Moves]) -> None:
        """Find rows for the tables that the first revisions of some ways touch: such as go up through the next two."""
        concerned = {revision for moves in ways for revision, _ in moves[:_FIRST]}
        reach = max((number for number, one in enumerate(self._terrain.order, start=1) if one in concerned), default=0)
        above = self._terrain.order[self.height : reach]
        if not self._words.keys() >= set(above):
            self._runs((*upward(above), *takewhile(lambda move: self._terrain.can_go_down[move[0]], downward(above))), None)
        named = frozenset[str]().union(*(self._words.get(revision, frozenset()) for revision in concerned))
        found: list[Sown | None] = []

        def sow(inside: Inside, *, is_trial: bool) -> None:
            schema = self._guide.place.look(inside)
            found[:] = [sown_at(inside, self._ground.kind, schema, named, self.height, is_trial=is_trial)]

        self._ground.try_out(sow, str(self.height))
        if found[0] is not None and found[0].records:
            self.sown = self._passing(found[0], upward(above[:_FIRST]))

    def _passing(self, sown: Sown, plain: Moves) -> Sown | None:
        budget = Budget(_TRIES_TO_PASS if self._ground.is_quick else _TRIES_WHERE_DEAR)

        def passes(some: Sequence[Record]) -> bool:
            return budget.spend() and self._runs(plain, sown.only(some))

        own = many_that([record for record in sown.records if record.table in sown.touched], passes)
        return sown.only(own) if own else None

    def _runs(self, moves: Moves, sown: Sown | None) -> bool:
        """Go a way without looking, and say whether every step succeeded."""
        failed: list[bool] = []

        def take(inside: Inside, *, is_trial: bool) -> None:
            failed.clear()
            if sown is not None and sown.sow(inside, self._ground.kind, is_trial=is_trial) is None:
                failed.append(True)
                return
            for revision, direction in moves:
                if self._step(inside, revision, direction) is not None:
                    failed.append(True)
                    return
            self._go_home(inside, moves)

        self._ground.try_out(take, str(self.height))
        return not failed

    def go(self, moves: Moves, *, with_rows: bool) -> Outing:
        """Go a way, or remember how it was."""
        for number in range(len(moves) + 1):
            known = self._known.get((moves[:number], with_rows))
            if known is not None and (number == len(moves) or not known.is_whole):
                return known
        found = self._take(moves, self.sown if with_rows else None)
        for number in range(len(found.seen)):
            self._known[moves[:number], with_rows] = Outing(found.seen[: number + 1])
        if not found.is_whole:
            self._known[moves[: len(found.seen)], with_rows] = found
        return found

    def _take(self, moves: Moves, sown: Sown | None) -> Outing:
        outing = [Outing()]

        def take(inside: Inside, *, is_trial: bool) -> None:
            try:
                outing[:] = [self._taken(inside, moves, sown, is_trial=is_trial)]
            except CannotReadError:
                outing[:] = [Outing()]

        self._ground.try_out(take, str(self.height))
        return outing[0]

    def _taken(self, inside: Inside, moves: Moves, sown: Sown | None, *, is_trial: bool) -> Outing:
        kind, look = self._ground.kind, self._guide.place.look
        begun = sown.sow(inside, kind, is_trial=is_trial) if sown is not None else None
        if sown is not None and begun is None:
            return Outing()
        seen = [Seen(look(inside), begun)]
        for revision, direction in moves:
            if failure := self._step(inside, revision, direction):
                return Outing(tuple(seen), failure)
            schema = look(inside)
            rows = sown.picture(inside, kind, schema, is_trial=is_trial) if sown is not None else None
            seen.append(Seen(schema, rows))
        self._go_home(inside, moves)
        return Outing(tuple(seen))

    def _step(self, inside: Inside, revision: str, direction: Direction) -> Failure | None:
        self._guide.place.progress("paths", f"{revision} {direction}")
        failure = inside.take(revision, direction)
        if failure is None:
            self._words[revision] = self._words.get(revision, frozenset()).union(*map(_WORD.findall, inside.sent))
        return failure

    def _go_home(self, inside: Inside, moves: Moves) -> None:
        """Take every move back where nothing else does: else a database is made anew. What is then not as it was is found out."""
        if self._ground.can_be_put_back:
            return
        for revision, direction in reversed(moves):
            if not self._terrain.can_go_down[revision] or inside.take(revision, opposite(direction)):
                return
