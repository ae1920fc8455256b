"""What is heard of an application, in this process."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.runtime.environment import EnvironmentContext
from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, create_engine, insert, text

from alembic_proof.recording.listening import Listener, statements_of
from alembic_proof.testing import PlantedProject

METADATA = MetaData()
USERS = Table("users", METADATA, Column("id", Integer, primary_key=True), Column("name", String))


@pytest.fixture
def engine() -> Iterator[Engine]:
    """A database with one table, made before anybody listens."""
    engine = create_engine("sqlite://")
    METADATA.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """Listens during a test."""
    listener = Listener()
    listener.start()
    yield listener
    listener.stop()


def test_many_rows_are_one_statement(engine: Engine, listener: Listener) -> None:
    """However SQLAlchemy sends several rows, what is heard is the statement of one, with the types of all."""
    with engine.begin() as connection:
        connection.execute(insert(USERS).returning(USERS.c.id), [{"name": name} for name in ("a", None, "c")])
        connection.execute(insert(USERS), [{"name": "a"}, {"name": None}])
        connection.exec_driver_sql("INSERT INTO users (name) VALUES ('x'), ('y')")
    assert statements_of([listener.heard()]) == {
        "sqlite": ["INSERT INTO users (name) VALUES ({None|str})", "INSERT INTO users (name) VALUES ({None|str}) RETURNING id"]
    }


def test_the_parts_of_several_processes_are_joined(engine: Engine, listener: Listener) -> None:
    """Each may have given other types; what is about the catalog alone, and what makes the schema, is nobody's."""
    with engine.begin() as connection:
        connection.execute(text("SELECT name FROM users WHERE id = :id"), {"id": 1})
        connection.execute(text("SELECT name FROM sqlite_master"))
        connection.execute(text("CREATE INDEX ix ON users (name)"))
        first = listener.heard()
        connection.execute(text("SELECT name FROM users WHERE id = :id"), {"id": None})
    assert statements_of([first, listener.heard()]) == {"sqlite": ["SELECT name FROM users WHERE id = {None|int}"]}
    assert statements_of([]) == {}


def test_a_migration_is_not_heard(engine: Engine, listener: Listener, tmp_path: Path) -> None:
    """While an env.py is being executed, what is sent is no code of the application's; before and after it is."""
    project = PlantedProject(tmp_path).revision("a").project
    with engine.begin() as connection:
        connection.execute(text("SELECT 1 FROM users"))
        with EnvironmentContext(project.alembic_config(), project.scripts):
            connection.execute(text("SELECT 2 FROM users"))
        connection.execute(text("SELECT 3 FROM users"))
    assert statements_of([listener.heard()]) == {"sqlite": ["SELECT 1 FROM users", "SELECT 3 FROM users"]}
