"""What an earlier run saw of the application, where no file of the project is another one since."""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from alembic_proof.application import ApplicationEvidence
from alembic_proof.imported import Ended
from alembic_proof.store.shelf import Shelf
from alembic_proof.store.surroundings import digest_of, environment, installed
from alembic_proof.store.tree import tree_digest


def kept_or_gathered(
    store: Path | None,
    root: Path,
    files: Sequence[Path],
    packages: Sequence[str],
    gather: Callable[[], ApplicationEvidence],
    *,
    written: frozenset[Path],
) -> ApplicationEvidence:
    """Read the evidence, or gather it and keep it. `files` are those that count wherever they lie: env.py and the revisions.

    `written` are files that the run itself writes: they do not count.
    """
    tree = tree_digest(root, written | {store}) if store is not None else None
    if store is None or tree is None:
        return gather()
    shelf = Shelf(store)
    outside = [part for file in files if not file.is_relative_to(root) for part in (str(file), file.read_bytes())]
    key = digest_of("application", installed(), environment(os.environ), tree, str(root), *sys.path, *packages, *outside)
    packed = shelf.get(key)
    if packed is not None:
        try:
            return msgspec.msgpack.decode(packed, type=ApplicationEvidence)
        except msgspec.DecodeError as error:
            shelf.discard(key, f"it is of another form ({error})")
    evidence = gather()
    if not evidence.unimported and all(one.ended is not Ended.UNTRIED for one in evidence.first_imports):
        shelf.put(key, msgspec.msgpack.encode(evidence))
    return evidence
