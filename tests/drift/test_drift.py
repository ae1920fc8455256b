"""`drift`: a live database beside its history."""

import sqlite3
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import make_url

from alembic_proof.databases.postgresql_embedded import FOLDERS, PACKAGE
from alembic_proof.databases.speech import speech_of
from alembic_proof.drift.run import DriftReport, drift, server_for
from alembic_proof.errors import ProofError
from alembic_proof.findings import Outcome, Severity
from alembic_proof.testing import ENV_PY, PlantedProject
from tests.doors.door import run as command
from tests.doors.door import run_anew

MODELS = """
import sqlalchemy as sa
target_metadata = sa.MetaData()
sa.Table("users", target_metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50)), {index})
"""
INDEX = 'sa.Index("ix_users_name", "name")'
USERS = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(50)))'
TABLES = ("CREATE TABLE users (id INTEGER NOT NULL, name VARCHAR(50), PRIMARY KEY (id))",)
ACCEPTED = (("AP902", "extra"), ("AP902", "elsewhere"), ("AP303", "gone"))
AT_HEAD = (*TABLES, "CREATE INDEX ix_users_name ON users (name)")


def planted(folder: Path, index: str = INDEX) -> PlantedProject:
    """A table, then its index, and models that agree."""
    env_py = ENV_PY.replace("target_metadata = None", MODELS.format(index=index))
    project = PlantedProject(folder, env_py=env_py)
    project.revision("a1", USERS, 'op.drop_table("users")')
    return project.revision("b2", 'op.create_index("ix_users_name", "users", ["name"])', 'op.drop_index("ix_users_name")')


def stamped(*revisions: str) -> list[str]:
    """The version table with these rows."""
    rows = [f"INSERT INTO alembic_version VALUES ('{revision}')" for revision in revisions]
    return ["CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, PRIMARY KEY (version_num))", *rows]


def live(folder: Path, *statements: str) -> str:
    """The URL of a database file with this in it."""
    file = folder / "live.db"
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return f"sqlite:///{file}"


def drifted(project: PlantedProject, url: str | None = None, **more: str | Path | None) -> DriftReport:
    """Compare in this process."""
    dump, on, at = more.get("dump"), more.get("on"), more.get("at")
    assert dump is None or isinstance(dump, Path)
    return drift(
        project.project,
        url=url,
        dump=dump,
        on=None if on is None else str(on),
        at=None if at is None else str(at),
        listen=lambda _database, _phase, _doing: None,
    )


def outcomes(told: DriftReport) -> dict[str, str]:
    """What was said of each of the three."""
    return {verdict.check.partition("-")[2]: verdict.outcome.value for verdict in told.report.outcomes}


def whats(told: DriftReport, *severities: Severity) -> list[str]:
    """The findings' sentences."""
    return [finding.what for finding in told.report.findings if not severities or finding.severity in severities]


def test_no_drift(tmp_path: Path) -> None:
    """A database that is what its migrations leave is proved, against models too, and there is nothing to bring back."""
    told = drifted(planted(tmp_path), live(tmp_path, *AT_HEAD, *stamped("b2")))

    assert outcomes(told) == {"is-known": "proved", "matches-history": "proved", "matches-models": "proved"}
    assert told.report.findings == ()
    assert told.sql == "-- nothing to bring back\n"


def test_three_kinds_of_drift(tmp_path: Path) -> None:
    """What is there only, what the history has only, what differs: each once, with the SQL that brings it back."""
    url = live(
        tmp_path,
        "CREATE TABLE users (id INTEGER NOT NULL, name VARCHAR(50), nick TEXT, PRIMARY KEY (id))",
        "CREATE TABLE extra (id INTEGER)",
        *stamped("b2"),
    )
    told = drifted(planted(tmp_path), url)

    assert whats(told) == [
        "Table extra was there in the database and not at b2.",
        "Column users.nick was there in the database and not at b2.",
        "Index ix_users_name on table users was there at b2 and not in the database.",
    ]
    assert outcomes(told) == {"is-known": "proved", "matches-history": "broken", "matches-models": "proved"}
    assert {finding.code for finding in told.report.findings} == {"AP902"}
    connection = sqlite3.connect(make_url(url).database or "")
    connection.executescript(told.sql)
    connection.close()
    assert drifted(planted(tmp_path), url).report.findings == ()


def test_what_is_accepted(tmp_path: Path) -> None:
    """It is shown with its reason, breaks nothing, and is not brought back; `--no-accept` shows it again."""
    accept = [f'{{check = "{check}", object = "{thing}", reason = "made by hand"}}' for check, thing in ACCEPTED]
    project = planted(tmp_path).file("pyproject.toml", f"[tool.alembic_proof]\naccept = [{', '.join(accept)}]\n")
    url = live(tmp_path, *AT_HEAD, "CREATE TABLE extra (id INTEGER)", "CREATE TABLE more (id INTEGER)", *stamped("b2"))
    told = drifted(project, url)

    assert whats(told) == ["Table more was there in the database and not at b2."]
    assert [(one.finding.object, one.acceptance.reason) for one in told.report.accepted] == [("extra", "made by hand")]
    assert told.report.unused_acceptances == ()
    assert "more" in told.sql
    assert "extra" not in told.sql
    shown = command(tmp_path, "drift", url, "--no-accept", "--sql")
    assert shown.status == 1
    assert "DROP TABLE extra" in shown.output


def test_what_sql_cannot_say_is_said_as_operations(tmp_path: Path) -> None:
    """SQLite changes a type by a rebuild, which needs the database: the operations are there, as comments."""
    told = drifted(
        planted(tmp_path),
        live(tmp_path, "CREATE TABLE users (id INTEGER NOT NULL, name INTEGER, PRIMARY KEY (id))", AT_HEAD[1], *stamped("b2")),
    )

    assert whats(told) == ["Column users.name differed: the type was VARCHAR(50) at b2 and INTEGER in the database."]
    assert all(line.startswith("--") for line in told.sql.splitlines())
    assert "batch_alter_table" in told.sql


def test_an_older_database(tmp_path: Path) -> None:
    """It is held to its own revision; what waits is a note, and the models of today are not for it."""
    told = drifted(planted(tmp_path), live(tmp_path, *TABLES, *stamped("a1")))

    assert outcomes(told) == {"is-known": "proved", "matches-history": "proved", "matches-models": "not_proved"}
    assert whats(told, Severity.NOTE) == ["1 revision waits for this database: b2."]


def test_models_that_have_gone_on(tmp_path: Path) -> None:
    """What only the models want is told, once, when the history agrees with the database."""
    told = drifted(planted(tmp_path, index="sa.Column('age', sa.Integer)"), live(tmp_path, *AT_HEAD, *stamped("b2")))

    assert [(finding.code, finding.object) for finding in told.report.findings] == [
        ("AP903", "users.age"), ("AP903", "users.ix_users_name"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ((), "The database had no table alembic_version."),
        (("CREATE TABLE alembic_version (version_num TEXT)",), "The table alembic_version was empty."),
        (tuple(stamped("gone")), "The table alembic_version named revision gone, and no file of the history has it."),
        (tuple(stamped("a1", "b2")), "The table alembic_version named both a1 and b2, and b2 stands on a1."),
    ],
)
def test_a_version_that_is_not_known(tmp_path: Path, rows: tuple[str, ...], what: str) -> None:
    """No table, an empty one, an unknown revision, one that stands on another: each is said plainly."""
    told = drifted(planted(tmp_path), live(tmp_path, *AT_HEAD, *rows))

    assert what in whats(told, Severity.ERROR)
    assert told.report.outcomes[0].outcome is Outcome.BROKEN
    unknown = "the database's revision is not known"
    assert {one.reason for one in told.report.outcomes[2:]} <= {unknown, None}


def test_several_heads(tmp_path: Path) -> None:
    """Two branches at once are a note, and both are replayed."""
    project = PlantedProject(tmp_path).revision("a1", USERS, 'op.drop_table("users")')
    project.revision("b2", 'op.create_index("ix_users_name", "users", ["name"])').revision("c3", down="a1")
    told = drifted(project, live(tmp_path, *AT_HEAD, *stamped("b2", "c3")))

    assert whats(told) == ["The database stood at 2 revisions at once: b2, c3."]
    assert outcomes(told)["matches-history"] == "proved"


@pytest.fixture
def database(postgresql_url: str) -> Iterator[str]:
    """A database of its own on a server, which stands for production."""
    speech = speech_of("postgresql")
    with speech.connect(make_url(postgresql_url)) as fetch:
        fetch("CREATE DATABASE production")
        try:
            yield make_url(postgresql_url).set(database="production").render_as_string(hide_password=False)
        finally:
            fetch("DROP DATABASE production WITH (FORCE)")


def test_a_live_postgresql(tmp_path: Path, database: str, postgresql_url: str) -> None:
    """Through the command line: drift is status 1, its SQL mends it, then 0; another application's schema is a note."""
    planted(tmp_path)
    here = (
        *TABLES,
        *stamped("b2"),
        "CREATE TABLE users_2 (id INTEGER)",
        "CREATE SCHEMA other",
        "CREATE TABLE other.t (id INTEGER)",
    )
    with speech_of("postgresql").connect(make_url(database)) as fetch:
        for statement in here:
            fetch(statement)
        ended = command(tmp_path, "drift", database, "--on", postgresql_url, "--sql", "--format", "json=drift.json")
        assert (ended.status, ended.errors) == (1, ())
        assert "DROP TABLE users_2" in ended.output
        assert "other" not in ended.output
        fetch(ended.output)
    mended = run_anew(tmp_path, "drift", database, "--on", postgresql_url)
    assert mended.status == 0, mended.output
    assert "The database held 2 objects in schemas that the history does not touch." in mended.output
    assert "database-matches-models    1 proved" in mended.output


def test_a_dump_by_pg_dump(tmp_path: Path, database: str, postgresql_url: str) -> None:
    """What PostgreSQL's own tool writes says the same as the database itself, owners and psql's words notwithstanding."""
    project, dump = planted(tmp_path), tmp_path / "dump.sql"
    with speech_of("postgresql").connect(make_url(database)) as fetch:
        for statement in (
            TABLES[0].replace("id INTEGER", "id SERIAL"),
            "CREATE TYPE mood AS ENUM ('a', 'b')",
            "CREATE ROLE drift_owner",
            "ALTER TABLE users OWNER TO drift_owner",
        ):
            fetch(statement)
        try:
            pg_dump = Path(str(find_spec(PACKAGE).origin)).parent / FOLDERS["18"] / "bin/pg_dump"  # type: ignore[union-attr]  # installed
            host = str(make_url(database).query["host"])
            options = ["-s", "-h", host, "-U", "postgres", "-d", "production", "-f", str(dump)]
            subprocess.run([str(pg_dump), *options], check=True)
        finally:
            fetch("ALTER TABLE users OWNER TO postgres")
            fetch("DROP ROLE drift_owner")
    told = drifted(project, dump=dump, on=postgresql_url)

    assert "drift_owner" in dump.read_text(encoding="utf-8")
    assert whats(told, Severity.ERROR) == [
        "Index ix_users_name on table users was there at b2 and not in the database.",
        "Enum mood was there in the database and not at b2.",
    ]


def test_a_dump(tmp_path: Path) -> None:
    """For teams whose CI must not reach production: held to the head, or to the revision that is named."""
    project = planted(tmp_path)
    dump = tmp_path / "dump.sql"
    dump.write_text("".join(f"{statement};\n" for statement in TABLES), encoding="utf-8")

    at_head, at_a1 = drifted(project, dump=dump, on="sqlite"), drifted(project, dump=dump, on="sqlite", at="a1")
    assert whats(at_head) == ["Index ix_users_name on table users was there at b2 and not in the database."]
    assert outcomes(at_a1) == {"is-known": "not_proved", "matches-history": "proved", "matches-models": "not_proved"}
    dump.write_text("CREATE TABLE users (;", encoding="utf-8")
    with pytest.raises(ProofError, match=r"^Cannot load dump.sql into sqlite: .*syntax error.*"):
        drifted(project, dump=dump, on="sqlite")


def test_sql_and_a_format_want_the_same_place(tmp_path: Path) -> None:
    """Nothing that was asked for is dropped without a word; a format with a file stands beside the SQL."""
    planted(tmp_path)
    url = live(tmp_path, *AT_HEAD, *stamped("b2"))
    refused = command(tmp_path, "drift", url, "--sql", "--format", "github")
    beside = command(tmp_path, "drift", url, "--sql", "--format", "junit=a.xml")

    words = "alembic-proof: Cannot print SQL and github together. Give it a file: --format github=FILE."
    assert (refused.status, refused.output, refused.errors) == (2, "", (words,))
    assert (beside.status, beside.output) == (0, "-- nothing to bring back\n")
    assert (tmp_path / "a.xml").is_file()


def test_a_broken_history(tmp_path: Path) -> None:
    """Nothing can be replayed where the graph is not whole: one line, with the command that tells why."""
    project = planted(tmp_path).revision("c3", down="missing")
    with pytest.raises(ProofError, match=r"^Cannot compare with the history: it is not whole\."):
        drifted(project, live(tmp_path, *AT_HEAD, *stamped("b2")))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "Cannot tell what to compare: give the URL of a database, or --schema-only and the file of a dump."),
        ({"url": "sqlite:///x.db", "on": "postgresql"}, "Cannot compare sqlite:///x.db with postgresql: they are of two kinds."),
        ({"url": "mysql+pymysql://u:p@127.0.0.1:1/x"}, "Cannot read mysql+pymysql://u@127.0.0.1:1/x: "),
        ({"url": "sqlite:///x.db", "at": "zz"}, 'Cannot hold the dump to "zz": there is no such revision.'),
        ({"dump": Path("none.sql")}, "Cannot read none.sql:"),
    ],
)
def test_what_cannot_be(tmp_path: Path, arguments: dict[str, str | Path], words: str) -> None:
    """One line, with what to give instead."""
    with pytest.raises(ProofError) as raised:
        drifted(planted(tmp_path), **{"url": None, **arguments})  # type: ignore[arg-type]  # url among them

    assert str(raised.value).startswith(words)


def test_a_kind_without_a_private_server(tmp_path: Path) -> None:
    """Where MySQL itself answers, the history needs a server that is named."""
    with pytest.raises(ProofError, match=r"^Cannot replay the history of a mysql database: there is no private server"):
        server_for(planted(tmp_path).project, "mysql+pymysql://u:p@h/x", None)
