"""What the fixtures leave alone in the test process, and what they leave behind: nothing."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from alembic_proof.migration import Laboratory
from alembic_proof.testing import PlantedProject
from tests.doors.door import NO_OTHER_PLUGINS

APPLICATION = """
from sqlalchemy import create_engine
from sqlalchemy.pool import StaticPool

engine = create_engine("sqlite:///{development}")
in_memory = create_engine("sqlite://", poolclass=StaticPool)
"""

ENV_WITH_THE_APPLICATIONS_ENGINE = """
import logging.config
from alembic import context
from application import engine

logging.config.dictConfig({"version": 1, "disable_existing_loggers": True})
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


def test_the_applications_own_engines_stay_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An env.py that uses the application's engine reaches a scratch database; the test's engine keeps its live connections.

    Those in the pool and those checked out lead to the development database, in which no byte changes.
    """
    development = tmp_path / "development.db"
    project = PlantedProject(tmp_path, env_py=ENV_WITH_THE_APPLICATIONS_ENGINE)
    project.file("application.py", APPLICATION.format(development=development))
    project.revision("0001", 'op.create_table("users", sa.Column("id", sa.Integer))', 'op.drop_table("users")')
    monkeypatch.syspath_prepend(str(tmp_path))
    import application  # type: ignore[import-not-found]  # noqa: PLC0415 - written above

    logger = logging.getLogger("application.own")
    with application.engine.begin() as connection:
        connection.execute(text("CREATE TABLE decoy (id integer)"))
    with application.in_memory.begin() as connection:
        connection.execute(text("CREATE TABLE memory (id integer)"))
    held, pooled = application.engine.connect(), application.engine.connect()
    pooled_driver_connection = pooled.connection.driver_connection
    pooled.close()
    content = development.read_bytes()

    with closing(Laboratory(project.project, "sqlite")) as lab:
        with lab.migration() as migration:
            migration.up_to("head")
            assert {row["name"] for row in migration.rows("SELECT name FROM sqlite_master")} >= {"users", "alembic_version"}
            with application.engine.connect() as connection:
                assert connection.connection.driver_connection is pooled_driver_connection
                assert connection.scalars(text("SELECT name FROM sqlite_master")).all() == ["decoy"]
        with lab.migrated_database() as database:
            assert database.current == "0001"
    assert held.scalars(text("SELECT name FROM sqlite_master")).all() == ["decoy"]
    held.close()
    with application.engine.connect() as connection:
        assert connection.scalars(text("SELECT name FROM sqlite_master")).all() == ["decoy"]
    with application.in_memory.connect() as connection:
        assert connection.scalars(text("SELECT name FROM sqlite_master")).all() == ["memory"]
    assert not logger.disabled
    assert development.read_bytes() == content
    application.engine.dispose()
    application.in_memory.dispose()


ASYNC_ENV = """
import asyncio
from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import async_engine_from_config

config = context.config

def do_run_migrations(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()

async def run_async_migrations():
    connectable = async_engine_from_config(config.get_section(config.config_ini_section, {}), poolclass=pool.NullPool)
    async with connectable.connect() as connection:
        await connection.run_sync(do_run_migrations)
    await connectable.dispose()

asyncio.run(run_async_migrations())
"""


def test_async_env_py_in_an_async_test(tmp_path: Path) -> None:
    """An env.py of the async template runs with its own driver, also where the test's event loop is running."""
    ini = "[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = sqlite+aiosqlite:///app.db\n"
    project = PlantedProject(tmp_path, env_py=ASYNC_ENV, ini=ini)
    project.revision("0001", 'op.create_table(op.get_bind().dialect.driver, sa.Column("id", sa.Integer))')

    async def use() -> None:
        with closing(Laboratory(project.project, "sqlite")) as lab, lab.migration() as migration:
            migration.up_one()
            assert migration.rows("SELECT name FROM sqlite_master WHERE name LIKE 'aio%'") == [{"name": "aiosqlite"}]
        await asyncio.sleep(0)

    asyncio.run(use())


def test_the_environment_is_the_tests_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable that a test sets is seen by the step that it takes next, and what env.py sets is not seen by the test."""
    code = "import os\nos.environ['LEFT_BEHIND'] = '1'\nop.create_table(os.environ['TENANT'], sa.Column('id', sa.Integer))"
    project = PlantedProject(tmp_path).revision("0001").revision("0002", code)
    with closing(Laboratory(project.project, "sqlite")) as lab, lab.migration() as migration:
        migration.up_before("0002")
        monkeypatch.setenv("TENANT", "blue")
        migration.up_one()
        assert migration.table("blue").columns.keys() == ["id"]
        assert "LEFT_BEHIND" not in os.environ


SESSION = """
import pathlib, time

def test_long(migrated_database):
    pathlib.Path("at_work").write_text(str(migrated_database.url.query.get("host") or migrated_database.url.database))
    time.sleep(60)
"""


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["SIGINT", "SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_left_of_an_interrupted_session(tmp_path: Path, kind: str, number: signal.Signals) -> None:
    """After Ctrl-C, or whatever ends pytest in the middle of a test, no server, folder or process of ours is left."""
    PlantedProject(tmp_path).revision("0001").file("test_own.py", SESSION)
    session = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *NO_OTHER_PLUGINS.split(), "--proof-on", kind],
        cwd=tmp_path, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    at_work = tmp_path / "at_work"
    _wait_for(lambda: at_work.exists() and bool(at_work.read_text()))
    place = Path(at_work.read_text())
    folder = place if kind == "postgresql" else place.parent
    assert folder.is_dir()
    assert folder.name.startswith("alembic_proof_")
    session.send_signal(number)
    session.communicate(timeout=60)
    _wait_for(lambda: not folder.exists())
    _wait_for(lambda: not _processes_of(session.pid))


def _processes_of(session: int) -> list[str]:
    """List the processes that are in a terminal session, as /proc tells."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(stat.parent.name)
    return found


def _wait_for(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
