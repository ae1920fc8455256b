"""A database at some height of the history, on which all that is judged stands: what lies below was gone up once."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from alembic_proof.databases.scratch import Database
from alembic_proof.evidence import DatabaseEvidence
from alembic_proof.experiments.order import Order
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.scout import GaveUpError
from alembic_proof.experiments.walk import Walk
from alembic_proof.history import History, make_history
from alembic_proof.recording.file import Recording

_WORTH_CLIMBING = {"mariadb": 50}
"""How many revisions have to lie below where a copy takes long: of MariaDB, as long as 20 revisions with their looks."""


WORTH_PACKING = {"postgresql": 5, "mariadb": 5}
"""How many revisions have to stand on what was kept before the database at the top is kept as well.

Of a server all files are packed, which takes as long as trying so many again; a file of SQLite is copied at once.
"""


class Checkpoint(msgspec.Struct, frozen=True):
    """How many revisions are applied on the database, and what was seen of them."""

    height: int
    database: Database
    below: DatabaseEvidence

    def place_above(self, place: Place) -> Place:
        """The place where the rest of the history is tried."""
        below = make_history(place.history.revisions[: self.height])
        return replace(place, history=place.history.above(self.height), checkpoint=self.database, heads_below=below.real_heads)


def may_stand(order: Order, height: int) -> bool:
    """Whether what is above so many revisions can be tried without going through them."""
    if not order.history.parts_at(height):
        return False
    if "code" not in order.experiments or order.recordings is None:
        return True
    return all(_speaks_above(recordings, order.history, height) for recordings in order.recordings.by_dialect.values())


def _speaks_above(recordings: Sequence[Recording], history: History, height: int) -> bool:
    """Whether no recording from below is needed: what it speaks for, and what it broke, would have to be known."""
    ids = [revision.id for revision in history.revisions]
    known = [frozenset(one.revisions) for one in recordings if all(head in history.by_id for head in one.revisions)]
    made_on = [heads.union(*map(history.ancestors, heads)) for heads in known]
    return all(height < len(below) for below in made_on) or any(frozenset(ids[:height]) == below for below in made_on)


def climb(place: Place, order: Order) -> Checkpoint | None:
    """Go up to the lowest revision that is judged, where others lie below it and databases can be copied.

    None where there is nothing to go up to, or where some upgrade on the way fails.
    """
    history = order.history
    lowest = next((number for number, revision in enumerate(history.revisions) if revision.id in order.chosen), 0)
    height = next((height for height in range(lowest, 0, -1) if may_stand(order, height)), 0)
    if height < _WORTH_CLIMBING.get(place.server.kind, 1) or not place.server.copies or order.faithful:
        return None
    lower = replace(place, history=make_history(history.revisions[:height]))
    needs_looks = "digests" in order.experiments
    try:
        walked = Walk(lower, frozenset(), alone_on=None if needs_looks else place.new_database()).run()
    except GaveUpError:
        return None
    if not all(step.is_applied for step in walked.steps):
        place.server.drop(walked.database)
        return None
    below = DatabaseEvidence(name="", kind="", server_version="", steps=walked.steps)
    if place.server.kind != "mariadb":
        return Checkpoint(height, walked.database, below)
    at_rest = place.server.copy(walked.database)  # from which the others are copied without stopping a server for each
    place.server.drop(walked.database)
    return None if at_rest is None else Checkpoint(height, at_rest, below)
