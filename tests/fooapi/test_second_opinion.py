"""What pytest-alembic thinks of the history: its four default tests, as they are."""

from collections.abc import Iterator

import pytest
from alembic.config import Config
from pytest_alembic.tests import (
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)
from sqlalchemy import Engine
from sqlalchemy.pool import NullPool

from alembic_proof.databases.scratch import Server
from fooapi.db.engine import build_engine
from tests.fooapi.history import config_for

__all__ = ["test_model_definitions_match_ddl", "test_single_head_revision", "test_up_down_consistency", "test_upgrade"]


@pytest.fixture
def alembic_config() -> Config:
    """pytest-alembic's name for the history."""
    return config_for()


@pytest.fixture
def alembic_engine(server: Server) -> Iterator[Engine]:
    """pytest-alembic's name for an empty database."""
    database = server.create()
    engine = build_engine(database.url, poolclass=NullPool)
    yield engine
    engine.dispose()
    server.drop(database)
