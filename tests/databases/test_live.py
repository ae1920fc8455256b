"""A live database is read, and its own server refuses everything else."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import make_url

from alembic_proof.databases.live import read_only
from alembic_proof.databases.speech import speech_of
from alembic_proof.errors import ProofError

WRITES = (
    "CREATE TABLE made (id INTEGER)",
    "INSERT INTO kept VALUES (2)",
    "UPDATE kept SET id = 3",
    "DELETE FROM kept",
    "DROP TABLE kept",
    "ALTER TABLE kept ADD COLUMN more INTEGER",
)


def refused(url: str) -> list[str]:
    """The statements that a read-only session could not run, each in a session of its own, also after its transaction."""
    held = []
    for statement in WRITES:
        for before in ("SELECT 1", "COMMIT"):
            try:
                with read_only(make_url(url)) as fetch:
                    if before != "COMMIT" or not url.startswith("sqlite"):  # a file's session has no transaction to end
                        fetch(before)
                    fetch(statement)
            except ProofError:
                held.append(statement)
    return held


def test_a_file_cannot_be_written(tmp_path: Path) -> None:
    """Every kind of write is refused, and the file is byte by byte what it was."""
    file = tmp_path / "app.db"
    connection = sqlite3.connect(file)
    connection.executescript("CREATE TABLE kept (id INTEGER); INSERT INTO kept VALUES (1);")
    connection.close()
    before = file.read_bytes()

    assert refused(f"sqlite:///{file}") == [statement for statement in WRITES for _ in range(2)]
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["app.db"]


@pytest.mark.parametrize("fixture", ["postgresql_url", "mariadb_url"])
def test_a_server_refuses_to_write(fixture: str, request: pytest.FixtureRequest) -> None:
    """A superuser's session too: it is the server that says no, and the table stays."""
    url = request.getfixturevalue(fixture)
    with speech_of(make_url(url).get_backend_name()).connect(make_url(url)) as fetch:
        fetch("CREATE TABLE kept (id INTEGER)")
        fetch("INSERT INTO kept VALUES (1)")
        try:
            assert refused(url) == [statement for statement in WRITES for _ in range(2)]
            assert [tuple(row) for row in fetch("SELECT id FROM kept")] == [(1,)]
        finally:
            fetch("DROP TABLE kept")


@pytest.mark.parametrize("url", ["sqlite:////nowhere/x.db", "postgresql+psycopg://u:secret@127.0.0.1:1/x"])
def test_what_cannot_be_read_is_one_line(url: str) -> None:
    """With the place, without the password."""
    with pytest.raises(ProofError) as raised, read_only(make_url(url)):
        pass

    assert str(raised.value).startswith("Cannot read ")
    assert "secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """SQLite says so when it is read."""
    (tmp_path / "x.db").write_text("no database, but long enough for its header to be read" * 10, encoding="utf-8")
    with pytest.raises(ProofError, match="file is not a database"), read_only(make_url(f"sqlite:///{tmp_path}/x.db")) as fetch:
        fetch("SELECT * FROM sqlite_master")
