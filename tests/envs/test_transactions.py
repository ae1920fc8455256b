"""Whatever an env.py or a migration does with transactions, each revision is proved by itself."""

from pathlib import Path

import pytest

from alembic_proof.testing import ENV_PY, PlantedProject
from tests.envs.planting import IMPORTS, OFFLINE, assert_all_proved, plant_library, prove

PER_MIGRATION = ENV_PY.replace("connection=connection,", "connection=connection, transaction_per_migration=True,")
ONLINE_ONLY = "declared online-only. RuntimeError: online only"
ENGINE = 'connectable = engine_from_config(config.get_section("alembic"), poolclass=pool.NullPool)\n'


@pytest.mark.parametrize("per_migration", [True, False])
def test_one_transaction_or_many(tmp_path: Path, database: str, *, per_migration: bool) -> None:
    """transaction_per_migration, on and off."""
    env_py = ENV_PY.replace("connection=connection,", f"connection=connection, transaction_per_migration={per_migration},")
    assert env_py != ENV_PY
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py)), database))


def test_a_transaction_that_the_engine_begins(tmp_path: Path, database: str) -> None:
    """`with engine.begin() as connection`, as older templates have it."""
    env_py = ENV_PY.replace("connectable.connect()", "connectable.begin()")
    assert env_py != ENV_PY
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py)), database))


def test_a_transaction_that_env_py_holds(tmp_path: Path, database: str) -> None:
    """An env.py that begins a transaction of its own around everything, sets something in it, and commits."""
    env_py = (
        IMPORTS
        + OFFLINE
        + ENGINE
        + (
            """
with connectable.connect() as connection:
    transaction = connection.begin()
    try:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        context.configure(connection=connection)
        context.run_migrations()
        transaction.commit()
    except BaseException:
        transaction.rollback()
        raise
"""
        )
    )
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py)), database))


def test_a_transaction_around_the_configuration(tmp_path: Path, database: str) -> None:
    """`with connection.begin():` in which context.begin_transaction() then finds an outer transaction."""
    env_py = (
        IMPORTS
        + OFFLINE
        + ENGINE
        + (
            """
with connectable.connect() as connection, connection.begin():
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
        )
    )
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py)), database))


def test_statements_before_the_configuration(tmp_path: Path, database: str) -> None:
    """An env.py whose first statement begins a transaction by itself, and that commits it, as the cookbook's schemas do."""
    env_py = ENV_PY.replace(
        "        context.configure(connection=connection",
        """\
        connection.exec_driver_sql("SELECT 1")
        connection.commit()
        context.configure(connection=connection""",
    )
    assert env_py != ENV_PY
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py)), database))


def test_an_isolation_level_of_autocommit(tmp_path: Path, database: str) -> None:
    """An engine whose every statement is committed at once leaves no transaction to take back; it is proved all the same."""
    env_py = ENV_PY.replace("poolclass=pool.NullPool", 'poolclass=pool.NullPool, isolation_level="AUTOCOMMIT"')
    assert env_py != ENV_PY
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py)), database))


def test_an_autocommit_block_around_a_concurrent_index(tmp_path: Path, postgresql_url: str) -> None:
    """CREATE INDEX CONCURRENTLY cannot run in a transaction, and is proved outside of one."""
    project = plant_library(PlantedProject(tmp_path)).revision(
        "d4",
        """
        with op.get_context().autocommit_block():
            op.create_index("ix_author_name", "author", ["name"], postgresql_concurrently=True)
        """,
        """
        with op.get_context().autocommit_block():
            op.drop_index("ix_author_name", "author", postgresql_concurrently=True)
        """,
    )
    project.revision("e5", 'op.add_column("book", sa.Column("title", sa.Text()))', 'op.drop_column("book", "title")')
    assert_all_proved(prove(project, postgresql_url))


def test_an_autocommit_block_around_a_new_enum_label(tmp_path: Path, postgresql_url: str) -> None:
    """ALTER TYPE ADD VALUE and the first use of the label; the downgrade makes the type anew."""
    project = PlantedProject(tmp_path).revision(
        "a1",
        """
        op.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
        op.execute("CREATE TABLE person (id integer PRIMARY KEY, mood mood NOT NULL DEFAULT 'ok')")
        """,
        'op.drop_table("person")\nop.execute("DROP TYPE mood")',
    )
    project.revision(
        "b2",
        """
        with op.get_context().autocommit_block():
            op.execute("ALTER TYPE mood ADD VALUE IF NOT EXISTS 'happy'")
        op.execute("ALTER TABLE person ALTER mood SET DEFAULT 'happy'")
        """,
        """
        op.execute("ALTER TYPE mood RENAME TO mood_old")
        op.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
        op.execute("ALTER TABLE person ALTER mood DROP DEFAULT")
        op.execute("UPDATE person SET mood = 'ok' WHERE mood = 'happy'")
        op.execute("ALTER TABLE person ALTER mood TYPE mood USING mood::text::mood")
        op.execute("ALTER TABLE person ALTER mood SET DEFAULT 'ok'")
        op.execute("DROP TYPE mood_old")
        """,
    )
    assert_all_proved(prove(project, postgresql_url))


def test_a_commit_of_the_migrations_own(tmp_path: Path, postgresql_url: str) -> None:
    """A migration that sends COMMIT gets out of every transaction around it, and neither stops nor spoils the walk."""
    project = plant_library(PlantedProject(tmp_path)).revision(
        "d4",
        """
        op.execute("ALTER TABLE author ADD COLUMN born date")
        op.execute("COMMIT")
        op.execute("CREATE INDEX ix_author_born ON author (born)")
        """,
        """
        op.execute("COMMIT")
        op.execute("DROP INDEX ix_author_born")
        op.execute("COMMIT")
        op.execute("ALTER TABLE author DROP COLUMN born")
        """,
    )
    project.revision("e5", 'op.add_column("book", sa.Column("title", sa.Text()))', 'op.drop_column("book", "title")')
    assert_all_proved(prove(project, postgresql_url))


@pytest.mark.parametrize("leaves_open", [True, False])
def test_a_second_connection(tmp_path: Path, database: str, *, leaves_open: bool) -> None:
    """A migration that opens a connection of its own, and perhaps keeps it, works on what earlier revisions committed."""
    project = plant_library(PlantedProject(tmp_path, env_py=PER_MIGRATION)).revision(
        "d4",
        f"""
        if op.get_context().as_sql:
            raise RuntimeError("online only")
        engine = sa.create_engine(op.get_bind().engine.url)
        kept.append(engine.connect())
        assert kept[-1].scalar(sa.text("SELECT count(*) FROM book")) == 0
        if not {leaves_open}:
            kept.pop().close()
            engine.dispose()
        elif op.get_bind().dialect.name == "sqlite":
            kept[-1].rollback()
        else:
            kept[-1].commit()
        op.create_table("genre", sa.Column("id", sa.Integer(), primary_key=True))
        """,
        """
        with op.get_bind().engine.connect() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM author")) == 0
        op.drop_table("genre")
        """,
        header="kept = []",
    )
    report = prove(project, database)
    assert_all_proved(report, but={("offline-sql-matches", "d4"): ONLINE_ONLY})


def test_a_connection_from_a_pool_that_was_filled_before(tmp_path: Path, postgresql_url: str) -> None:
    """A pooled second connection would wait without end for the transaction of a trial; the slow way decides instead."""
    project = plant_library(PlantedProject(tmp_path, env_py=PER_MIGRATION)).revision(
        "d4",
        """
        if op.get_context().as_sql:
            raise RuntimeError("online only")
        with engine().begin() as connection:
            connection.execute(sa.text("SELECT count(*) FROM author"))
        op.execute("ALTER TABLE author ADD COLUMN born date")
        """,
        """
        op.execute("ALTER TABLE author DROP COLUMN born")
        with engine().begin() as connection:
            connection.execute(sa.text("SELECT count(*) FROM book"))
        """,
        header="""
        from functools import cache

        @cache
        def engine():
            return sa.create_engine("postgresql+psycopg://db.example/app", pool_size=1)
        """,
    )
    project.file("pyproject.toml", "[tool.alembic_proof]\nstep_timeout_seconds = 20\n")
    assert_all_proved(prove(project, postgresql_url), but={("offline-sql-matches", "d4"): ONLINE_ONLY})
