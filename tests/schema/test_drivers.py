"""The readers give one picture whatever driver they read through, and leave the user's connection as it was."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from alembic_proof.schema import postgresql, sqlite
from alembic_proof.schema.snapshot import Snapshot

POSTGRESQL = """
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'ok');
CREATE TYPE mood AS ENUM ('x');
CREATE FUNCTION app.check_it(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE TABLE app.users (id serial PRIMARY KEY, name text COLLATE "C" CHECK (app.check_it(name)),
  m app.mood[] DEFAULT '{ok}', o mood);
CREATE TABLE users (id bigint GENERATED ALWAYS AS IDENTITY, parent integer REFERENCES app.users (id), t tstzrange,
  EXCLUDE USING gist (t WITH &&));
CREATE INDEX ix ON app.users (lower(name) DESC, (m::text)) WHERE name <> '%';
CREATE VIEW app.v AS SELECT u.id FROM users u JOIN app.users a ON a.id = u.parent;
CREATE POLICY own ON users USING (app.check_it('x'));
COMMENT ON TABLE users IS 'ours'
""".replace("(m::text)", "id")
SQLITE = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE, CHECK (name <> '%'));
CREATE VIEW broken AS SELECT * FROM nowhere;
CREATE VIRTUAL TABLE found USING fts5 (body)
"""


def through(engine: sa.Engine, read: Callable[[Any], Snapshot], *before: str) -> tuple[Snapshot, str]:
    """Read on the driver's cursor inside of a transaction, and tell the search_path afterwards, where there is one."""
    with engine.connect() as connection:
        for statement in before:
            connection.exec_driver_sql(statement)
        cursor = connection.connection.cursor()

        def fetch(sql: str) -> Any:
            cursor.execute(sql)
            return cursor.fetchall()

        snapshot = read(fetch)
        path = ""
        if engine.dialect.name == "postgresql":
            path = connection.exec_driver_sql("SHOW search_path").scalar_one()
        return snapshot, path


def through_async(url: sa.URL, read: Callable[[Any], Snapshot]) -> Snapshot:
    """Read as an async env.py's connection does, in run_sync()."""

    async def run() -> Snapshot:
        engine = create_async_engine(url, poolclass=sa.NullPool)
        async with engine.connect() as connection:

            def look(synchronous: sa.Connection) -> Snapshot:
                cursor = synchronous.connection.cursor()

                def fetch(sql: str) -> Any:
                    cursor.execute(sql)
                    return cursor.fetchall()

                return read(fetch)

            snapshot = await connection.run_sync(look)
        await engine.dispose()
        return snapshot

    return asyncio.run(run())


@pytest.mark.parametrize("server", ["postgresql", "postgresql:16"])
def test_asyncpg_shows_what_psycopg_shows(server: str, new_sheet: Callable[[str], Any]) -> None:
    """Two drivers that convert values in their own ways give one picture."""
    sheet = new_sheet(server).draw(POSTGRESQL)
    url = sheet.database.url.set(drivername="postgresql+asyncpg")
    assert through_async(url, postgresql.read) == sheet.look()
    assert through_async(url, postgresql.Looks()) == sheet.look()


@pytest.mark.parametrize("path", ["app", "app, public", "", '"$user"', "public, app", "pg_catalog", "nowhere"])
def test_the_search_path_changes_nothing(path: str, new_sheet: Callable[[str], Any]) -> None:
    """Names are written in one way under any search_path, which is afterwards what it was."""
    sheet = new_sheet("postgresql").draw(POSTGRESQL)
    setting = path or "''"
    in_session = through(sheet.engine, postgresql.read, f"SET search_path = {setting}")
    in_transaction = through(sheet.engine, postgresql.read, f"SET LOCAL search_path = {setting}")
    assert in_session[0] == in_transaction[0] == sheet.look()
    assert in_session[1] == in_transaction[1] == (path or '""')
    with sheet.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"SET search_path = {setting}")
        cursor = connection.connection.cursor()

        def fetch(sql: str) -> Any:
            cursor.execute(sql)
            return cursor.fetchall()

        assert postgresql.read(fetch) == sheet.look()
        assert connection.exec_driver_sql("SHOW search_path").scalar_one() == (path or '""')


def test_a_temporary_table_hides_nothing(new_sheet: Callable[[str], Any]) -> None:
    """A temporary table of the same name is not read, and does not change how the real one is written."""
    sheet = new_sheet("postgresql").draw(POSTGRESQL)
    assert through(sheet.engine, postgresql.read, "CREATE TEMP TABLE users (other integer)")[0] == sheet.look()


def test_aiosqlite_shows_what_sqlite3_shows(new_sheet: Callable[[str], Any]) -> None:
    """The async driver gives the same picture; a view of a table that is not there and a virtual table do no harm."""
    sheet = new_sheet("sqlite").draw(SQLITE)
    url = sheet.database.url.set(drivername="sqlite+aiosqlite")
    assert through_async(url, sqlite.read) == sheet.look()
    names = {key.name for key in sheet.look().objects}
    assert {"users", "broken", "found"} <= names
    assert not any(name.startswith("found_") for name in names)
