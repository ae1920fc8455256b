"""The upper part of a long walk, gone at the same time in a process of its own, on a database of its own.

A scout may prove, never convict. Where anything in its part is not clean, or wants a database made, all that it saw is
forgotten, and the walk goes there itself.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from alembic_proof.databases.scratch import Database
from alembic_proof.errors import ProofError
from alembic_proof.evidence import Models, Step
from alembic_proof.experiments.beside import Beside
from alembic_proof.experiments.place import Place
from alembic_proof.history import History, make_history
from alembic_proof.schema.snapshot import Snapshot

_LONG = 100
"""Below so many revisions a second process takes longer to get there than it spares."""

_LOWER_PART = {"sqlite": 0.72, "postgresql": 0.75}
"""The walk's own part, by the kind of server. The scout has the deployment before it and the models' twin behind it, and on
PostgreSQL has to upgrade through this part, which takes a quarter of the time of walking it."""


class Sent(msgspec.Struct, frozen=True):
    """The statements of an upgrade on tables as they were; `left_transaction` says that some were committed one by one."""

    statements: tuple[str, ...]
    left_transaction: bool


class Scouted(msgspec.Struct, frozen=True):
    """What was seen of the upper part from its `bottom` on, and of the `models` beside the `top`, where the database stands."""

    steps: tuple[Step, ...]
    bottom: Snapshot | None
    top: Snapshot | None
    looks: Mapping[str, tuple[Snapshot, Snapshot]]
    sent: Mapping[str, Sent]
    models: Models | None


class GaveUpError(Exception):
    """Raised in a scout where its part is not clean."""


class Halfway:
    """Where a scout begins. The deployment before it, in the same process, leaves it its database as it passes, if it can.

    On PostgreSQL it cannot: there all of it is one transaction.
    """

    def __init__(self, place: Place) -> None:
        self.start = int(len(place.history.revisions) * _LOWER_PART[place.server.kind])
        below = make_history(place.history.revisions[: self.start])
        self.below = frozenset(below.by_id)
        self.heads = tuple(sorted((*place.heads_below, *below.real_heads)))
        self.saved: Any | None = None


class Go(Protocol):
    """Walks the revisions from a place in the order on, on one database; raises GaveUpError rather than make another.

    Where it `stands` there, those below are on the database; else it has to take them as well.
    """

    def __call__(self, place: Place, database: Database, start: int, *, stands: bool) -> Scouted: ...


class Scout:
    """The upper part being walked beside. `start` is the place in the order where it begins."""

    def __init__(self, place: Place, go: Go, beside: Beside, halfway: Halfway) -> None:
        self.start = halfway.start
        self.database = place.new_database()
        self._place = place
        self._errand = beside.errand(lambda progress: _scouted(go, replace(place, progress=progress), self.database, halfway))

    def result(self) -> Scouted | None:
        """Wait for the scout, telling of it for as long as it gets on; None where the walk has to go there itself."""
        return self._errand.result(lambda: self._place.progress("walk", "the upper part of the history"))


def is_worth_a_scout(place: Place, chosen: frozenset[str]) -> bool:
    """Whether the whole of a long history is judged, where databases can be used by two processes."""
    is_long = len(place.history.revisions) >= _LONG
    return is_long and chosen >= place.history.by_id.keys() and place.server.kind in _LOWER_PART and Beside.can_fork()


def _scouted(go: Go, place: Place, database: Database, halfway: Halfway) -> Scouted | None:
    try:
        if halfway.saved is not None:
            database.restore(halfway.saved)
        found = go(place, database, halfway.start, stands=halfway.saved is not None)
    except (GaveUpError, ProofError):
        return None
    return found if all(_is_clean(step, place.history) for step in found.steps) else None


def _is_clean(step: Step, history: History) -> bool:
    trip = step.round_trip
    return step.is_applied and (trip.is_clean if trip is not None else history[step.revision].one_way is not None)
