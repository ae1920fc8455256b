"""What is asked of one database."""

from pathlib import Path

import msgspec

from alembic_proof.databases.postgresql_embedded import Embedded
from alembic_proof.history import History
from alembic_proof.project import Project
from alembic_proof.recording.file import Recordings

NATURAL = "natural"
"""Stands for the database that the project's own URL names."""


class Order(msgspec.Struct, frozen=True):
    """What to gather on one database: "walk", "deploy", "offline", "models", "paths", "rows", "code" and "gaps" of `experiments`.

    With "digests" each step's schema gets its digest. `examples` is how many drawn rows each table gets beside those at the
    limits of its types; `with_rows` says that rows are written on the ways of "paths", too. `recordings` are what the
    application was heard to send, for "code". `store` is the folder in which evidence is kept, if it is. `begun` is the server to
    use, where one was begun already.
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
    begun: Embedded | None = None

    @property
    def asks_for_digests(self) -> bool:
        """Whether an experiment wants each step's schema by its digest, which takes as long as a look."""
        return bool(self.experiments & {"offline", "paths", "digests"})

    @property
    def asks_for_looks(self) -> bool:
        """Whether an experiment goes on from the schemas before and after each upgrade."""
        return bool(self.experiments & {"code", "gaps"})
