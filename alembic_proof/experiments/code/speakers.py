"""Which recording speaks for the code that runs while a revision is deployed: the last one that was made below it."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from alembic_proof.experiments.place import Place
from alembic_proof.recording.file import Recording, Recordings
from alembic_proof.schema.snapshot import Key, Snapshot


class Speaker(msgspec.Struct, eq=False):
    """A recording and the revisions that it was made on. `known` is their schema, once it has been looked at.

    `broken` are the statements that an upgrade above it broke: they are told there, and not again.
    """

    recording: Recording
    revisions: frozenset[str]
    known: Snapshot | None = None
    broken: set[str] = msgspec.field(default_factory=set)

    def speaks_of(self, table: str, column: str | None) -> bool:
        """Whether a table or column was there when it was recorded. What came later it cannot speak of."""
        if self.known is None:
            return False
        if column is None:
            return any(key.full_name == table for key in self.known.of_kind("table"))
        return any(key.name == column and key.owner and key.owner.full_name == table for key in self.known.of_kind("column"))

    def knows_view(self, schema: str | None, view: str) -> bool:
        """Whether a view was there."""
        kinds = ("view", "materialized view")
        return self.known is not None and any(Key(kind, schema, None, view) in self.known.objects for kind in kinds)


class Speakers:
    """The recordings of one kind of database, beside the order in which one database takes the revisions."""

    def __init__(self, recordings: Recordings | None, kind: str, place: Place, order: Sequence[str]) -> None:
        self._recordings = recordings
        self._kind = kind
        self._speakers = list(_speakers(recordings.of(kind), place, order)) if recordings is not None else []

    def __iter__(self) -> Iterator[Speaker]:
        return iter(self._speakers)

    def below(self, revision: str) -> Speaker | None:
        """Find the last recording below a revision."""
        return next((one for one in self._speakers if revision not in one.revisions), None)

    def why_none(self, revision: str) -> str | None:
        """Say why there is none, where there are recordings at all."""
        if self._recordings is None:
            return None
        if not self._recordings.of(self._kind):
            return f"{self._recordings.origin} has no statement of {self._kind}"
        return f"{self._recordings.origin} has no recording from below {revision}"


def _speakers(recordings: Iterable[Recording], place: Place, order: Sequence[str]) -> Iterator[Speaker]:
    """Take the recordings whose revisions come first in the order: elsewhere their schema is none that a database has."""
    history = place.history
    for recording in recordings:
        if place.heads_below and frozenset(recording.revisions) == frozenset(place.heads_below):
            yield Speaker(recording, frozenset())
        elif all(head in history.by_id for head in recording.revisions):
            revisions = frozenset(recording.revisions).union(*(history.ancestors(head) for head in recording.revisions))
            if frozenset(order[: len(revisions)]) == revisions:
                yield Speaker(recording, revisions)
