"""What is special about scratch files."""

import contextlib
import random
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from alembic_proof.databases.scratch import Database, Server
from alembic_proof.databases.sqlite import split
from alembic_proof.errors import ProofError


@pytest.fixture
def sqlite(opened: Callable[[str], Server]) -> Server:
    """The server of scratch files."""
    return opened("sqlite")


@pytest.fixture(params=["delete", "wal"])
def users(request: pytest.FixtureRequest, database: Database) -> Iterator[sqlite3.Connection]:
    """A user's own open connection, in either journal mode."""
    with closing(sqlite3.connect(database.url.database or "")) as connection:
        connection.execute(f"PRAGMA journal_mode={request.param}")
        connection.execute("CREATE TABLE book (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT)")
        connection.execute("INSERT INTO book (title) VALUES ('first')")
        connection.commit()
        yield connection


@pytest.fixture
def database(sqlite: Server) -> Database:
    """A new scratch file."""
    return sqlite.create()


def test_an_open_connection_sees_what_was_restored(database: Database, users: sqlite3.Connection) -> None:
    """Schema, rows and counters are back as they were, under a connection that stays open, as often as wanted."""
    mode = users.execute("PRAGMA journal_mode").fetchone()
    saved = database.save()
    for _ in range(2):
        users.execute("ALTER TABLE book ADD COLUMN year INTEGER")
        users.execute("INSERT INTO book (title) VALUES ('second')")
        users.execute("CREATE INDEX ix_book_title ON book (title)")
        users.commit()
        database.restore(saved)
        assert users.execute("SELECT * FROM book").fetchall() == [(1, "first")]
        assert users.execute("SELECT name FROM sqlite_master WHERE type = 'index'").fetchall() == []
        assert users.execute("SELECT seq FROM sqlite_sequence").fetchall() == [(1,)]
        assert users.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert users.execute("PRAGMA journal_mode").fetchone() == mode


def test_an_empty_database_can_be_restored(database: Database) -> None:
    """The state before the first statement is a state like others."""
    saved = database.save()
    database.run_script(["CREATE TABLE book (id INTEGER)"])
    database.restore(saved)
    with database.connect() as fetch:
        assert fetch("SELECT * FROM sqlite_master") == []


def test_a_locked_file_is_refused_in_time(database: Database, users: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """A transaction left open is a set-up error after some seconds, not an endless wait."""
    monkeypatch.setattr("alembic_proof.databases.sqlite._SECONDS_FOR_A_LOCK", 0.5)
    saved = database.save()
    users.execute("INSERT INTO book (title) VALUES ('second')")
    start = time.monotonic()
    with pytest.raises(ProofError) as caught:
        database.restore(saved)
    assert str(caught.value) == ("Cannot restore a scratch file: a connection holds it locked. End its transaction in env.py.")
    assert 0.5 < time.monotonic() - start < 10
    users.rollback()
    database.restore(saved)


@pytest.mark.parametrize("seed", range(8))
def test_no_idle_connection_keeps_what_is_gone(database: Database, seed: int) -> None:
    """Whatever connections had read and written before, each sees the state that is there: no page, no statement of another."""
    chance, path = random.Random(seed), database.url.database or ""  # noqa: S311 - no secret
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(closing(sqlite3.connect(path, isolation_level=None))) for _ in range(3)]
        connections[0].execute("CREATE TABLE t0 (a)")
        states = [(database.save(), content_of(connections[0]))]
        for number in range(1, 60):
            match chance.randrange(4):
                case 0:
                    states.append((database.save(), content_of(chance.choice(connections))))
                case 1:
                    saved, content = chance.choice(states)
                    database.restore(saved)
                    assert [content_of(connection) for connection in connections] == [content] * 3
                case 2:
                    chance.choice(connections).execute("INSERT INTO t0 VALUES (?)", ("x" * chance.randrange(9000),))
                case _:
                    chance.choice(connections).execute(f"CREATE TABLE t{number} (a{number} PRIMARY KEY)")
            assert content_of(chance.choice(connections)) == content_of(stack.enter_context(closing(sqlite3.connect(path))))
        assert connections[1].execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def content_of(connection: sqlite3.Connection) -> str:
    """All that a connection sees."""
    return "\n".join(connection.iterdump())


def test_a_migration_may_change_the_journal(database: Database) -> None:
    """What was saved before there was a write-ahead log can be put back after."""
    with closing(sqlite3.connect(database.url.database or "", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE book (id INTEGER)")
        saved, content = database.save(), content_of(connection)
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("CREATE TABLE page (id INTEGER)")
        database.restore(saved)
        assert content_of(connection) == content


def test_what_was_saved_closes_itself(database: Database) -> None:
    """A kept state that is dropped gives no warning of an unclosed connection."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        database.save()


def test_a_drop_takes_the_journals_too(sqlite: Server, database: Database) -> None:
    """Neither the file nor the write-ahead log beside it is left."""
    path = Path(database.url.database or "")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=wal")
        connection.execute("CREATE TABLE book (id INTEGER)")
        assert len(list(path.parent.glob(f"{path.name}*"))) == 3
        sqlite.drop(database)
        assert list(path.parent.glob(f"{path.name}*")) == []


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("", []),
        ("\n", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1; SELECT ';'; ", ["SELECT 1;", " SELECT ';';"]),
        (
            "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; DELETE FROM c; END; SELECT 1",
            ["CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; DELETE FROM c; END;", " SELECT 1"],
        ),
        ("SELECT 1 -- a; b\n, 2; /* ; */ SELECT 3", ["SELECT 1 -- a; b\n, 2;", " /* ; */ SELECT 3"]),
    ],
)
def test_a_text_is_split_where_a_statement_ends(text: str, statements: list[str]) -> None:
    """Semicolons in strings, comments and triggers end no statement."""
    assert list(split(text)) == statements
