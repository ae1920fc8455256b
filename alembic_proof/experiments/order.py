"""What is asked of one database."""

from dataclasses import dataclass
from pathlib import Path

from alembic_proof.history import History
from alembic_proof.project import Project
from alembic_proof.recording.file import Recordings

NATURAL = "natural"
"""Stands for the database that the project's own URL names."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to gather on one database: "walk", "deploy", "offline", "models", "paths", "rows", "code" and "gaps" of `experiments`.

    With "digests" each step's schema gets its digest. `examples` is how many drawn rows each table gets beside those at the
    limits of its types. `recordings` are what the application was heard to send, for "code". `store` is the folder in which
    evidence is kept, if it is.
    """

    project: Project
    history: History
    database: str
    chosen: frozenset[str]
    experiments: frozenset[str]
    faithful: bool = False
    detailed: bool = False
    examples: int = 25
    recordings: Recordings | None = None
    store: Path | None = None
