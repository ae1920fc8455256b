"""A second look reads only what changed, and sees what a first look would."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic.runtime.migration import MigrationContext

from alembic_proof.migrate.fetching import fetch_on
from alembic_proof.schema import postgresql, sqlite
from alembic_proof.schema.postgresql import fingerprint, prepared
from alembic_proof.schema.snapshot import FetchesSeveral

POSTGRESQL = """
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE users (id serial PRIMARY KEY, name text DEFAULT 'x', feeling mood DEFAULT 'ok', UNIQUE (name), CHECK (name <> ''));
CREATE TABLE posts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author integer REFERENCES users (id), title text);
CREATE TABLE untouched (id integer PRIMARY KEY, note text);
CREATE INDEX ix_posts ON posts (title);
CREATE VIEW named AS SELECT id, name FROM users
"""
POSTGRESQL_STEPS = (
    "ALTER TABLE posts ADD COLUMN body text",
    "ALTER TABLE posts ALTER COLUMN body SET DEFAULT 'a'",
    "ALTER TABLE posts ALTER COLUMN body SET DEFAULT 'b'",
    "ALTER TABLE posts ALTER COLUMN body DROP DEFAULT",
    "DEALLOCATE ALL",
    "SAVEPOINT one",
    "ALTER TABLE users RENAME COLUMN id TO number",
    "ROLLBACK TO SAVEPOINT one",
    "ALTER TABLE users ADD COLUMN id2 integer",
    "ROLLBACK TO SAVEPOINT one",
    "ALTER TABLE users RENAME TO people",
    "ALTER TABLE people RENAME CONSTRAINT users_name_key TO uq",
    "ROLLBACK TO SAVEPOINT one",
    "DROP VIEW named",
    "ALTER TABLE users ALTER COLUMN name TYPE varchar(20)",
    "CREATE VIEW named AS SELECT name FROM users",
    "ALTER INDEX ix_posts RENAME TO ix",
    "ALTER INDEX ix SET (fillfactor = 50)",
    "DROP INDEX ix",
    "CREATE TABLE tags (id serial PRIMARY KEY, post bigint REFERENCES posts (id))",
    "ALTER SEQUENCE tags_id_seq RENAME TO numbers",
    "ALTER SEQUENCE numbers INCREMENT 5",
    "ALTER SEQUENCE numbers OWNED BY NONE",
    "ALTER SEQUENCE numbers OWNED BY posts.id",
    "ALTER TABLE posts ALTER COLUMN id SET START 7",
    "ALTER SEQUENCE posts_id_seq INCREMENT 5",
    "DROP SEQUENCE numbers CASCADE",
    "COMMENT ON COLUMN posts.title IS 'the title'",
    "COMMENT ON COLUMN posts.title IS 'a title'",
    "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'",
    "ALTER TYPE mood RENAME TO feeling",
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'begin return new; end'",
    "CREATE TRIGGER tr BEFORE UPDATE OF title ON posts FOR EACH ROW EXECUTE FUNCTION touch()",
    "ALTER TABLE posts RENAME COLUMN title TO headline",
    "ALTER TABLE posts DISABLE TRIGGER tr",
    "CREATE POLICY own ON posts USING (headline <> '')",
    "CREATE TABLE days (day date) PARTITION BY RANGE (day)",
    "CREATE TABLE days_1 PARTITION OF days DEFAULT",
    "ALTER TABLE days ADD COLUMN note text",
    "ALTER TABLE days DETACH PARTITION days_1",
    "CREATE SCHEMA app",
    "ALTER TABLE days SET SCHEMA app",
    "ALTER TABLE posts ADD CONSTRAINT ck CHECK (id > 0) NOT VALID",
    "ALTER TABLE posts VALIDATE CONSTRAINT ck",
    "DROP TABLE tags",
    "DROP TABLE users CASCADE",
)

SQLITE = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT UNIQUE, CHECK (name <> ''));
CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES users, title TEXT);
CREATE INDEX ix_posts ON posts (title)
"""
SQLITE_STEPS = (
    "ALTER TABLE posts ADD COLUMN body TEXT",
    "SAVEPOINT one",
    "ALTER TABLE users RENAME COLUMN id TO number",
    "ROLLBACK TO SAVEPOINT one",
    "ALTER TABLE users RENAME TO people",
    "DROP INDEX ix_posts",
    "CREATE INDEX ix_posts ON posts (title DESC)",
    "CREATE VIEW named AS SELECT name FROM people",
    "DROP VIEW named",
    "DROP TABLE posts",
    "CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES people)",
)


@pytest.mark.parametrize(("server", "in_one_trip"), [("postgresql", True), ("postgresql", False), ("postgresql:16", True)])
def test_postgresql_in_one_transaction(server: str, *, in_one_trip: bool, new_sheet: Callable[[str], Any]) -> None:
    """After each step, also after a rollback to a savepoint, the second look equals a first one, whatever the driver can."""
    sheet = new_sheet(server).draw(POSTGRESQL)
    look = postgresql.Looks()
    with sheet.engine.connect() as connection:
        cursor = connection.connection.cursor()

        def one_by_one(sql: str) -> list[tuple[Any, ...]]:
            cursor.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []

        fetch = fetch_on(MigrationContext.configure(connection)) if in_one_trip else one_by_one
        assert isinstance(fetch, FetchesSeveral) == in_one_trip
        look(fetch)
        for step in POSTGRESQL_STEPS:
            cursor.execute(step)
            assert look(fetch) == postgresql.read(fetch), step
        connection.rollback()
        assert look(fetch) == postgresql.read(fetch)


def test_postgresql_reads_little_for_a_little_change(new_sheet: Callable[[str], Any]) -> None:
    """Of the rows that a first look fetches, a look after one ALTER TABLE fetches those of that table; an idle one, none.

    Nor does one after a rollback.
    """
    sheet = new_sheet("postgresql").draw([f"CREATE TABLE t{number} (a integer, b text, c text)" for number in range(40)])
    with sheet.database.connect() as connected:
        fetched, prints = 0, prepared._name(fingerprint._QUERY)

        def fetch(sql: str) -> Any:
            nonlocal fetched
            rows = connected(sql)
            fetched += len(rows) if prints not in sql else 0
            return rows

        look = postgresql.Looks()
        look(fetch)
        whole, fetched = fetched, 0
        look(fetch)
        idle, fetched = fetched, 0
        sheet.draw("ALTER TABLE t7 ADD COLUMN d date")
        look(fetch)
        little = fetched
        connected("BEGIN")
        connected("ALTER TABLE t8 ADD COLUMN d date")
        look(fetch)
        connected("ROLLBACK")
        fetched = 0
        look(fetch)
        assert idle == fetched == 1  # the search_path
        assert little < whole / 10


def test_what_is_prepared_outlives_a_migration_that_repeats_itself(new_sheet: Callable[[str], Any]) -> None:
    """Psycopg prepares what comes again and takes all back at a rollback: what a look prepared stays, so looks stay quick."""
    sheet = new_sheet("postgresql").draw("CREATE TABLE t (a integer)")
    look = postgresql.Looks()
    with sheet.engine.connect() as connection:
        fetch = fetch_on(MigrationContext.configure(connection))
        look(fetch)
        kept = fetch("SELECT name, prepare_time FROM pg_prepared_statements")
        for _ in range(7):
            connection.exec_driver_sql("INSERT INTO t VALUES (%s)", (1,))
        connection.rollback()
        look(fetch)
        assert kept
        assert fetch("SELECT name, prepare_time FROM pg_prepared_statements") == kept


def test_sqlite_in_one_transaction(new_sheet: Callable[[str], Any]) -> None:
    """After each step, also after a rollback to a savepoint, the second look equals a first one."""
    sheet = new_sheet("sqlite").draw(SQLITE)
    look = sqlite.Looks()
    with sheet.database.connect() as fetch:
        look(fetch)
        for step in SQLITE_STEPS:
            fetch(step)
            assert look(fetch) == sqlite.read(fetch), step
