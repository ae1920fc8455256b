"""Generated schemas with one random change: the difference is that change, and nothing after it is undone."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from alembic_proof.schema import mariadb, postgresql, sqlite
from alembic_proof.schema.diff import Difference, compare
from alembic_proof.schema.operations import settle_all
from alembic_proof.schema.snapshot import Fetch, Snapshot
from tests.schema.grammar import Change, Table, changes, create, schemas

Run = Callable[[str], Any]


def told(differences: Iterable[Difference]) -> list[str]:
    """Name what differs, as a change names what it does."""
    return [f"{item.change} {item.key.kind} {item.key.full_name}" for item in differences]


def of_sqlite(engine: sa.Engine, tables: Iterable[Table]) -> Snapshot:
    """Draw tables in a database and look."""
    with engine.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        for table in tables:
            for statement in create(table, '"'):
                raw.execute(statement)
        return sqlite.read(lambda sql: raw.execute(sql).fetchall())


@given(st.data())
def test_on_sqlite(data: st.DataObject) -> None:
    """The difference of two generated schemas is the one change between them, and the printed code undoes it."""
    tables = data.draw(schemas())
    change = data.draw(changes(tables, '"'))
    engines = [sa.create_engine("sqlite://", poolclass=sa.StaticPool) for _ in range(2)]
    # Where the type changes, the generated schema before has no default either.
    before, after = of_sqlite(engines[0], _before(tables, change)), of_sqlite(engines[1], change.tables)
    differences = compare(before, after)
    assert told(differences) == [change.told]
    with engines[1].connect() as connection:
        code = settle_all(differences, "sqlite")
        exec(code, {"op": Operations(MigrationContext.configure(connection)), "sa": sa})  # noqa: S102 - the code under test
        connection.commit()
    assert told(compare(before, of_sqlite(engines[1], ()))) == []
    for engine in engines:
        engine.dispose()


@pytest.fixture(scope="module")
def on_postgresql(opened: Callable[[str], Any]) -> Iterator[sa.Connection]:
    """One connection to a scratch database; each example rolls back what it did."""
    server = opened("postgresql")
    database = server.create()
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        yield connection
    server.drop(database)


@given(st.data())
def test_on_postgresql(on_postgresql: sa.Connection, data: st.DataObject) -> None:
    """The difference is the one change, the printed code undoes it, and so does the change's own undoing."""
    connection = on_postgresql
    cursor: Any = connection.connection.cursor()

    def fetch(sql: str) -> list[tuple[Any, ...]]:
        cursor.execute(sql, prepare=False)  # a rollback would take back what psycopg prepares, and the look's queries with it
        return list(cursor.fetchall()) if cursor.description is not None else []

    tables = data.draw(schemas())
    change = data.draw(changes(tables, '"'))
    try:
        _draw(cursor.execute, _before(tables, change), '"')
        look = postgresql.Looks()
        before = look(fetch)
        _run(cursor.execute, change.apply)
        differences = compare(before, look(fetch))
        assert told(differences) == [change.told]
        cursor.execute("SAVEPOINT changed")
        exec(settle_all(differences, "postgresql"), {"op": Operations(MigrationContext.configure(connection)), "sa": sa})  # noqa: S102
        assert told(compare(before, look(fetch))) == []
        cursor.execute("ROLLBACK TO SAVEPOINT changed")
        _run(cursor.execute, change.undo)
        assert told(compare(before, look(fetch))) == []
        assert look(fetch) == postgresql.read(fetch)
    finally:
        connection.rollback()
        connection.connection.rollback()  # what the cursor did before SQLAlchemy knew of a transaction


@pytest.fixture(scope="module")
def on_mariadb(opened: Callable[[str], Any]) -> Iterator[tuple[Fetch, sa.Engine]]:
    """A scratch database of MariaDB; each example drops its tables."""
    server = opened("mariadb")
    database = server.create()
    engine = sa.create_engine(database.url, poolclass=sa.NullPool)
    with database.connect() as fetch:
        yield fetch, engine
    server.drop(database)


@given(st.data())
@settings(max_examples=max(20, settings().max_examples // 4))
def test_on_mariadb(on_mariadb: tuple[Fetch, sa.Engine], data: st.DataObject) -> None:
    """The difference is the one change; the change's own undoing takes it back, and so does the printed code."""
    fetch, engine = on_mariadb
    run: Run = fetch
    tables = data.draw(schemas())
    change = data.draw(changes(tables, "`"))
    for table in (*tables, *change.tables):  # the server drops a foreign key's own index when another one serves
        referring = [part.columns[0] for part in table.parts if part.what == "foreign key"]
        assume(not any(part.what in ("index", "unique") and part.columns[0] in referring for part in table.parts))
        assume(len(referring) == len(set(referring)))
    assume("foreign_key" not in change.told and "foreign key" not in change.told)
    try:
        _draw(run, _before(tables, change), "`")
        before = mariadb.read(fetch)
        _run(run, change.apply)
        assert told(compare(before, mariadb.read(fetch))) == [change.told]
        _run(run, change.undo)
        assert told(compare(before, mariadb.read(fetch))) == []
        _run(run, change.apply)
        with engine.connect() as connection:
            code = settle_all(compare(before, mariadb.read(fetch)), "mariadb")
            exec(code, {"op": Operations(MigrationContext.configure(connection)), "sa": sa})  # noqa: S102 - the code under test
        assert told(compare(before, mariadb.read(fetch))) == []
    finally:
        run("SET foreign_key_checks = 0")
        for name in ("t0", "t1", "t2", "added"):
            run(f"DROP TABLE IF EXISTS {name}")
        run("SET foreign_key_checks = 1")


def _before(tables: tuple[Table, ...], change: Change) -> tuple[Table, ...]:
    return change.before or tables


def _draw(run: Run, tables: Iterable[Table], quote: str) -> None:
    for table in tables:
        for statement in create(table, quote):
            run(statement)


def _run(run: Run, statements: str) -> None:
    for statement in statements.split(";\n"):
        run(statement)
