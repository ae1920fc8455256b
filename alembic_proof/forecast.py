"""How much of a run is done, and how long the rest takes: from what is to be done, and the time that was taken so far. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

_IN_ORDER = ("set-up", "walk", "offline", "models", "rows", "code", "gaps", "paths")
_PARTS_OF = {"in order": "walk"}
_AT_ONCE = {"set-up": 2.0, "models": 0.2}
_EACH: Mapping[str, float] = {"walk": 0.3, "offline": 0.1, "code": 0.15, "gaps": 0.2, "paths": 0.1}
_ROWS, _EXAMPLE = 0.8, 0.04
"""What phases take on some machine, in seconds: at once, for each revision, for each example of rows. Only proportions count."""
_OF_CHOSEN = ("rows", "code", "gaps")
_TELLING_SECONDS, _TELLING_UNITS = 2.0, 3
"""How much has to be behind us before the rest is guessed from it."""


class Expected(msgspec.Struct, frozen=True):
    """What is to be done on one database: its revisions in order, those that are judged, the phases, each table's examples."""

    revisions: Sequence[str]
    chosen: frozenset[str]
    phases: frozenset[str]
    examples: int


class Position(msgspec.Struct, frozen=True):
    """How far a phase is: the number of the revision that is being tried, from 1, and how many there are."""

    number: int
    count: int


class Forecast:
    """Follows one database. Times are seconds of any one clock."""

    def __init__(self, expected: Expected, started: float) -> None:
        self.expected = expected
        self.started = self._noted = self._phase_started = started
        self._phase = "set-up"
        self._before_phase = 0.0
        self._tried: dict[str, None] = {}
        self._index = self._number = 0
        self._left: float | None = None
        self._is_known = True
        phases = {"set-up", *expected.phases}
        self._order = [phase for phase in _IN_ORDER if phase in phases]
        self._places = {phase: {name: n for n, name in enumerate(self._revisions(phase))} for phase in self._order}

    def note(self, phase: str, doing: str, now: float) -> None:
        """Note what is begun."""
        phase = _PARTS_OF.get(phase, phase)
        self._is_known = phase in self._order
        if phase != self._phase and self._is_known:
            self._before_phase = sum(self._weight(one) for one in self._order[: self._order.index(phase)])
            self._phase, self._phase_started, self._tried, self._index = phase, now, {}, 0
        places = self._places[phase] if self._is_known else {}
        revision = doing.partition(" ")[0]
        if revision in places:
            self._tried[revision] = None
            # Paths go up and down; all others take the revisions in order, some more than once, and pass over some.
            self._number = len(self._tried) if phase == "paths" else places[revision] + 1
            self._index = max(self._index, self._number - 1)
        self._noted = now
        self._left = self._guess(now)

    @property
    def position(self) -> Position | None:
        """Where the phase is, where it goes by revisions and has begun with one."""
        count = len(self._places.get(self._phase, ()))
        return Position(self._number, count) if self._tried and self._is_known else None

    @property
    def examples(self) -> int | None:
        """How many drawn rows each table gets, while rows are tried."""
        return self.expected.examples if self._phase == "rows" and self._is_known else None

    @property
    def share(self) -> float:
        """What part of the work is done, from 0 to 1."""
        total = sum(map(self._weight, self._order))
        return min(1.0, (self._before_phase + self._weight(self._phase) * self._share_of_phase()) / total)

    def seconds_left(self, now: float) -> float | None:
        """Guess how long the rest takes; None while too little is behind us."""
        return None if self._left is None else max(0.0, self._left - (now - self._noted))

    def _guess(self, now: float) -> float | None:
        elapsed, share = now - self.started, self.share
        if elapsed < _TELLING_SECONDS or not share or self._phase == "set-up":
            return None
        later = sum(self._weight(phase) for phase in self._order[self._order.index(self._phase) + 1 :])
        for_a_second = elapsed / (share * sum(map(self._weight, self._order)))
        of_phase = (1 - self._share_of_phase()) * self._weight(self._phase) * for_a_second
        if self._index >= _TELLING_UNITS:
            of_phase = (now - self._phase_started) * (1 / self._share_of_phase() - 1)
        return of_phase + later * for_a_second

    def _share_of_phase(self) -> float:
        count = len(self._places.get(self._phase, ()))
        return self._index / count if count else 0.0

    def _revisions(self, phase: str) -> Sequence[str]:
        if phase in _AT_ONCE:
            return ()
        return [one for one in self.expected.revisions if phase not in _OF_CHOSEN or one in self.expected.chosen]

    def _weight(self, phase: str) -> float:
        if phase in _AT_ONCE:
            return _AT_ONCE[phase]
        each = _ROWS + _EXAMPLE * self.expected.examples if phase == "rows" else _EACH[phase]
        return each * len(self._places[phase])
