from alembic import command
from sqlalchemy import inspect, text
from sqlalchemy.pool import NullPool

from alembic_proof.databases.scratch import Server
from fooapi.db.engine import build_engine
from tests.fooapi.history import config_for


def test_history_goes_down_and_up_again(server: Server) -> None:
    """From base to head, back to base and up again, nothing is left and nothing is missing."""
    url = server.create().url
    config = config_for(url)
    engine = build_engine(url, poolclass=NullPool)
    command.upgrade(config, "head")
    at_head = inspect(engine).get_table_names()
    command.downgrade(config, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    command.upgrade(config, "head")
    assert inspect(engine).get_table_names() == at_head
    command.check(config)


def test_env_takes_a_connection_or_an_engine(server: Server) -> None:
    """A program hands its connection, or its engine, to the migrations in `config.attributes`."""
    for way in ("connection", "engine"):
        engine = build_engine(server.create().url)
        config = config_for()
        with engine.connect() as connection:
            config.attributes["connection"] = connection if way == "connection" else engine
            command.upgrade(config, "head")
        assert inspect(engine).has_table("users"), way
        engine.dispose()


def test_sqlite_rolls_schema_changes_back(tmp_path: object) -> None:
    """On the service's SQLite engine a schema change is part of the transaction."""
    engine = build_engine(f"sqlite:///{tmp_path}/app.db")
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE gone (id INTEGER)"))
        connection.rollback()
        assert not inspect(connection).has_table("gone")
    engine.dispose()
