"""From a name on the command line to a server: the door of the room. Imports no driver until a server is opened."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from alembic_proof.databases.scratch import Server
from alembic_proof.databases.urls import in_our_words, without_password
from alembic_proof.errors import ProofError

if TYPE_CHECKING:
    from alembic_proof.databases.postgresql_embedded import Embedded

_NAMES = {
    "sqlite": "sqlite",
    "postgresql": "postgresql",
    "postgresql:16": "postgresql",
    "postgresql:18": "postgresql",
    "mariadb": "mariadb",
}
_DIALECTS = ("sqlite", "postgresql", "mariadb", "mysql")


def known_names() -> tuple[str, ...]:
    """Return the names of the servers that need no URL."""
    return tuple(_NAMES)


def kind_of(name: str) -> str:
    """Return the kind of a server, by its name or URL: sqlite, postgresql, mariadb or mysql. Raises ProofError for others."""
    return _NAMES[name] if name in _NAMES else _url(name).get_backend_name()


def open_server(name: str, kept: bytes | None = None, begun: "Embedded | None" = None) -> Server:
    """Open a server by its name or by the URL of a database, beside which scratch databases are then made.

    With what a server of the same name and version has `kept`, those scratch databases are there again; else a private one that
    was `begun` is used, if there is one: closing it is left to the process that began it.

    Raises ProofError if it is unknown, cannot be reached or lacks its driver, Unavailable if the machine has no such server.
    """
    kind = kind_of(name)
    if kind == "sqlite":
        from alembic_proof.databases.sqlite import SqliteServer

        return SqliteServer(kept)
    if name not in _NAMES:
        return _open_url(_url(name))
    return _open_postgresql(name, kept, begun) if kind == "postgresql" else _open_mariadb(name, kept)


def _open_url(url: URL) -> Server:
    from alembic_proof.databases.served import ServedServer
    from alembic_proof.databases.speech import speech_of

    speech = speech_of(url.get_backend_name())
    speech.errors()
    return ServedServer(without_password(url), speech, in_our_words(url))


def _open_postgresql(name: str, kept: bytes | None, begun: "Embedded | None") -> Server:
    from alembic_proof.databases import postgresql_embedded
    from alembic_proof.databases.cluster import Cluster, unpack
    from alembic_proof.databases.postgresql import Postgresql
    from alembic_proof.databases.served import ServedServer

    speech = Postgresql(strategy="FILE_COPY")
    if find_spec("psycopg") is None:
        speech.errors()
    packed = None if kept is None else unpack(kept)
    if begun is None or packed is not None:
        begun = postgresql_embedded.Embedded(name.partition(":")[2] or postgresql_embedded.DEFAULT)
        begun.begin(packed)
    url = begun.ready(speech.errors)  # loading the driver takes as long as a start on a packed data directory
    return ServedServer(name, speech, url, begun.server, Cluster(begun.server, packed))


def _open_mariadb(name: str, kept: bytes | None) -> Server:
    from alembic_proof.databases import mariadb_private
    from alembic_proof.databases.mariadb import Mariadb
    from alembic_proof.databases.mariadb_copies import CopyingMariadb

    mariadb_private.programs()
    Mariadb(name).errors()
    return CopyingMariadb(name, kept)


def _url(name: str) -> URL:
    known = ", ".join(_NAMES)
    try:
        url = make_url(name)
    except (ArgumentError, ValueError) as error:
        raise ProofError(
            f"Cannot use database {name}: no such name. Give one of {known}, or a server's SQLAlchemy URL."
        ) from error
    dialect = url.get_backend_name()
    if dialect not in _DIALECTS:
        raise ProofError(
            f"Cannot use {without_password(url)}: migrations are proved on SQLite, PostgreSQL, MariaDB and MySQL only. "
            f"Give one of {known}, or the URL of such a server."
        )
    return url
