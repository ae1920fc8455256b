import os
import subprocess
import sys

import pytest
from sqlalchemy import Engine, NullPool, text

from alembic_proof.databases.scratch import Server
from fooapi.db.engine import build_engine
from fooapi.db.migrating import MigrationLockError, one_at_a_time
from tests.fooapi.history import ROOT


def upgrade(url: str, **settings: str) -> subprocess.Popen[str]:
    """Start `alembic upgrade head` as a deployment does."""
    return subprocess.Popen(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=ROOT,
        env={**os.environ, "FOOAPI_SQL_URI": url, **settings},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def empty(server: Server) -> Engine:
    """An engine on an empty database."""
    return build_engine(server.create().url, poolclass=NullPool)


def test_three_upgrades_at_once_end_well(empty: Engine) -> None:
    """Three instances that start together upgrade an empty database once, and all of them go on to serve."""
    url = empty.url.render_as_string(hide_password=False)
    started = [upgrade(url) for _ in range(3)]
    logs = [process.communicate(timeout=120)[1] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], logs
    assert sum(log.count("Running upgrade") for log in logs) == 13
    with empty.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_upgrade_gives_up_when_another_does_not_end(empty: Engine) -> None:
    """An upgrade waits for the other as long as it is told, then says why it gave up; nothing was changed."""
    url = empty.url.render_as_string(hide_password=False)
    with empty.connect() as connection, one_at_a_time(connection, 0):
        if connection.dialect.name == "sqlite":
            connection.connection.cursor().execute("BEGIN IMMEDIATE")
        process = upgrade(url, FOOAPI_MIGRATION_WAIT_SECONDS="0.3")
        log = process.communicate(timeout=60)[1]
        if connection.dialect.name != "sqlite":
            with empty.connect() as other, pytest.raises(MigrationLockError, match="another process has been migrating"):
                one_at_a_time(other, 0.1).__enter__()
    assert process.returncode != 0
    assert "another process has been migrating this database for 0.3 s" in log or "database is locked" in log
    process = upgrade(url)
    log = process.communicate(timeout=60)[1]
    assert process.returncode == 0, log
