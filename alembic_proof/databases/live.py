"""A database that is not ours, opened to be read and nothing else. The only door to one, and only `drift` goes through it.

No SQLAlchemy engine is made: what env.py opens meets the redirect as ever.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL

from alembic_proof.databases.speech import one_line, speech_of
from alembic_proof.databases.urls import in_our_words, without_password
from alembic_proof.errors import ProofError
from alembic_proof.schema.snapshot import Fetch

_READ_ONLY = {
    "postgresql": (
        "SET default_transaction_read_only = on",
        "SET lock_timeout = '10s'",
        "SET statement_timeout = '300s'",
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",  # one state of the whole catalog
    ),
    "mysql": ("SET SESSION TRANSACTION READ ONLY",),
}
"""What a session is told first. In MariaDB each statement is a transaction of its own, which the session makes read-only."""


@contextmanager
def read_only(url: URL) -> Iterator[Fetch]:
    """Open a database whose server refuses every write of this session.

    Raises:
        ProofError: it cannot be opened or read, or its driver is not installed.

    """
    kind = url.get_backend_name()
    if kind == "sqlite":
        with _read_only_file(url) as fetch:
            yield fetch
        return
    speech = speech_of(kind)
    errors = speech.errors()
    try:
        with speech.connect(in_our_words(url)) as fetch:
            for statement in _READ_ONLY["mysql" if kind == "mariadb" else kind]:
                fetch(statement)
            yield fetch
    except errors as error:
        raise _not_read(url, error) from error


@contextmanager
def _read_only_file(url: URL) -> Iterator[Fetch]:
    path = Path(url.database or "")
    if not path.is_file():
        raise ProofError(f"Cannot read {without_password(url)}: there is no such file. Give the path of the database's file.")
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, isolation_level=None)) as connection:
            connection.execute("PRAGMA query_only = ON")

            def fetch(statement: str) -> Sequence[tuple[Any, ...]]:
                return connection.execute(statement).fetchall()

            yield fetch
    except sqlite3.Error as error:
        raise _not_read(url, error) from error


def _not_read(url: URL, error: Exception) -> ProofError:
    advice = "Check that the server runs, and the URL's user, password and rights."
    if url.get_backend_name() == "sqlite":
        advice = "Give the path of a file that SQLite made, and that may be read."
    return ProofError(f"Cannot read {without_password(url)}: {one_line(error)}. {advice}")
