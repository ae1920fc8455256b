"""A private MariaDB that can copy: every copy is a server of its own, on a copy of the files that a clean stop leaves.

MariaDB has no statement that copies a database, and its statements do not tell all of one: whether a foreign key brought its
index along, for one, which decides if a later index takes that one's place. The files do. A server starts on them in 0.2 s.
"""

import atexit
import zlib
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import URL

from alembic_proof.databases import mariadb_private
from alembic_proof.databases.cluster import Packed, pack_files, unpack
from alembic_proof.databases.made import Made, not_made_here
from alembic_proof.databases.mariadb import Mariadb
from alembic_proof.databases.scratch import Database
from alembic_proof.databases.speech import one_line
from alembic_proof.errors import ProofError
from alembic_proof.schema.snapshot import Fetch, Snapshot

if TYPE_CHECKING:
    from alembic_proof.databases.private import PrivateServer

_QUICK = 1
"""zlib's level: a tenth of the size at the speed of the disk."""

_LOST = (
    "SELECT 1 FROM information_schema.tables WHERE table_schema LIKE 'alembic\\\\_proof\\\\_%' "
    "AND (engine = 'MEMORY' OR table_type = 'SEQUENCE') LIMIT 1"
)
"""What a stop changes: rows in memory, and the values that a sequence has put by."""

_SETTINGS = "SELECT variable_name, variable_value FROM information_schema.global_variables ORDER BY 1"


class _Instance:
    """One server. It runs from when its URL is asked for until it rests; then its files are known."""

    def __init__(self, speech: Mariadb, files: Packed | None = None) -> None:
        self._speech = speech
        self._files = files
        self._running: tuple[PrivateServer, URL] | None = None
        self._settings: object = None
        self._ended_at: URL | None = None

    @property
    def url(self) -> URL:
        if self._ended_at is not None:
            return self._ended_at
        if self._running is None:
            self._running = mariadb_private.start(mariadb_private.programs(), self._files)
            self._files = None
            with self._speech.connect(self._running[1]) as fetch:
                self._settings = fetch(_SETTINGS)
        return self._running[1]

    def rest(self) -> Packed | None:
        """Stop cleanly and return the files; None, and nothing done, where that would lose something that others may see."""
        if self._running is None:
            return self._files
        private, url = self._running
        with self._speech.connect(url) as fetch:
            if fetch(_LOST) or fetch(_SETTINGS) != self._settings:
                return None
            fetch("SHUTDOWN")
        private.wait_until_ended()
        self._files = pack_files(private.folder / "data", {}, frozenset())
        private.close()
        self._running = None
        return self._files

    def shared(self) -> frozenset[str]:
        if self._running is None:
            return frozenset()
        with self._speech.connect(self.url) as fetch:
            return self._speech.shared(fetch)

    def leave(self) -> None:
        if self._running is not None:
            self._running[0].leave()

    def close(self) -> None:
        """End it for good."""
        if self._running is not None:
            private, self._ended_at = self._running
            private.close()
            self._running = None


class _Database:
    """One scratch database on an instance."""

    def __init__(self, speech: Mariadb, instance: _Instance, name: str) -> None:
        self._speech = speech
        self.instance = instance
        self.name = name

    @property
    def url(self) -> URL:
        return self.instance.url.set(database=self.name)

    def connect(self) -> AbstractContextManager[Fetch]:
        return self._speech.connect(self.url)

    def run_script(self, statements: Iterable[str]) -> None:
        with self.connect() as fetch:
            for statement in statements:
                fetch(statement)

    def save(self) -> None:
        """Keep nothing: a server cannot put a database back under open connections."""

    def restore(self, saved: object) -> None:
        raise TypeError(f"Cannot restore {self.name} to {saved!r}: save() keeps nothing of it.")


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """A database by its name on a server, and the server's packed files."""

    database: str
    files: bytes


class CopyingMariadb:
    """The server on which databases are made, and the servers of the copies."""

    kind = "mariadb"
    rolls_back_ddl = False
    copies = True

    def __init__(self, name: str, kept: bytes | None = None) -> None:
        self.name = name
        self._speech = Mariadb("mariadb")
        self.read: Callable[[Fetch], Snapshot] = self._speech.read
        self.looks: Callable[[], Callable[[Fetch], Snapshot]] = self._speech.looks
        self._made = Made(name)
        self._databases: dict[int, _Database] = {}
        self._seen: frozenset[str] = frozenset()
        packs = {} if kept is None else msgspec.msgpack.decode(kept, type=dict[str, _Kept])
        files = {name: unpack(zlib.decompress(pack.files)) for name, pack in packs.items()}
        self._kept = {name: self._add(_Instance(self._speech, files[name]), pack.database) for name, pack in packs.items()}
        top = max(packs, key=int, default=None)
        self._main = _Instance(self._speech, None if top is None else files[top])
        self._first = None if top is None else self._kept[top]
        """Whose first copy is on the server itself: that stands on the same files."""
        atexit.register(self.close)
        with self._speech.connect(self._main.url) as fetch:
            self.version = self._speech.version(fetch)

    def create(self) -> Database:
        name = self._made.new_name()
        try:
            with self._speech.connect(self._main.url) as fetch:
                self._speech.create(fetch, name)
        except self._speech.errors() as error:
            raise ProofError(f"Cannot make a database on {self.name}: {one_line(error)}. Run again.") from error
        return self._add(self._main, name)

    def copy(self, database: Database) -> Database | None:
        ours = self._ours(database)
        if ours is self._first:
            self._first = None
            return self._add(self._main, ours.name)
        files = ours.instance.rest()
        return None if files is None else self._add(_Instance(self._speech, files), ours.name)

    def shared(self) -> frozenset[str]:
        """Name what is on any of the servers, or was."""
        instances = {id(one.instance): one.instance for one in self._databases.values()}
        self._seen |= self._main.shared().union(*(one.shared() for one in instances.values()))
        return self._seen

    def keep(self, databases: Mapping[str, Database]) -> bytes | None:
        kept: dict[str, _Kept] = {}
        for name, database in databases.items():
            ours = self._ours(database)
            files = ours.instance.rest()
            if files is None:
                return None
            kept[name] = _Kept(ours.name, zlib.compress(msgspec.msgpack.encode(files), _QUICK))
        return msgspec.msgpack.encode(kept)

    def kept(self, name: str) -> Database:
        return self._kept[name]

    def drop(self, database: Database) -> None:
        ours = self._ours(database)
        del self._databases[id(ours)]
        if ours.instance is self._main:
            with self._speech.connect(self._main.url) as fetch:
                self._speech.drop(fetch, ours.name, self._main.url)
        else:
            self._seen |= ours.instance.shared()
            ours.instance.close()

    def leave(self) -> None:
        self._main.leave()
        for one in self._databases.values():
            one.instance.leave()

    def close(self) -> None:
        atexit.unregister(self.close)
        with ExitStack() as ending:
            ending.callback(self._main.close)
            for one in self._databases.values():
                ending.callback(one.instance.close)

    def _add(self, instance: _Instance, name: str) -> _Database:
        database = _Database(self._speech, instance, name)
        self._databases[id(database)] = database
        return database

    def _ours(self, database: Database) -> _Database:
        found = self._databases.get(id(database))
        if found is None or not self._made.is_ours:
            raise not_made_here(database.url.database or "", self.name)
        return found
