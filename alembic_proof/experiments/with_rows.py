"""The experiments that put rows into databases or send what code sends, one after another: loaded where one is asked for."""

from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Protocol, TypeVar

from msgspec.structs import replace

from alembic_proof.evidence import DatabaseEvidence
from alembic_proof.experiments.code.gather import gather_code
from alembic_proof.experiments.gaps.gather import gather_gaps
from alembic_proof.experiments.order import Order
from alembic_proof.experiments.paths.gather import gather_paths
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.rows.experiment import gather_rows
from alembic_proof.experiments.rows.own_values import unknown_columns
from alembic_proof.experiments.walk import Walked
from alembic_proof.row_evidence import Drawn
from alembic_proof.rows.drawing import SEED
from alembic_proof.rows.tables import tables_of
from alembic_proof.schema.snapshot import Snapshot

T = TypeVar("T")


class Wanted(Protocol):
    """Runs an experiment if it is asked for, and notes how long it took."""

    def __call__(self, experiment: str, gather: Callable[[], T]) -> T | None: ...


def gather_with_rows(
    order: Order, place: Place, walked: Walked, chosen: frozenset[str], *, evidence: DatabaseEvidence, wanted: Wanted
) -> DatabaseEvidence:
    """Add what these experiments see to what the others saw."""
    steps = evidence.steps
    rows = wanted("rows", lambda: gather_rows(place, steps, chosen, drawn=order.examples, faithful=order.faithful))
    return replace(
        evidence,
        rows=rows,
        drawn=Drawn(order.examples, SEED, version("hypothesis")) if "rows" in order.experiments else None,
        code=wanted("code", lambda: gather_code(place, walked, order.recordings)),
        gaps=wanted("gaps", lambda: gather_gaps(place, walked, steps)),
        paths=wanted("paths", lambda: gather_paths(place, walked, with_rows=order.with_rows, faithful=order.faithful)),
        not_compared=(*evidence.not_compared, *_unspoken(order, walked.top, place.server.kind)),
    )


def _unspoken(order: Order, top: Snapshot | None, kind: str) -> Iterator[str]:
    """Say where recorded statements are those of another kind of database, and values those of columns that are not there."""
    if "rows" in order.experiments and top is not None:
        yield from unknown_columns(tables_of(top))
    if "code" in order.experiments and order.recordings is not None and not order.recordings.of(kind):
        yield f"recorded statements ({order.recordings.origin} has none of {kind})"
