"""Whether others can see, between two statements of a step, what it has done so far, and can write there."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from alembic_proof.migrate.plain import is_in_autocommit

_READS = re.compile(r"\s*(SELECT|SHOW|DESCRIBE|EXPLAIN|SET|USE|PRAGMA)\b", re.IGNORECASE)
_COMMITS = re.compile(
    r"\s*(ALTER|CREATE(?!\s+TEMPORARY\s+TABLE)|DROP(?!\s+TEMPORARY\s+TABLE)|RENAME|TRUNCATE|ANALYZE|OPTIMIZE|REPAIR|GRANT|REVOKE"
    r"|BEGIN|START\s+TRANSACTION|COMMIT|ROLLBACK(?!\s+TO\b)|(UN)?LOCK\s+TABLES?)\b",
    re.IGNORECASE,
)
"""MariaDB and MySQL commit what is open before they do one of these."""


class Openness:
    """Watches one connection. `commit` sends a COMMIT on it, as MariaDB itself does before a statement that changes a schema."""

    def __init__(self, connection: Connection, kind: str, commit: Callable[[], object]) -> None:
        self._connection = connection
        self._kind = kind
        self._commit = commit
        self._is_uncommitted = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Hear of commits meanwhile."""

        def note(_connection: Any) -> None:
            self._is_uncommitted = False

        event.listen(self._connection, "commit", note)
        try:
            yield
        finally:
            event.remove(self._connection, "commit", note)

    def is_open_before(self, statement: str) -> bool:
        """Say whether others can write right before a statement, on top of all that came before it."""
        if self._kind == "sqlite":
            return not getattr(self._connection.connection.driver_connection, "in_transaction", True)
        return not self._is_uncommitted or (self._kind != "postgresql" and _COMMITS.match(statement) is not None)

    def let_others_see(self) -> None:
        """Commit now what the coming statement would commit first of all."""
        if self._kind not in ("sqlite", "postgresql") and self._is_uncommitted:
            self._commit()
            self._is_uncommitted = False

    def note(self, statement: str) -> None:
        """Take in that a statement is being sent."""
        if self._kind == "postgresql":
            self._is_uncommitted = not is_in_autocommit(self._connection)
        elif _COMMITS.match(statement):
            self._is_uncommitted = False
        elif not _READS.match(statement):
            self._is_uncommitted = True


def may_have_gaps(kind: str, *, left_transaction: bool) -> bool:
    """Say whether an upgrade can leave gaps at all: on PostgreSQL only outside of its transaction."""
    return kind != "postgresql" or left_transaction
