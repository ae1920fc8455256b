"""The env.py of Alembic's async template, and the forms in which projects use it."""

from pathlib import Path

import pytest

from alembic_proof.testing import PlantedProject
from tests.envs.planting import IMPORTS, OFFLINE, assert_all_proved, plant_library, prove

TEMPLATE = """
import asyncio

from sqlalchemy.ext.asyncio import async_engine_from_config, create_async_engine


def do_run_migrations(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def run_async_migrations():
    connectable = {connectable}
    async with connectable.connect() as connection:
        await connection.run_sync(do_run_migrations)
    await connectable.dispose()


asyncio.run(run_async_migrations())
"""

FROM_CONFIG = 'async_engine_from_config(config.get_section("alembic"), prefix="sqlalchemy.", poolclass=pool.NullPool)'


def ini(database: str) -> str:
    """An alembic.ini that names an asynchronous driver."""
    url = "sqlite+aiosqlite:///app.db" if database == "sqlite" else "postgresql+asyncpg://app:secret@db.example/app"
    return f"[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = %(here)s\nsqlalchemy.url = {url}\n"


def test_the_async_template(tmp_path: Path, database: str) -> None:
    """The template is proved with the driver that its URL names: aiosqlite, asyncpg."""
    env_py = IMPORTS + OFFLINE + TEMPLATE.format(connectable=FROM_CONFIG)
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py, ini=ini(database))), database))


def test_the_async_template_on_a_database_that_its_url_does_not_name(tmp_path: Path, database: str) -> None:
    """Where the URL names another kind of database, that kind's usual asynchronous driver is taken."""
    other = "postgresql" if database == "sqlite" else "sqlite"
    env_py = IMPORTS + OFFLINE + TEMPLATE.format(connectable=FROM_CONFIG)
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py, ini=ini(other))), database))


def test_the_async_template_with_psycopg(tmp_path: Path, postgresql_url: str) -> None:
    """One driver for both ways, as psycopg is."""
    env_py = IMPORTS + OFFLINE + TEMPLATE.format(connectable=FROM_CONFIG)
    project = PlantedProject(tmp_path, env_py=env_py, ini=ini("postgresql").replace("asyncpg", "psycopg"))
    assert_all_proved(prove(plant_library(project), postgresql_url))


@pytest.mark.parametrize("options", ["", ", poolclass=pool.NullPool"])
def test_an_async_engine_of_the_application(tmp_path: Path, database: str, options: str) -> None:
    """An asynchronous engine made when the application is imported, with a pool that outlives each event loop."""
    url = f"sqlite+aiosqlite:///{tmp_path}/app.db" if database == "sqlite" else "postgresql+asyncpg://app:secret@db.example/app"
    connectable = "planted_async_session.engine"
    env_py = f"{IMPORTS}{OFFLINE}\nimport planted_async_session\n{TEMPLATE.format(connectable=connectable)}"
    project = PlantedProject(tmp_path, env_py=env_py)
    project.file(
        "planted_async_session.py",
        f"""
        from sqlalchemy import pool
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine({url!r}{options})
        """,
    )
    assert_all_proved(prove(plant_library(project), database))


def test_an_event_loop_in_a_thread(tmp_path: Path, database: str) -> None:
    """An env.py that may be called inside a running loop runs its own in a thread, as Alembic's context allows no other way."""
    env_py = (
        IMPORTS
        + OFFLINE
        + TEMPLATE.format(connectable=FROM_CONFIG).replace(
            "asyncio.run(run_async_migrations())",
            """
import concurrent.futures

with concurrent.futures.ThreadPoolExecutor(1) as pool_of_one:
    pool_of_one.submit(asyncio.run, run_async_migrations()).result()
""",
        )
    )
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py, ini=ini(database))), database))
