"""Whether a step did nothing but change the schema, in ways that a snapshot shows.

Such a step run again on the same schema does the same again. Anything else has to be run to be known: rows that are written,
roles and privileges, code in a DO block, whatever a driver's own cursor is told.
"""

import re
from typing import Any

from sqlalchemy import Connection, event

_KINDS = "TABLE|UNIQUE INDEX|INDEX|VIEW|MATERIALIZED VIEW|SEQUENCE|TYPE|DOMAIN|TRIGGER|FUNCTION|PROCEDURE|SCHEMA|EXTENSION|POLICY"
_PLAIN = re.compile(
    rf"(CREATE (OR REPLACE )?|ALTER |DROP )({_KINDS})\b"
    r"|COMMENT ON\b|PRAGMA\b|INSERT INTO \"?_alembic_tmp_"
    r"|SELECT .*\b(pg_catalog|information_schema|sqlite_master|sqlite_schema)\b",
    re.IGNORECASE | re.DOTALL,
)
_QUESTION = re.compile(
    r"SELECT .*\b(pg_catalog|information_schema|sqlite_master|sqlite_schema)\b"
    r"|PRAGMA (main\.|temp\.)?\"?\w+\"?\s*\(|SHOW |DESCRIBE ",
    re.IGNORECASE | re.DOTALL,
)
_MOST_KEPT, _LONGEST_KEPT = 200, 4000
_END = re.compile(r"\s*(COMMIT|END|ROLLBACK|ABORT|PREPARE TRANSACTION)\b(?!\s+TO\b)", re.IGNORECASE)


class Watch:
    """Sees every statement that SQLAlchemy sends on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._saw_other = False
        self._is_keeping = False
        self._sent: list[str] = []
        self.saw_autocommit = False
        self.saw_an_end = False
        event.listen(connection, "before_cursor_execute", self._see)

    def start(self) -> None:
        """Forget what was seen, and keep the statements that follow."""
        self._saw_other = False
        self._is_keeping = True
        self.saw_autocommit = False
        self._sent = []

    def stop_keeping(self) -> None:
        """Keep the statements that were sent, and none of those that follow."""
        self._is_keeping = False

    def forget_other(self) -> None:
        """Hold for plain what was seen so far."""
        self._saw_other = False

    @property
    def sent(self) -> tuple[str, ...]:
        """The statements since `start`, without questions to the catalog; of a step with very many, the first."""
        return tuple(statement for statement in self._sent if not is_question(statement))

    @property
    def is_plain(self) -> bool:
        """Whether everything since `start` was plain."""
        return not self._saw_other

    def _see(self, connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if self._is_keeping:
            self.saw_autocommit = self.saw_autocommit or is_in_autocommit(connection)
            if len(self._sent) < _MOST_KEPT:
                self._sent.append(statement.strip()[:_LONGEST_KEPT])
        if not is_plain(statement):
            self._saw_other = True
            self.saw_an_end = self.saw_an_end or _END.match(statement) is not None


def is_in_autocommit(connection: Connection) -> bool:
    """Say whether the driver commits each statement by itself: inside autocommit_block(), for one. Asks the server nothing."""
    return getattr(connection.connection.dbapi_connection, "autocommit", False) is True  # PyMySQL has a method of that name


def is_question(statement: str) -> bool:
    """Say whether a statement only asks the catalog."""
    return _QUESTION.match(statement.lstrip()) is not None


def is_plain(statement: str) -> bool:
    """Say whether one statement changes the schema alone. Several in one text are not taken apart: they are not plain."""
    text = " ".join(statement.split())
    return ";" not in text.rstrip("; ") and _PLAIN.match(text) is not None
