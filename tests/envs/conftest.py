"""The databases on which each kind of env.py is tried."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """What --on is given: SQLite, and a PostgreSQL that all tests share."""
    return "sqlite" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))
