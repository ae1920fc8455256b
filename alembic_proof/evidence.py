"""What was seen: plain frozen data, to bytes and back. It judges nothing and imports no database."""

from collections.abc import Iterator

import msgspec

from alembic_proof.application import ApplicationEvidence
from alembic_proof.code_evidence import CodeStep
from alembic_proof.failure import Failure
from alembic_proof.findings import Direction
from alembic_proof.gap_evidence import GapStep
from alembic_proof.history import History
from alembic_proof.released import Released
from alembic_proof.row_evidence import Apart, Drawn, RowStep
from alembic_proof.schema.diff import Difference
from alembic_proof.schema.snapshot import Key

__all__ = [
    "Apart", "DatabaseEvidence", "Deployment", "Disagreement", "Evidence", "Failure", "Merge", "Models", "Offline", "OfflineStep",
    "Paths", "RoundTrip", "Step", "Told",
]  # fmt: skip


class RoundTrip(msgspec.Struct, frozen=True):
    """Down and up again from a revision. None stands for what was not tried, an empty tuple for no difference.

    `restored` compares the schema before the upgrade (expected) with the one after the downgrade (actual), `repeated` the one
    after the first upgrade with the one after the second. `in_order` says that it was tried in the order that
    `downgrade base` takes, together with the revisions that depend on each other, and that the schema was restored there.
    `lost_on_the_way_up` are indexes and triggers that the upgrade lost by making their table anew.
    """

    downgrade: Failure | None = None
    restored: tuple[Difference, ...] | None = None
    again: Failure | None = None
    repeated: tuple[Difference, ...] | None = None
    in_order: bool = False
    lost_on_the_way_up: tuple[Key, ...] = ()

    @property
    def is_clean(self) -> bool:
        return self.downgrade is None and self.again is None and self.restored == () and self.repeated == ()


class Told(msgspec.Struct, frozen=True):
    """An upgrade for a reader: the statements that it sent, the lines of what it changed in the schema, and its wall time."""

    sql: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    seconds: float = 0.0


class Step(msgspec.Struct, frozen=True):
    """One revision on one database.

    `blocked` names why it was not tried (a parent that failed, for one). `schema` is the digest of what it left. `told` is there
    where somebody asked for details.
    """

    revision: str
    blocked: str | None = None
    upgrade: Failure | None = None
    round_trip: RoundTrip | None = None
    schema: str | None = None
    told: Told | None = None

    @property
    def is_applied(self) -> bool:
        return self.blocked is None and self.upgrade is None


class Deployment(msgspec.Struct, frozen=True):
    """What `alembic upgrade heads` did on an empty database, from the outside.

    `recorded` is the version table's content afterwards, None when there was no such table. `error` holds the exception that
    env.py let through, `swallowed` one that was raised inside a revision and did not come through.
    """

    recorded: tuple[str, ...] | None
    error: Failure | None = None
    swallowed: Failure | None = None
    failed_revision: str | None = None
    version_table: str = "alembic_version"
    env_py: str = "env.py"


class OfflineStep(msgspec.Struct, frozen=True):
    """One revision in `--sql` mode. `declared` holds the words of a revision that says itself that it needs a database."""

    revision: str
    rendering: Failure | None = None
    declared: str | None = None
    replay: Failure | None = None
    differences: tuple[Difference, ...] | None = None


class Offline(msgspec.Struct, frozen=True):
    """The `--sql` mode of the whole history. `unavailable` says why it could not be tried at all."""

    unavailable: str | None = None
    steps: tuple[OfflineStep, ...] = ()


class Models(msgspec.Struct, frozen=True):
    """The migrated schema (actual) against a twin made from the models (expected).

    `unavailable` says why there is no comparison. `twin_failure` says why the twin could not be made; then `by_autogenerate`
    holds what Alembic's own comparison says, and `differences` is empty. `seeded` names the tables of both in which the
    migrations alone left rows.
    """

    unavailable: str | None = None
    differences: tuple[Difference, ...] = ()
    seeded: tuple[str, ...] = ()
    twin_failure: str | None = None
    by_autogenerate: tuple[str, ...] = ()


Move = tuple[str, Direction]
"""One step on a way: a revision and which of its two functions."""


class Disagreement(msgspec.Struct, frozen=True):
    """Two ways to the same revisions that did not come to the same schema, or to the same rows, as short as they show it.

    `revision` is the one concerned, `after` the one that it has to come after; None where a downgrade on the way decides.
    `differences` compares the schema at the end of the `first` way (expected) with that of the `second` (actual), unless the
    last step of the second had a `failure`. Where rows decide, they were written on both ways after `sown` moves, and `rows` are
    those that came to something else.
    """

    revision: str
    after: str | None
    first: tuple[Move, ...]
    second: tuple[Move, ...]
    failure: Failure | None
    differences: tuple[Difference, ...]
    rows: tuple[Apart, ...] = ()
    sown: int | None = None


class Paths(msgspec.Struct, frozen=True):
    """Other ways to the revisions than the walk's. `untried` names, for a revision, those that it was tried after only."""

    untried: dict[str, tuple[str, ...]]
    disagreements: tuple[Disagreement, ...] = ()


class DatabaseEvidence(msgspec.Struct, frozen=True):
    """Everything seen on one database. `unavailable` says why nothing was (no MariaDB on this machine, for one).

    `unchanged` is at how many of the judged revisions it was seen by an earlier run, which this one would be equal to. `words`
    tell what could not be kept for later runs.
    """

    name: str
    kind: str
    server_version: str
    unavailable: str | None = None
    steps: tuple[Step, ...] = ()
    deployment: Deployment | None = None
    offline: Offline | None = None
    models: Models | None = None
    paths: Paths | None = None
    rows: tuple[RowStep, ...] | None = None
    drawn: Drawn | None = None
    code: tuple[CodeStep, ...] | None = None
    gaps: tuple[GapStep, ...] | None = None
    registered_tables: frozenset[str] | None = None
    not_compared: tuple[str, ...] = ()
    timings: dict[str, float] = msgspec.field(default_factory=dict)
    unchanged: int = 0
    words: tuple[str, ...] = ()


class Merge(msgspec.Struct, frozen=True):
    """The history as a merge with the base branch would leave it: what lies on that branch first, then what is new here.

    `new` are the revisions that the merge adds to the base branch, `missing` those that only the base branch has.
    """

    base: str
    history: History
    new: frozenset[str]
    missing: frozenset[str]


class Evidence(msgspec.Struct, frozen=True):
    """All that a run saw. `chosen` are the revisions that are judged; `expected_heads` the ones that are meant to exist."""

    history: History
    chosen: frozenset[str]
    databases: tuple[DatabaseEvidence, ...] = ()
    application: ApplicationEvidence | None = None
    expected_heads: tuple[str, ...] = ()
    released: Released | None = None
    merge: Merge | None = None

    def chosen_steps(self) -> Iterator[tuple[DatabaseEvidence, Step]]:
        """Every judged revision on every database, bottom to top."""
        for database in self.databases:
            for step in database.steps:
                if step.revision in self.chosen:
                    yield database, step

    def chosen_row_steps(self) -> Iterator[tuple[DatabaseEvidence, RowStep]]:
        """What became of rows at every judged revision on every database, bottom to top."""
        for database in self.databases:
            for step in database.rows or ():
                if step.revision in self.chosen:
                    yield database, step

    @property
    def registered_tables(self) -> frozenset[str] | None:
        """The tables of env.py's target_metadata; the same on every database, None when no env.py ran or it gave none."""
        given = [database.registered_tables for database in self.databases if database.registered_tables is not None]
        return frozenset().union(*given) if given else None

    def to_bytes(self) -> bytes:
        """Pack it: not as JSON, which has no form for a mapping by the keys of schema objects."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def from_bytes(cls, packed: bytes) -> "Evidence":
        return msgspec.msgpack.decode(packed, type=cls)
