"""Scratch databases on a server that is spoken to over a socket: a private one, or one whose URL the user gave."""

import atexit
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager

from sqlalchemy import URL

from alembic_proof.databases.cluster import Cluster
from alembic_proof.databases.lifeline import Lifeline
from alembic_proof.databases.made import Made
from alembic_proof.databases.private import PrivateServer
from alembic_proof.databases.scratch import Database
from alembic_proof.databases.speech import Speech, one_line
from alembic_proof.errors import ProofError
from alembic_proof.schema.snapshot import Fetch, Snapshot


class ServedDatabase:
    """One scratch database on a server."""

    def __init__(self, speech: Speech, url: URL) -> None:
        self._speech = speech
        self._url = url

    @property
    def url(self) -> URL:
        return self._url

    def connect(self) -> AbstractContextManager[Fetch]:
        return self._speech.connect(self._url)

    def run_script(self, statements: Iterable[str]) -> None:
        with self.connect() as fetch:
            for statement in statements:
                fetch(statement)

    def save(self) -> None:
        """Keep nothing: a server cannot put a database back under open connections."""

    def restore(self, saved: object) -> None:
        raise TypeError(f"Cannot restore {self._url!r} to {saved!r}: save() keeps nothing of it.")


class ServedServer:
    """A server, known by the URL of a database on it in which nothing is done but to make and drop others.

    `private` is what is behind the URL if it is ours alone: then its scratch databases end with it. Otherwise a dropper, told of
    each name before it is made, drops what is left when this process dies. `cluster` packs the databases of a private one.
    """

    def __init__(
        self, name: str, speech: Speech, url: URL, private: PrivateServer | None = None, cluster: Cluster | None = None
    ) -> None:
        self.name = name
        self.kind = speech.kind
        self.rolls_back_ddl = speech.rolls_back_ddl
        self.copies = speech.copying("", "") is not None
        self.read: Callable[[Fetch], Snapshot] = speech.read
        self.looks: Callable[[], Callable[[Fetch], Snapshot]] = speech.looks
        self.version = _version(name, speech, url)
        self._speech = speech
        self._url = url
        self._private = private
        self._made = Made(name)
        self._cluster = cluster
        for own_name in cluster.names.values() if cluster is not None else ():
            self._made.add(own_name, ServedDatabase(speech, url.set(database=own_name)))
        self._dropper: Lifeline | None = None
        if private is None:
            self._dropper = Lifeline("dropper.py")
            spec = {"path": sys.path, "kind": speech.kind, "url": url.render_as_string(hide_password=False)}
            self._dropper.tell(json.dumps(spec) + "\n")
        atexit.register(self.close)

    def create(self) -> Database:
        name = self._made.new_name()
        return self._make(name, lambda fetch: self._speech.create(fetch, name))

    def copy(self, database: Database) -> Database | None:
        source, name = self._made.name_of(database), self._made.new_name()
        statement = self._speech.copying(source, name)
        if statement is None:
            return None

        def make(fetch: Fetch) -> None:
            self._speech.disconnect(fetch, source)
            fetch(statement)

        return self._make(name, make)

    def shared(self) -> frozenset[str]:
        with self._speech.connect(self._url) as fetch:
            return self._speech.shared(fetch)

    def keep(self, databases: Mapping[str, Database]) -> bytes | None:
        if self._cluster is None:
            return None
        names = {name: self._made.name_of(database) for name, database in databases.items()}
        if any(self._cluster.would_lose(database) for database in databases.values()):
            return None
        self._drop([name for name in self._made.names() if name not in names.values()])
        with self._speech.connect(self._url) as fetch:
            return self._cluster.pack(fetch, names)

    def kept(self, name: str) -> Database:
        assert self._cluster is not None, "only what was packed is kept"
        return self._made.database(self._cluster.names[name])

    def drop(self, database: Database) -> None:
        self._drop([self._made.name_of(database)])

    def leave(self) -> None:
        if self._private is not None:
            self._private.leave()

    def close(self) -> None:
        atexit.unregister(self.close)
        if self._private is not None:
            self._private.close()
        elif self._dropper is not None and self._dropper.is_ours:
            try:
                self._drop(self._made.names())
            except ProofError:
                self._tell_dropper("is gone", self._made.names())  # told to the user instead; the dropper need not try
                raise
            finally:
                self._dropper.let_go()

    def _make(self, name: str, make: Callable[[Fetch], object]) -> Database:
        self._tell_dropper("may exist", [name])
        try:
            with self._speech.connect(self._url) as fetch:
                make(fetch)
        except self._speech.errors() as error:
            self._tell_dropper("is gone", [name])
            raise self._not_made(error) from error
        self._tell_dropper("exists", [name])
        database = ServedDatabase(self._speech, self._url.set(database=name))
        self._made.add(name, database)
        return database

    def _drop(self, names: list[str]) -> None:
        if not names:
            return
        try:
            with self._speech.connect(self._url) as fetch:
                for name in names:
                    self._speech.drop(fetch, name, self._url)
                    self._made.forget([name])
                    self._tell_dropper("is gone", [name])
        except self._speech.errors() as error:
            raise ProofError(f"Cannot drop {', '.join(names)} on {self.name}: {one_line(error)}. Drop it by hand.") from error

    def _tell_dropper(self, state: str, names: list[str]) -> None:
        if self._dropper is not None:
            self._dropper.tell("".join(f"{name} {state}\n" for name in names))

    def _not_made(self, error: Exception) -> ProofError:
        grant = self._speech.may_not_create(error)
        advice = "Give --on the URL of a user who may make databases" + (f" ({grant})" if grant is not None else "")
        return ProofError(f"Cannot make a database on {self.name}: {one_line(error)}. {advice}.")


def _version(name: str, speech: Speech, url: URL) -> str:
    try:
        with speech.connect(url) as fetch:
            version = speech.version(fetch)
    except (speech.errors(), TypeError) as error:  # a TypeError is a parameter in the URL that the driver does not know
        raise ProofError(
            f"Cannot use {name}: {one_line(error)}. Check that the server runs, and the URL's user and password."
        ) from error
    if speech.kind == "mariadb" and "mariadb" not in version.lower():
        raise ProofError(f"Cannot use {name}: the server is MySQL {version}. Give --on mysql+pymysql://... instead.")
    return version
