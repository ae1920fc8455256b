"""Servers that a whole test session shares: starting one costs a second, a scratch database milliseconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Unavailable


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests start is nobody's CI run: its annotations and its summary are not theirs to write."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)


STARTING_PROGRAMS = {"acceptance", "adoption", "application", "databases", "doors", "drift", "gate", "unit"}
"""Where what runs in processes that are started anew is tested, and measured. Copies of a test process are measured anywhere."""


@pytest.fixture(autouse=True)
def _measured_where_it_is_tested(request: pytest.FixtureRequest) -> None:
    """Elsewhere such a process would take twice as long for what is measured already."""
    if request.path.relative_to(Path(__file__).parent).parts[0] not in STARTING_PROGRAMS:
        request.getfixturevalue("unmeasured")


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test starts is not measured: it is killed, or does what another test measures, or nothing of ours."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


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
