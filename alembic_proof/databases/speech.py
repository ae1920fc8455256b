"""What the room must be able to say to a kind of server. One object per kind; it keeps no connection and no names."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import URL

from alembic_proof.errors import ProofError
from alembic_proof.schema.snapshot import Fetch, Snapshot


class Speech(Protocol):
    """The statements and the driver of one kind of server."""

    kind: str
    rolls_back_ddl: bool

    def connect(self, url: URL) -> AbstractContextManager[Fetch]:
        """Open a connection in autocommit mode. Raises the driver's own error."""

    def errors(self) -> type[Exception]:
        """Return the class of all the driver's errors. Raises ProofError if the driver is not installed."""

    def version(self, fetch: Fetch) -> str: ...

    def create(self, fetch: Fetch, name: str) -> None: ...

    def copying(self, source: str, name: str) -> str | None:
        """Return the statement that makes a copy of a database; None where there is no such statement."""

    def disconnect(self, fetch: Fetch, name: str) -> None:
        """End what is connected to a database, so that it can be copied."""

    def exists(self, fetch: Fetch, name: str) -> bool: ...

    def shared(self, fetch: Fetch) -> frozenset[str]:
        """Name what all databases of the server share: "role reader". Nothing where the user may not see it."""

    def drop(self, fetch: Fetch, name: str, url: URL) -> None:
        """Drop a database if it exists, whoever is connected to it. `url` is the server's, to connect to the database first."""

    def may_not_create(self, error: Exception) -> str | None:
        """Return the statement that grants the right to make databases, if the lack of it is what the error is about."""

    def read(self, fetch: Fetch) -> Snapshot: ...

    def looks(self) -> Callable[[Fetch], Snapshot]: ...


def speech_of(kind: str) -> Speech:
    """Return the speech of a kind of server: postgresql, mariadb or mysql."""
    if kind == "postgresql":
        from alembic_proof.databases.postgresql import Postgresql

        return Postgresql()
    from alembic_proof.databases.mariadb import Mariadb

    return Mariadb(kind)


def driver_missing(driver: str, extra: str) -> ProofError:
    """Say which extra of the package brings a driver."""
    return ProofError(
        f"Cannot connect to {extra}: its driver {driver} is not installed. Run pip install 'alembic-proof[{extra}]'."
    )


def one_line(error: Exception) -> str:
    """Return the words of an error, which drivers spread over several lines, without a full stop."""
    return " ".join(str(error).split()).rstrip(".") or type(error).__name__
