"""What one server made, and therefore may drop. Nothing else is ever dropped."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from alembic_proof.errors import ProofError

if TYPE_CHECKING:  # a server is begun before what is behind this is loaded
    from alembic_proof.databases.scratch import Database


def new_name() -> str:
    """Name something that we make: alembic_proof_<pid>_<random>."""
    return f"alembic_proof_{os.getpid()}_{os.urandom(4).hex()}"


def not_made_here(name: str, server: str) -> ProofError:
    """Say that a database is somebody else's."""
    return ProofError(f"Cannot touch {name} on {server}: it was not made here. Give a database from create() or copy().")


class Made:
    """The scratch databases of the server called `server`, by name. Kept in memory only, by the process that opened it."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._owner = os.getpid()
        self._databases: dict[str, Database] = {}

    @property
    def is_ours(self) -> bool:
        """Whether this is the process that opened the server."""
        return os.getpid() == self._owner

    def new_name(self) -> str:
        if not self.is_ours:
            raise ProofError(
                f"Cannot make a database on {self._server}: another process opened it. Open one in the process that uses it."
            )
        return new_name()

    def add(self, name: str, database: "Database") -> None:
        self._databases[name] = database

    def name_of(self, database: "Database") -> str:
        """Return the name of a database that the server made; raises ProofError if it did not."""
        name = database.url.database or ""
        if not self.is_ours or self._databases.get(name) is not database:
            raise not_made_here(name, self._server)
        return name

    def database(self, name: str) -> "Database":
        return self._databases[name]

    def names(self) -> list[str]:
        return list(self._databases)

    def forget(self, names: Iterable[str]) -> None:
        for name in list(names):
            del self._databases[name]
