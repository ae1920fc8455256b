"""The data directory of a private PostgreSQL, packed while the server is idle, and unpacked for another one.

With fsync off all that the server has written is in the operating system's hands; after a CHECKPOINT nothing is left to write,
for nothing runs in the background. A copy of the files is then what a stop at that moment would leave: the next server recovers
from that checkpoint in no time.
"""

import os
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from alembic_proof.databases.private import PrivateServer
from alembic_proof.databases.scratch import Database
from alembic_proof.schema.snapshot import Fetch

_LEFT_OUT = frozenset({"postmaster.pid", "postmaster.opts"})
_PAGE = 8192
"""The bytes of a page of the log."""


class _File(msgspec.Struct, frozen=True, array_like=True):
    """A file: which content, and its size; what the content is shorter is zeros at its end."""

    path: str
    content: int
    size: int


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """A data directory, and the databases in it by the names that they were packed under.

    Three of the databases are as initdb made them: equal contents are there once.
    """

    names: dict[str, str]
    folders: tuple[str, ...]
    files: tuple[_File, ...]
    contents: tuple[bytes, ...]

    def extract(self, folder: Path) -> None:
        """Write the files."""
        folder.mkdir(mode=0o700)
        for name in self.folders:
            (folder / name).mkdir(mode=0o700)
        for file in self.files:  # two thousand: a Path for each would take longer than its content
            content = self.contents[file.content]
            with open(f"{folder}/{file.path}", "wb", opener=_private) as target:
                target.write(content)
                if file.size > len(content):
                    target.truncate(file.size)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def pack_files(
    data: Path, names: Mapping[str, str], left_out: Collection[Path], ends: Mapping[Path, int] | None = None
) -> Packed:
    """Read a data directory in which nothing is written meanwhile. What a file holds after its end in `ends` becomes zeros."""
    folders: list[str] = []
    files: list[_File] = []
    numbers: dict[bytes, int] = {}
    not_ours = {str(path) for path in left_out}
    lengths = {str(path): end for path, end in (ends or {}).items()}
    for folder, below, names_here in os.walk(data):
        below.sort()
        beginning = "" if folder == str(data) else f"{os.path.relpath(folder, data)}/"
        folders += [f"{beginning}{name}" for name in below]
        for name in sorted(names_here):
            if f"{folder}/{name}" not in not_ours:
                with open(f"{folder}/{name}", "rb", buffering=0) as file:  # noqa: PTH123 - of two thousand files
                    content = file.readall()
                number = numbers.setdefault(content[: lengths.get(f"{folder}/{name}")].rstrip(b"\0"), len(numbers))
                files.append(_File(f"{beginning}{name}", number, len(content)))
    return Packed(dict(names), tuple(folders), tuple(files), tuple(numbers))


def unpack(kept: bytes) -> Packed:
    """Read what `Cluster.pack` made."""
    return msgspec.msgpack.decode(kept, type=Packed)


class Cluster(msgspec.Struct, frozen=True):
    """The data directory of a running server, and what it was unpacked from, if from anything."""

    server: PrivateServer
    packed: Packed | None = None

    @property
    def names(self) -> Mapping[str, str]:
        return self.packed.names if self.packed is not None else {}

    @staticmethod
    def would_lose(database: Database) -> bool:
        """Whether a database holds what a server empties when it recovers: unlogged tables."""
        with database.connect() as fetch:
            return bool(fetch("SELECT 1 FROM pg_catalog.pg_class WHERE relpersistence = 'u' LIMIT 1"))

    def pack(self, fetch: Fetch, names: Mapping[str, str]) -> bytes:
        """Pack all of it. Nobody else may be connected to the server."""
        fetch("SELECT pg_switch_wal()")  # what the log still holds then is short
        fetch("CHECKPOINT")
        [(segment, end)] = fetch("SELECT file_name, file_offset FROM pg_walfile_name_offset(pg_current_wal_insert_lsn())")
        data = self.server.folder / "data"
        log = data / "pg_wal" / segment
        other_logs = (path for path in log.parent.iterdir() if path.is_file() and path != log)
        memory = (data / "pg_dynshmem").iterdir()  # of this server's processes: the next one makes its own
        packed = pack_files(
            data,
            names,
            {*other_logs, *memory, *(data / name for name in _LEFT_OUT)},
            {log: (end // _PAGE + 1) * _PAGE},  # behind it is what the segment was used for before: 16 MB of it
        )
        return msgspec.msgpack.encode(packed)
