"""What every server promises, on real ones."""

import os
import re
from collections.abc import Callable, Iterator

import pytest

from alembic_proof.databases.scratch import Database, Server
from alembic_proof.errors import ProofError
from alembic_proof.schema.snapshot import Key


def tables(server: Server, database: Database) -> list[str]:
    """The names of a database's tables, in the eyes of the reader."""
    with database.connect() as fetch:
        return [key.name for key in server.read(fetch).of_kind("table")]


def test_a_new_database_is_empty(server: Server) -> None:
    """A scratch database holds nothing, and what one of them holds is not in the next."""
    first, second = server.create(), server.create()
    first.run_script(["CREATE TABLE book (id INTEGER PRIMARY KEY)"])
    assert tables(server, first) == ["book"]
    assert tables(server, second) == []


def test_a_copy_is_equal_and_independent(server: Server) -> None:
    """A copy has the schema and the rows of its source, and goes its own way afterwards."""
    source = server.create()
    source.run_script(["CREATE TABLE book (id INTEGER PRIMARY KEY)", "INSERT INTO book VALUES (7)"])
    copy = server.copy(source)
    assert copy is not None
    copy.run_script(["INSERT INTO book VALUES (8)"])
    with source.connect() as fetch, copy.connect() as fetch_copy:
        assert list(fetch("SELECT id FROM book")) == [(7,)]
        assert list(fetch_copy("SELECT id FROM book ORDER BY id")) == [(7,), (8,)]
        assert server.read(fetch) == server.read(fetch_copy)


def test_an_idle_connection_does_not_stop_a_copy(opened: Callable[[str], Server]) -> None:
    """PostgreSQL refuses to copy a database that is in use: what is connected to it is disconnected first."""
    server = opened("postgresql")
    source = server.create()
    with pytest.raises(Exception, match="terminating connection"), source.connect() as fetch:  # noqa: PT012 - it is ended
        fetch("CREATE TABLE book (id INTEGER)")
        copy = server.copy(source)
        assert copy is not None
        assert tables(server, copy) == ["book"]
        fetch("SELECT 1")


def test_a_subscription_does_not_keep_a_database(opened: Callable[[str], Server]) -> None:
    """A database that a migration made subscribe is dropped, and what it subscribes to is never reached."""
    server = opened("postgresql")
    database = server.create()
    name = str(database.url.database)
    database.run_script(["CREATE SUBSCRIPTION \"To news\" CONNECTION 'host=nowhere' PUBLICATION news WITH (connect = false)"])
    with server.create().connect() as elsewhere:
        server.drop(database)
        assert elsewhere(f"SELECT datname FROM pg_database WHERE datname = '{name}'") == []


def test_a_dropped_database_is_gone(server: Server) -> None:
    """After drop the server cannot drop it again, because it is no longer there."""
    database = server.create()
    server.drop(database)
    with pytest.raises(ProofError, match="it was not made here"):
        server.drop(database)


def test_names_tell_whose_they_are(server: Server) -> None:
    """Every scratch database is named alembic_proof_<pid>_<random>."""
    name = (server.create().url.database or "").rpartition("/")[2].removesuffix(".db")
    assert re.fullmatch(rf"alembic_proof_{os.getpid()}_[0-9a-f]{{8}}", name)


def test_statements_take_effect_at_once(server: Server) -> None:
    """A connection of the harness is in autocommit mode: another one sees what it did while it is still open."""
    database = server.create()
    with database.connect() as fetch, database.connect() as other:
        assert list(fetch("CREATE TABLE book (id INTEGER PRIMARY KEY)")) == []
        assert list(fetch("INSERT INTO book VALUES (1)")) == []
        assert list(other("SELECT id FROM book")) == [(1,)]


def test_a_percent_sign_is_only_a_percent_sign(server: Server) -> None:
    """Statements go to the driver as they are: no parameter style gets in the way."""
    with server.create().connect() as fetch:
        assert list(fetch("SELECT '100%', 'a%sb' WHERE 'x' LIKE '%'")) == [("100%", "a%sb")]


def test_a_script_stops_at_its_first_error(server: Server) -> None:
    """What comes before a failing statement has been done, and nothing after it is even asked for."""
    database = server.create()
    asked = []

    def statements() -> Iterator[str]:
        for statement in ("CREATE TABLE one (id INTEGER)", "CREATE TABLE one (id INTEGER)", "CREATE TABLE two (id INTEGER)"):
            asked.append(statement)
            yield statement

    with pytest.raises(Exception, match="already exists"):
        database.run_script(statements())
    assert len(asked) == 2
    assert tables(server, database) == ["one"]


def test_a_text_may_hold_several_statements(server: Server) -> None:
    """A whole SQL file can be run as one text, with semicolons in strings and comments; an error late in it is raised."""
    database = server.create()
    text = "-- one; two\nCREATE TABLE book (name VARCHAR(20));\nINSERT INTO book VALUES ('a;b'); INSERT INTO book VALUES ('c')\n"
    database.run_script([text])
    with database.connect() as fetch:
        assert list(fetch("SELECT name FROM book ORDER BY name")) == [("a;b",), ("c",)]
    with pytest.raises(Exception, match="no_such_table"):
        database.run_script(["SELECT 1; SELECT * FROM no_such_table"])


def test_a_transaction_in_a_script_is_one(server: Server) -> None:
    """BEGIN and ROLLBACK in a script mean what they say, as in the shell of the database."""
    database = server.create()
    database.run_script(["CREATE TABLE book (id INTEGER)", "BEGIN", "INSERT INTO book VALUES (1)", "ROLLBACK"])
    with database.connect() as fetch:
        assert list(fetch("SELECT * FROM book")) == []


def test_the_version_is_what_the_server_states(server: Server) -> None:
    """The version is the server's own, as a report will show it."""
    own = {"sqlite": "sqlite_version()", "postgresql": "split_part(current_setting('server_version'), ' ', 1)"}
    with server.create().connect() as fetch:
        assert fetch(f"SELECT {own.get(server.kind, 'VERSION()')}")[0][0] == server.version


def test_only_what_a_server_made_is_touched(opened: Callable[[str], Server], server: Server) -> None:
    """A server neither drops nor copies a database that another one made."""
    other = opened("postgresql" if server.name == "sqlite" else "sqlite")
    foreign = other.create()
    for touch in (server.drop, server.copy):
        with pytest.raises(
            ProofError, match=r"^Cannot touch .*: it was not made here\. Give a database from create\(\) or copy\(\)"
        ):
            touch(foreign)
    assert tables(other, foreign) == []


def test_a_namesake_is_not_touched(server: Server) -> None:
    """The same URL in other hands does not make a database ours."""
    database = server.create()
    namesake = type(database).__new__(type(database))
    namesake.__dict__.update(database.__dict__)
    with pytest.raises(ProofError, match="it was not made here"):
        server.drop(namesake)
    assert tables(server, database) == []


def test_the_reader_is_the_kinds_own(server: Server) -> None:
    """What a server reads are the objects of its own databases."""
    database = server.create()
    database.run_script(["CREATE TABLE book (id INTEGER PRIMARY KEY, title VARCHAR(20) NOT NULL)"])
    with database.connect() as fetch:
        columns = server.read(fetch).objects
    assert Key("column", None, "book", "title") in columns


def test_sessions_do_not_keep_a_database_from_being_dropped(served: Server) -> None:
    """A database is dropped although a connection to it is open, with a transaction that holds a lock."""
    database = served.create()
    database.run_script(["CREATE TABLE book (id INTEGER)"])
    with pytest.raises(Exception, match=r".+"), database.connect() as fetch:  # noqa: PT012 - the connection is the one that ends
        fetch("BEGIN")
        fetch("INSERT INTO book VALUES (1)")
        served.drop(database)
        fetch("SELECT 1")
    with pytest.raises(ProofError, match="it was not made here"):
        served.drop(database)
