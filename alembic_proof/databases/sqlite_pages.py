"""The pages of a scratch file, read and put back as they lie on the disk.

SQLite's own backup goes through its journal, page by page: of a walk on many tables that is half of the time. The file format is
documented (sqlite.org/fileformat2.html); what connections believe of a file hangs on two numbers in its header, which both have
to be new whenever the file is: by the change counter they know that their pages are stale, by the schema cookie their statements.
"""

import contextlib
import sqlite3
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from alembic_proof.errors import ProofError

_HEADER = 100
_WRITE_VERSION = 18
_ROLLBACK_JOURNAL = b"\x01\x01"
_COUNTER, _COOKIE, _VALID_FOR = 24, 40, 92


def read_pages(path: Path, connection: sqlite3.Connection) -> bytes | None:
    """Read the whole file through no cache; None where that is not all of the database (a WAL), or nothing yet.

    Raises:
        ProofError: a connection holds it locked.

    """
    with _locked(connection, "save", "BEGIN IMMEDIATE"):  # a lock for reading comes with the first SELECT only, which parses all
        pages = path.read_bytes()
    return pages if _is_whole(pages) else None


def write_pages(path: Path, connection: sqlite3.Connection, pages: bytes) -> bool:
    """Make the file what it was, under connections that are idle; say whether that can be done so.

    Raises:
        ProofError: a connection holds it locked.

    """
    # Closing a file ends all locks that this process has on it, so it is closed after SQLite has let go of its own.
    with path.open("r+b", buffering=0) as file, _locked(connection, "restore", "BEGIN EXCLUSIVE"):
        now = file.read(_HEADER)
        if not _is_whole(now):
            return False
        header = bytearray(pages[:_HEADER])
        for place in (_COUNTER, _COOKIE):
            newest = max(_number(now, place), _number(pages, place)) + 1
            header[place : place + 4] = (newest & 0xFFFFFFFF).to_bytes(4, "big")
        header[_VALID_FOR : _VALID_FOR + 4] = header[_COUNTER : _COUNTER + 4]
        _write(file, bytes(header) + pages[_HEADER:])
        return True


@contextlib.contextmanager
def _locked(connection: sqlite3.Connection, purpose: str, begin: str) -> Iterator[None]:
    try:
        connection.execute(begin)
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise locked(purpose) from error
        raise
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def locked(purpose: str) -> ProofError:
    """Say what to do where a lock stays."""
    return ProofError(f"Cannot {purpose} a scratch file: a connection holds it locked. End its transaction in env.py.")


def _is_whole(header: bytes) -> bool:
    return len(header) >= _HEADER and header[_WRITE_VERSION : _WRITE_VERSION + 2] == _ROLLBACK_JOURNAL


def _number(header: bytes, place: int) -> int:
    return int.from_bytes(header[place : place + 4], "big")


def _write(file: FileIO, content: bytes) -> None:
    """Write all of it from the beginning, and cut off what was longer."""
    file.seek(0)
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]
    file.truncate(len(content))
