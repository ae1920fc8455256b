"""A folder of results, each under its key. Any number of processes may use it at once, and a kill at any moment leaves it whole.

A result is written beside its place and moved there; it begins with its own digest, so that what is damaged is thrown away.
"""

import contextlib
import hashlib
import os
import re
import time
from pathlib import Path

_MARK = b"alembic-proof shelf 1\n"
_DIGEST_BYTES = 32
_SECONDS_OF_A_WRITE = 3600.0
"""After so long a part that was not moved to its place is nobody's any more."""

_OWN = re.compile(r"([0-9a-f]{2})/\1[0-9a-f]{38}|\d+-[0-9a-f]{8}\.part")
"""How we call what we put on a shelf."""

LIMIT_BYTES = 1_000_000_000


class Shelf:
    """The results in one folder, together at most `limit_bytes`: what was used least recently goes.

    `words` tells what could not be read or written, one line each. Nothing of that is an error: it is produced again.
    """

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self.folder = folder
        self.words: list[str] = []
        self._limit_bytes = limit_bytes

    def get(self, key: str) -> bytes | None:
        """Return what was put under a key; None where nothing is, or nothing whole."""
        path = self._path(key)
        try:
            packed = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            self.words.append(f"Cannot read {path}: {error.strerror}. It is produced again.")
            return None
        begin = len(_MARK) + _DIGEST_BYTES
        content = packed[begin:]
        if packed[:begin] != _MARK + _digest(content):
            self.discard(key, "it is damaged")
            return None
        with contextlib.suppress(OSError):  # a folder that may only be read keeps its order
            os.utime(path)
        return content

    def has(self, key: str) -> bool:
        return self._path(key).is_file()

    def put(self, key: str, content: bytes) -> None:
        """Keep something under a key, in the place of what was there."""
        path = self._path(key)
        part = self.folder / f"{os.getpid()}-{os.urandom(4).hex()}.part"
        try:
            self._make_folder(path.parent)
            part.write_bytes(_MARK + _digest(content) + content)
            part.replace(path)
            self._make_room()
        except OSError as error:
            self.words.append(f"Cannot keep evidence in {self.folder}: {error.strerror}. Name another folder with --cache.")
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)

    def discard(self, key: str, why: str) -> None:
        """Throw away what cannot be used, and say so."""
        path = self._path(key)
        self.words.append(f"Discarded {path.name} in {self.folder}: {why}. It is produced again.")
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key

    def _make_folder(self, folder: Path) -> None:
        """Make it; git ignores the whole shelf where it is a folder of its own, and not one that holds other things."""
        is_new = not self.folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        if is_new:
            (self.folder / ".gitignore").write_text("*\n", encoding="utf-8")

    def _make_room(self) -> None:
        found = []
        for entry in self._entries():
            with contextlib.suppress(FileNotFoundError):  # another process makes room as well
                found.append((entry.stat(), entry))
        size = sum(stat.st_size for stat, _ in found)
        now = time.time()
        for stat, entry in sorted(found, key=lambda one: one[0].st_mtime):
            is_left_over = entry.suffix == ".part" and now - stat.st_mtime > _SECONDS_OF_A_WRITE
            if is_left_over or (size > self._limit_bytes and entry.suffix != ".part"):
                entry.unlink(missing_ok=True)
                size -= stat.st_size

    def _entries(self) -> list[Path]:
        """What we put there, by its form: the folder may hold other things."""
        found = (*self.folder.glob("??/*"), *self.folder.glob("*.part"))
        return [path for path in found if _OWN.fullmatch(path.relative_to(self.folder).as_posix())]


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()
