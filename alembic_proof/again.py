"""The report of an equal run, where nothing at all changed since: neither what is proved nor what judges it.

This is what a run begins with, so it loads no library of databases: reading some hundred files takes less time than that.
"""

import os
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from alembic_proof.reports.report import Report
from alembic_proof.store.inputs import Inputs, digest_of_file, names_below
from alembic_proof.store.recorder import unheard
from alembic_proof.store.shelf import Shelf
from alembic_proof.store.surroundings import digest_of, environment, installed, programs
from alembic_proof.store.tree import tree_digest


class _Surroundings(msgspec.Struct, frozen=True):
    """What a run is made from beside its inputs. `tree` is the digest of the whole project, where all of it is looked at."""

    files: dict[str, str]
    folders: dict[str, tuple[str, ...]]
    tree: str | None


class _Run(msgspec.Struct, frozen=True):
    """A run: all that it read, and its report."""

    inputs: tuple[Inputs, ...]
    around: _Surroundings
    report: Report


class Again:
    """The last report of a run with the same words in the same folder. `written` are files that the run itself writes.

    Made before anything is loaded: it is known by what there is then.
    """

    def __init__(
        self, store: Path, root: Path, config: Path | None, words: Sequence[object], written: frozenset[Path] = frozenset()
    ) -> None:
        self.store = store
        self.root = root
        self.written = written
        self._key = _key(root, config, words)
        self._read: tuple[Callable[[], Inputs | None], ...] = ()
        self._surroundings: _Surroundings | None = None

    def report(self) -> Report | None:
        """Return that report, where this run would be equal to it."""
        shelf = Shelf(self.store)
        packed = shelf.get(self._key)
        if packed is None:
            return None
        try:
            run = msgspec.msgpack.decode(packed, type=_Run)
        except msgspec.ValidationError as error:
            shelf.discard(self._key, f"it is of another form ({error})")
            return None
        around = run.around
        is_equal = (
            all(digest_of_file(self.root / name) == digest for name, digest in around.files.items())
            and all(names_below(self.root / name) == names for name, names in around.folders.items())
            and all(one.are_equal(self.root) for one in run.inputs)
            and (around.tree is None or around.tree == tree_digest(self.root, self.written | {self.store}))
        )
        return _unchanged(run.report) if is_equal else None

    def begin(
        self,
        read: Iterable[Callable[[], Inputs | None]],
        files: Iterable[Path],
        folders: Iterable[Path],
        *,
        with_tree: bool,
    ) -> None:
        """Look at what a run is made from beside its inputs, of which `read` tells at its end: what changes meanwhile is new.

        It is made from files, which need not exist, from folders, and where it is looked at, from the whole tree.
        """
        tree = tree_digest(self.root, self.written | {self.store}) if with_tree else None
        if with_tree and tree is None:
            return
        self._read = tuple(read)
        with unheard():
            self._surroundings = _Surroundings(
                files={str(path): digest_of_file(path) for path in files},
                folders={str(path): names_below(path) for path in folders},
                tree=tree,
            )

    def keep(self, report: Report) -> None:
        """Keep the report of the run that was begun, where it is known what that read."""
        inputs = tuple(one() for one in self._read)
        known = tuple(one for one in inputs if one is not None)
        if self._surroundings is not None and known == inputs:
            Shelf(self.store).put(self._key, msgspec.msgpack.encode(_Run(known, self._surroundings, report)))


def _key(root: Path, config: Path | None, words: Sequence[object]) -> str:
    file = root / (config or "alembic.ini")
    own = [digest_of_file(path) for path in (file, file.with_name("pyproject.toml"))]
    today = datetime.now().astimezone().date().isoformat()  # acceptances expire
    around = (installed(), environment(os.environ), *programs(), *sys.path)
    return digest_of("run", *around, str(root), str(config), today, *own, *map(repr, words))


def _unchanged(report: Report) -> Report:
    databases = tuple(msgspec.structs.replace(one, unchanged=len(report.revisions)) for one in report.databases)
    return msgspec.structs.replace(report, databases=databases, words=())
