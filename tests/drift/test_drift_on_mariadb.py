"""`drift` on MariaDB, where each statement is a transaction of its own, and a failed migration stays half-way."""

from pathlib import Path

from sqlalchemy import make_url

from alembic_proof.databases.speech import speech_of
from alembic_proof.drift.run import drift
from alembic_proof.testing import PlantedProject


def test_a_migration_that_stopped_half_way(tmp_path: Path, mariadb_url: str) -> None:
    """The version table stays at the revision before, and half of the next one is there: that half is told, with its way back."""
    project = PlantedProject(tmp_path)
    project.revision("a1", 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))', 'op.drop_table("users")')
    project.revision("b2", 'op.add_column("users", sa.Column("name", sa.String(50)))\nop.execute("DROP TABLE nothing")')
    name = "drift_half_way"
    with speech_of("mariadb").connect(make_url(mariadb_url)) as fetch:
        fetch(f"CREATE DATABASE {name}")
        try:
            fetch(f"CREATE TABLE {name}.users (id INTEGER NOT NULL AUTO_INCREMENT, name VARCHAR(50), PRIMARY KEY (id))")
            fetch(f"CREATE TABLE {name}.alembic_version (version_num VARCHAR(32) NOT NULL, PRIMARY KEY (version_num))")
            fetch(f"INSERT INTO {name}.alembic_version VALUES ('a1')")
            url = make_url(mariadb_url).set(database=name).render_as_string(hide_password=False)
            as_mysql = url.replace("mariadb+", "mysql+", 1)  # what most projects write, and their server is this one
            told = drift(
                project.project, url=as_mysql, dump=None, on=mariadb_url, at=None, listen=lambda _database, _phase, _doing: None
            )
        finally:
            fetch(f"DROP DATABASE {name}")

    assert [finding.what for finding in told.report.findings] == [
        "1 revision waits for this database: b2.",
        "Column users.name was there in the database and not at a1.",
    ]
    assert told.sql == "ALTER TABLE users DROP COLUMN name;\n"
    assert "MariaDB" in told.report.databases[0].server_version
