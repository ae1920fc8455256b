"""Scratch databases of SQLite: files in a private folder, in memory where the machine has room for it."""

import atexit
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import URL

from alembic_proof.databases.lifeline import Lifeline
from alembic_proof.databases.made import Made, new_name
from alembic_proof.databases.private import place
from alembic_proof.databases.scratch import Database
from alembic_proof.databases.sqlite_pages import locked, read_pages, write_pages
from alembic_proof.schema.snapshot import Fetch, Snapshot

_MEGABYTES = 64
_SECONDS_FOR_A_LOCK = 5.0


class Saved(sqlite3.Connection):
    """The state of a scratch file, in memory. Closes itself when it is dropped."""

    def __del__(self) -> None:
        self.close()


class SqliteDatabase:
    """One scratch file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def url(self) -> URL:
        return URL.create("sqlite+pysqlite", database=str(self.path))

    @contextmanager
    def connect(self) -> Iterator[Fetch]:
        with closing(_open(self.path)) as connection:

            def fetch(statement: str) -> Sequence[tuple[Any, ...]]:
                return connection.execute(statement).fetchall()

            yield fetch

    def run_script(self, statements: Iterable[str]) -> None:
        with self.connect() as fetch:
            for text in statements:
                for statement in split(text):
                    fetch(statement)

    def save(self) -> Saved | bytes:
        """Keep the file's pages where they are all, else what SQLite's own backup gives."""
        with closing(_open(self.path)) as connection:
            pages = read_pages(self.path, connection)
            if pages is not None:
                return pages
            saved = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False, factory=Saved)
            _back_up(connection, saved, "save")
            return saved

    def restore(self, saved: Saved | bytes) -> None:
        """Make the file what it was. Connections may be open on it, but not in a transaction; they see the change."""
        with closing(_open(self.path)) as connection:
            if isinstance(saved, Saved):
                _back_up(saved, connection, "restore")
            elif not write_pages(self.path, connection, saved):
                with closing(sqlite3.connect(":memory:", isolation_level=None)) as before:
                    before.deserialize(saved)
                    _back_up(before, connection, "restore")


class SqliteServer:
    """The folder of the scratch files. A keeper removes it if this process dies."""

    kind = "sqlite"
    name = "sqlite"
    version = sqlite3.sqlite_version
    rolls_back_ddl = False
    copies = True

    def __init__(self, kept: bytes | None = None) -> None:
        self.read: Callable[[Fetch], Snapshot] = _read
        self._made = Made(self.name)
        self._folder = place(_MEGABYTES) / new_name()
        self._keeper = Lifeline("keeper.py", "SIGKILL", "0", "-", "-", str(self._folder))
        try:
            self._folder.mkdir(mode=0o700)
            self._keeper.tell("\n")
            self._kept = {} if kept is None else self._unpack(kept)
        except BaseException:
            self._keeper.let_go()
            raise
        atexit.register(self.close)

    def looks(self) -> Callable[[Fetch], Snapshot]:
        from alembic_proof.schema.sqlite import Looks

        return Looks()

    def create(self) -> Database:
        path = self._folder / f"{self._made.new_name()}.db"
        path.touch()
        return self._add(path)

    def copy(self, database: Database) -> Database:
        source = self._made.name_of(database)
        path = self._folder / f"{self._made.new_name()}.db"
        with closing(_open(Path(source))) as connection, closing(_open(path)) as target:
            _back_up(connection, target, "copy")
        return self._add(path)

    def shared(self) -> frozenset[str]:
        return frozenset()

    def keep(self, databases: Mapping[str, Database]) -> bytes | None:
        packed: dict[str, bytes] = {}
        for name, database in databases.items():
            copy = self.copy(database)  # in the file alone: of the database, a part may be in its write-ahead log
            packed[name] = Path(self._made.name_of(copy)).read_bytes()
            self.drop(copy)
        return msgspec.msgpack.encode(packed)

    def kept(self, name: str) -> Database:
        return self._kept[name]

    def _unpack(self, kept: bytes) -> dict[str, Database]:
        found: dict[str, Database] = {}
        for name, content in msgspec.msgpack.decode(kept, type=dict[str, bytes]).items():
            path = self._folder / f"{self._made.new_name()}.db"
            path.write_bytes(content)
            found[name] = self._add(path)
        return found

    def drop(self, database: Database) -> None:
        name = self._made.name_of(database)
        for ending in ("", "-journal", "-wal", "-shm"):
            Path(name + ending).unlink(missing_ok=True)
        self._made.forget([name])

    def leave(self) -> None:
        """Nothing runs that would have to end."""

    def close(self) -> None:
        atexit.unregister(self.close)
        if self._keeper.is_ours:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._keeper.let_go(is_tidy=not self._folder.exists())

    def _add(self, path: Path) -> Database:
        database = SqliteDatabase(path)
        self._made.add(str(path), database)
        return database


def split(text: str) -> Iterator[str]:
    """Split a text into its statements: at a semicolon, unless a string, a comment or a trigger goes on there."""
    start = end = 0
    while (end := text.find(";", end) + 1) > 0:
        if sqlite3.complete_statement(text[start:end]):
            yield text[start:end]
            start = end
    if text[start:].strip():
        yield text[start:]


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_SECONDS_FOR_A_LOCK, isolation_level=None, check_same_thread=False)


def _back_up(source: sqlite3.Connection, target: sqlite3.Connection, purpose: str) -> None:
    """Copy all pages. sqlite3 itself would wait for a lock without end."""
    deadline = time.monotonic() + _SECONDS_FOR_A_LOCK

    def give_up(status: int, _remaining: int, _total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > deadline:
            raise locked(purpose)

    source.backup(target, progress=give_up, sleep=0.01)


def _read(fetch: Fetch) -> Snapshot:
    from alembic_proof.schema import sqlite

    return sqlite.read(fetch)
