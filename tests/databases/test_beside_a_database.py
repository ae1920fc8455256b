"""Scratch databases beside a database of the user's: made there, dropped there, and nothing else touched."""

import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL

from alembic_proof.databases import postgresql_embedded
from alembic_proof.databases.opening import open_server
from alembic_proof.databases.speech import speech_of
from alembic_proof.errors import ProofError

LIST = {
    "postgresql": "SELECT datname FROM pg_database ORDER BY 1",
    "mariadb": "SELECT schema_name FROM information_schema.schemata ORDER BY 1",
}


@pytest.fixture(params=["postgresql", "mariadb"])
def theirs(request: pytest.FixtureRequest) -> URL:
    """The URL of a user's database, with a row in it."""
    url: URL = request.getfixturevalue(f"{request.param}_of_a_user")
    speech = speech_of(url.get_backend_name())
    with speech.connect(url) as fetch:
        speech.drop(fetch, "shop", url)
        fetch("CREATE DATABASE shop")
    shop = url.set(database="shop")
    with speech.connect(shop) as fetch:
        fetch("CREATE TABLE book (id INTEGER)")
        fetch("INSERT INTO book VALUES (1)")
    return shop


def asked(url: URL, statement: str) -> list[tuple[object, ...]]:
    """What a server answers to its owner."""
    with speech_of(url.get_backend_name()).connect(url) as fetch:
        return list(fetch(statement))


def test_only_what_was_made_is_dropped(theirs: URL) -> None:
    """After closing, the server holds what it held before; the named database and its neighbours are as they were."""
    speech = speech_of(theirs.get_backend_name())
    neighbour = "alembic_proof_1_00000000"  # named like ours, but not ours
    with speech.connect(theirs) as fetch:
        speech.drop(fetch, neighbour, theirs)
        fetch(f"CREATE DATABASE {neighbour}")
    before = asked(theirs, LIST[theirs.get_backend_name()])
    with closing(open_server(theirs.render_as_string(hide_password=False))) as server:
        made = {server.create().url.database for _ in range(3)}
        server.drop(server.create())
        during = asked(theirs, LIST[theirs.get_backend_name()])
        assert {str(name) for (name,) in during} - {str(name) for (name,) in before} == made
    assert asked(theirs, LIST[theirs.get_backend_name()]) == before
    assert asked(theirs, "SELECT id FROM book") == [(1,)]


def test_closing_twice_is_closing_once(theirs: URL) -> None:
    """A second close does nothing."""
    server = open_server(theirs.render_as_string())
    server.create()
    server.close()
    server.close()


def test_a_url_shows_in_reports_without_its_password(postgresql_of_a_user: URL) -> None:
    """The server's name is the URL that the user gave, for any driver, less the password."""
    host = postgresql_of_a_user.query["host"]
    given = f"postgresql+asyncpg://postgres:secret@/postgres?host={host}&password=secret&prepared_statement_cache_size=0"
    with closing(open_server(given)) as server:
        assert server.name.startswith("postgresql+asyncpg://postgres@/postgres?host=")
        assert "secret" not in server.name
        assert server.create().url.drivername == "postgresql+psycopg"


def test_the_named_database_can_be_left_out(theirs: URL) -> None:
    """A URL that names no database is a server's URL all the same."""
    with closing(open_server(theirs._replace(database=None).render_as_string())) as server:
        server.create()


def test_mysql_is_a_kind_of_its_own(mariadb_of_a_user: URL) -> None:
    """A URL that says mysql stays mysql, so that SQLAlchemy compiles for it."""
    with closing(open_server(mariadb_of_a_user.set(drivername="mysql+aiomysql").render_as_string())) as server:
        assert server.kind == "mysql"
        assert server.create().url.drivername == "mysql+pymysql"


def test_a_scratch_database_has_the_character_set_of_its_neighbour(mariadb_of_a_user: URL) -> None:
    """On MariaDB a migration meets the character set and collation that the named database has."""
    speech = speech_of("mariadb")
    with speech.connect(mariadb_of_a_user) as fetch:
        speech.drop(fetch, "old_shop", mariadb_of_a_user)
        fetch("CREATE DATABASE old_shop CHARACTER SET latin1 COLLATE latin1_german2_ci")
    with closing(open_server(mariadb_of_a_user.set(database="old_shop").render_as_string())) as server:
        found = asked(server.create().url, "SELECT @@character_set_database, @@collation_database")
    assert found == [("latin1", "latin1_german2_ci")]


def test_a_user_without_the_right_is_told_which(postgresql_of_a_user: URL) -> None:
    """Without CREATEDB nothing is made, and the error names the statement that grants it."""
    asked(postgresql_of_a_user, "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN")
    reader = postgresql_of_a_user.set(username="reader").render_as_string()
    with closing(open_server(reader)) as server, pytest.raises(ProofError) as caught:
        server.create()
    assert str(caught.value) == (
        f"Cannot make a database on {server.name}: permission denied to create database. "
        "Give --on the URL of a user who may make databases (ALTER ROLE ... CREATEDB)."
    )


def test_a_mariadb_user_without_the_right_is_told_which(mariadb_of_a_user: URL) -> None:
    """The same on MariaDB."""
    asked(mariadb_of_a_user, "CREATE OR REPLACE USER reader")
    with (
        closing(open_server(mariadb_of_a_user.set(username="reader").render_as_string())) as server,
        pytest.raises(
            ProofError, match=r"Access denied for user 'reader'@'.*\(GRANT ALL ON `alembic\\_proof\\_%`\.\* TO \.\.\.\)\.$"
        ),
    ):
        server.create()


def test_a_mariadb_user_with_only_that_right_can_do_all(mariadb_of_a_user: URL) -> None:
    """The statement that the error advises is enough to make and drop scratch databases, whoever is connected to them."""
    asked(mariadb_of_a_user, "CREATE OR REPLACE USER prover; GRANT ALL ON `alembic\\_proof\\_%`.* TO prover")
    with closing(open_server(mariadb_of_a_user.set(username="prover").render_as_string())) as server:
        database = server.create()
        with pytest.raises(Exception, match=r".+"), database.connect() as fetch:  # noqa: PT012 - its session is ended
            fetch("CREATE TABLE book (id INTEGER)")
            fetch("BEGIN")
            fetch("SELECT * FROM book")
            server.drop(database)
            fetch("SELECT 1")


def test_a_wrong_password_is_one_line(postgresql_of_a_user: URL) -> None:
    """A refused password is said in the server's words; neither password is shown."""
    asked(postgresql_of_a_user, "DROP ROLE IF EXISTS keyed; CREATE ROLE keyed LOGIN CREATEDB PASSWORD 'right one'")
    rules = Path(str(postgresql_of_a_user.query["host"])) / "data" / "pg_hba.conf"
    rules.write_text("local all keyed scram-sha-256\n" + rules.read_text())
    asked(postgresql_of_a_user, "SELECT pg_reload_conf()")
    right = postgresql_of_a_user._replace(username="keyed", password="right one")  # noqa: S106 - made above
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:  # the server reads its rules again in its own time
        try:
            open_server(right._replace(password="wrong one").render_as_string(hide_password=False)).close()  # noqa: S106 - is none
        except ProofError as error:
            words = str(error)
            break
        time.sleep(0.1)
    assert 'password authentication failed for user "keyed"' in words
    assert words.endswith(". Check that the server runs, and the URL's user and password.")
    assert "wrong one" not in words
    with closing(open_server(right.render_as_string(hide_password=False))) as server:
        server.create()
        assert "right one" not in server.name


def test_a_server_that_went_away_is_said_to_hold_a_database() -> None:
    """If the scratch databases cannot be dropped at the end, the error names them."""
    private, url = postgresql_embedded.start("18")
    server = open_server(url.render_as_string())
    name = server.create().url.database
    private.close()
    with pytest.raises(ProofError, match=rf"^Cannot drop {name} on postgresql\+psycopg://.*\. Drop it by hand\.$"):
        server.close()


@pytest.mark.parametrize("seconds", [0.005, 0.01, 0.02, 0.03, 0.05])
def test_a_process_killed_while_it_asked_for_a_database_leaves_none(postgresql_of_a_user: URL, seconds: float) -> None:
    """Whether the server got to making it or not, or makes it only afterwards: no database is left."""
    before = asked(postgresql_of_a_user, LIST["postgresql"])
    program = f"""
import os, signal, threading, time
from alembic_proof.databases import postgresql_embedded
from alembic_proof.databases.opening import open_server
server = open_server({postgresql_of_a_user.render_as_string()!r})
threading.Timer({seconds}, os.kill, (os.getpid(), signal.SIGKILL)).start()
while True:
    server.create()
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    deadline = time.monotonic() + 15
    time.sleep(0.5)  # for the server to finish what it was asked
    while asked(postgresql_of_a_user, LIST["postgresql"]) != before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert asked(postgresql_of_a_user, LIST["postgresql"]) == before
