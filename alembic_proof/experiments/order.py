"""What is asked of one database."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from alembic_proof.databases.postgresql_embedded import Embedded
from alembic_proof.history import History
from alembic_proof.project import Project
from alembic_proof.recording.file import Recordings
from alembic_proof.store.surroundings import digest_of

NATURAL = "natural"
"""Stands for the database that the project's own URL names."""


class Keys(msgspec.Struct, frozen=True):
    """The keys of one order. `heights` has one for the schema after each number of revisions, none of them included."""

    heights: tuple[str, ...]
    manner: str

    def evidence(self, height: int, judged: Iterable[str]) -> str:
        """The key of what was seen at the first `height` revisions, of which some were judged."""
        return digest_of("evidence", self.heights[height], self.manner, *sorted(judged))


class Order(msgspec.Struct, frozen=True):
    """What to gather on one database: "walk", "deploy", "offline", "models", "paths", "rows", "code" and "gaps" of `experiments`.

    With "digests" each step's schema gets its digest. `examples` is how many drawn rows each table gets beside those at the
    limits of its types; `with_rows` says that rows are written on the ways of "paths", too. `recordings` are what the
    application was heard to send, for "code". `store` is the folder in which evidence is kept, if it is, and `keys` those under
    which it is, where somebody worked them out already. `begun` is the server to use, where one was begun already.
    """

    project: Project
    history: History
    database: str
    chosen: frozenset[str]
    experiments: frozenset[str]
    faithful: bool = False
    detailed: bool = False
    examples: int = 25
    with_rows: bool = True
    recordings: Recordings | None = None
    store: Path | None = None
    keys: Keys | None = None
    begun: Embedded | None = None

    @property
    def asks_for_digests(self) -> bool:
        """Whether an experiment wants each step's schema by its digest, which takes as long as a look."""
        return bool(self.experiments & {"offline", "paths", "digests"})

    @property
    def asks_for_looks(self) -> bool:
        """Whether an experiment goes on from the schemas before and after each upgrade."""
        return bool(self.experiments & {"code", "gaps"})
