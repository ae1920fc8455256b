"""All files of a project at once, for what may read any of them."""

import os
from collections.abc import Iterator
from pathlib import Path

from alembic_proof.store.recorder import unheard
from alembic_proof.store.surroundings import digest_of, is_library

_MOST_FILES = 20_000
_MOST_BYTES = 100_000_000
_UNREAD = frozenset({
    ".md", ".rst", ".db", ".sqlite", ".sqlite3", ".db-journal", ".db-wal", ".db-shm", ".log", ".pyc", ".pid", ".sock", ".png",
    ".jpg", ".svg", ".ico", ".gif", ".css", ".woff2", ".lock",
})  # fmt: skip
"""Endings of files that no import reads."""


def tree_digest(root: Path, apart: frozenset[Path] = frozenset()) -> str | None:
    """Digest of the files below a folder, without hidden ones (but `.env...`), installed ones and some `apart`, files or folders.

    Those that a shell fills with our words (`verify > report.txt`) are apart, too. None where there are too many files to be read
    each time.
    """
    with unheard():
        return _digest_of_all(root, apart | {Path(os.path.realpath(f"/dev/fd/{stream}")) for stream in (1, 2)})


def _digest_of_all(root: Path, apart: frozenset[Path]) -> str | None:
    parts: list[str | bytes] = []
    size = 0
    for path in _files(root):
        if path.suffix in _UNREAD or not apart.isdisjoint((path, *path.parents)):
            continue
        try:
            content = path.read_bytes()
        except OSError:
            continue
        parts += [path.relative_to(root).as_posix(), content]
        size += len(content)
        if size > _MOST_BYTES or len(parts) > 2 * _MOST_FILES:
            return None
    return digest_of(*parts)


def _files(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    if any(entry.name == "pyvenv.cfg" for entry in entries):
        return
    for entry in entries:
        path = Path(entry.path)
        is_hidden = entry.name.startswith(".") and not entry.name.startswith(".env")
        if is_hidden or entry.name in ("__pycache__", "node_modules"):
            continue
        if entry.is_dir(follow_symlinks=False):
            if not is_library(path):
                yield from _files(path)
        elif entry.is_file():
            yield path
