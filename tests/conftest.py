"""Servers that a whole test session shares: starting one costs a second, a scratch database milliseconds."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Unavailable

settings.register_profile("nightly", max_examples=2000, deadline=None)
settings.register_profile("normal", max_examples=200, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "normal"))


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
