"""A private server for each scratch database: for what databases of one server share, roles for one."""

from contextlib import ExitStack
from typing import TYPE_CHECKING

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Database, Server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from alembic_proof.databases.postgresql_embedded import Embedded
    from alembic_proof.schema.snapshot import Fetch, Snapshot


class OneServerEach:
    """Looks like one server. Each of its databases is alone on a server of its own, which ends with it.

    It neither copies a database nor promises that a transaction takes everything back: a copy would share its server.
    """

    rolls_back_ddl = False
    copies = False

    def __init__(self, name: str, begun: "Embedded | None" = None) -> None:
        self._name = name
        self._servers: dict[int, tuple[Database, Server]] = {}
        self._spare: Server | None = open_server(name, begun=begun)
        first = self._spare
        self.name = first.name
        self.kind = first.kind
        self.version = first.version
        self.read: Callable[[Fetch], Snapshot] = first.read
        self.looks: Callable[[], Callable[[Fetch], Snapshot]] = first.looks

    def create(self) -> Database:
        server, self._spare = self._spare or open_server(self._name), None
        try:
            database = server.create()
        except BaseException:
            server.close()
            raise
        self._servers[id(database)] = database, server
        return database

    def copy(self, database: Database) -> None:  # noqa: ARG002 - the kind cannot
        return None

    def keep(self, databases: "Mapping[str, Database]") -> None:  # noqa: ARG002 - what they share is kept nowhere
        return None

    def kept(self, name: str) -> Database:
        raise KeyError(name)

    def drop(self, database: Database) -> None:
        _, server = self._servers.pop(id(database))
        server.close()

    def shared(self) -> frozenset[str]:
        return frozenset()

    def leave(self) -> None:
        for server in (*(server for _, server in self._servers.values()), *([self._spare] if self._spare is not None else ())):
            server.leave()

    def close(self) -> None:
        with ExitStack() as ending:
            for _, server in self._servers.values():
                ending.callback(server.close)
            if self._spare is not None:
                ending.callback(self._spare.close)
        self._servers.clear()
        self._spare = None
