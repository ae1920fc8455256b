"""What a rebuilt table lost: SQLite drops what hangs on the old one, and Alembic makes again what it reflects. Pure."""

import re
from collections.abc import Iterator, Sequence

from alembic_proof.schema.snapshot import Key, Snapshot

_NOT_REFLECTED = ("index", "trigger")  # an index on expressions, any trigger; what goes on purpose is dropped by its name
_WORD = re.compile(r"\w+")
_OF_BATCH = "_alembic_tmp_"


def lost_in_a_rebuild(before: Snapshot, after: Snapshot, sent: Sequence[str]) -> tuple[Key, ...]:
    """Name the indexes and triggers of tables that batch mode rebuilt which are gone, though no statement speaks of them."""
    words = {word for statement in sent for word in _WORD.findall(statement)}
    return tuple(key for key in _gone(before, after) if f"{_OF_BATCH}{key.table}" in words and key.name not in words)


def _gone(before: Snapshot, after: Snapshot) -> Iterator[Key]:
    for kind in _NOT_REFLECTED:
        yield from (key for key in before.of_kind(kind) if key not in after.objects and key.owner in after.objects)
