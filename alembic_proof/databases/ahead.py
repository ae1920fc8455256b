"""Private servers that are begun while this process still loads what will use them. Imports no library of databases."""

from contextlib import ExitStack
from types import TracebackType
from typing import Self

from alembic_proof.databases.postgresql_embedded import DEFAULT, FOLDERS, Embedded
from alembic_proof.errors import ProofError


class ServersAhead:
    """Private servers by the names under which they are asked for. Leaving it ends all of them.

    This process holds their lifelines. The copies of it that use them can only leave them alone.
    """

    def __init__(self) -> None:
        self._begun: list[Embedded] = []
        self._waiting: dict[str, Embedded] = {}
        self._ending = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._ending.callback(self.leave)  # called first, so that they end side by side
        self._ending.close()

    def begin(self, name: str) -> None:
        """Begin a server where `name` stands for one that takes long. One that cannot be had says so to whoever opens it."""
        kind, _, version = name.partition(":")
        if kind != "postgresql" or version not in {"", *FOLDERS} or name in self._waiting:
            return
        try:
            embedded = Embedded(version or DEFAULT)
            self._begun.append(embedded)
            self._ending.callback(embedded.server.close)
            embedded.begin()
        except ProofError:
            return
        self._waiting[name] = embedded

    def take(self, name: str) -> Embedded | None:
        """Give the server of that name away, once: it is as new."""
        return self._waiting.pop(name, None)

    def leave(self) -> None:
        """Have all of them end, without waiting."""
        self._waiting.clear()
        for embedded in self._begun:
            embedded.server.leave()
