"""Servers that a whole test session shares: starting one costs a second, a scratch database milliseconds."""

from collections.abc import Iterator

import pytest

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Unavailable


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests start is nobody's CI run: its annotations and its summary are not theirs to write."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The URL of a private PostgreSQL 18."""
    server = open_server("postgresql")
    try:
        yield server.create().url.render_as_string(hide_password=False)
    finally:
        server.close()


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """The URL of a private MariaDB."""
    try:
        server = open_server("mariadb")
    except Unavailable as why:
        pytest.skip(f"not proved: {why}")
    try:
        yield server.create().url.render_as_string(hide_password=False)
    finally:
        server.close()
