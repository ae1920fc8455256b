"""The contract of the room: a server makes scratch databases, and drops only what it made."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Protocol

from sqlalchemy import URL

from alembic_proof.errors import ProofError
from alembic_proof.schema.snapshot import Fetch, Snapshot


class Unavailable(ProofError):  # noqa: N818 - a state of the machine, and the word that a report shows
    """The machine has no server of this kind. Where a caller can do without, it reports *not proved*, with this reason."""


class Database(Protocol):
    """One scratch database."""

    @property
    def url(self) -> URL:
        """Where it is, with the kind's default synchronous driver: the harness's own way in."""

    def connect(self) -> AbstractContextManager[Fetch]:
        """Open a connection of the harness's own in autocommit mode; the user's engine is not involved."""

    def run_script(self, statements: Iterable[str]) -> None:
        """Run statements on one connection in autocommit mode, as psql or sqlite3 would; raises the driver's own error.

        They are taken lazily: when one fails, none after it has been asked for. One text may hold several statements.
        """

    def save(self) -> Any | None:
        """Keep the state, while others may be connected but idle; None where the kind cannot."""

    def restore(self, saved: Any) -> None:
        """Bring the database back to a kept state, in place, under connections that are idle."""


class Server(Protocol):
    """A place where scratch databases are made. Closing it drops them all and ends what it started."""

    kind: str
    """"sqlite", "postgresql" or "mariadb" (MySQL counts as mariadb's kind "mysql")."""
    name: str
    """What the user called it: "sqlite", "postgresql", "postgresql:16", or the URL without its password."""
    version: str
    """The server's version as it states it: "18.1", "3.45.1", "10.11.6-MariaDB"."""
    rolls_back_ddl: bool
    """Whether a transaction takes schema changes back (PostgreSQL)."""
    copies: bool
    """Whether `copy` makes copies."""
    read: Callable[[Fetch], Snapshot]
    """The reader of this kind, for any of its databases."""

    def looks(self) -> Callable[[Fetch], Snapshot]:
        """Make a reader for many looks at one and the same database: it may read again only what changed."""

    def create(self) -> Database:
        """Make an empty scratch database."""

    def copy(self, database: Database) -> Database | None:
        """Make a scratch database equal to another; None where the kind cannot, or not of what this one holds.

        What is connected to the other one is disconnected: pools keep connections that nobody uses.
        """

    def shared(self) -> frozenset[str]:
        """Name what all databases of the server share and migrations can make, as far as we may see it: "role reader"."""

    def keep(self, databases: Mapping[str, Database]) -> bytes | None:
        """Pack some scratch databases, from which `open_server` opens a server like this one.

        None where the kind cannot, or not of what they hold. The others are dropped, and those packed may not be in use.
        """

    def kept(self, name: str) -> Database:
        """Return a scratch database that the server was opened with, by the name that it was packed under."""

    def drop(self, database: Database) -> None:
        """Drop one scratch database that this server made."""

    def leave(self) -> None:
        """Begin to end a private server, of which nothing is needed any more; `close` waits until it has ended."""

    def close(self) -> None:
        """Drop every scratch database that this server made, end the server if it is private, remove its folder."""
