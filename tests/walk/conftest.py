"""The databases on which the walk is tried: one takes schema changes back by a file, one by a transaction, one not at all."""

import pytest


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest) -> str:
    """What --on is given: SQLite, and servers that all tests share."""
    return "sqlite" if request.param == "sqlite" else str(request.getfixturevalue(f"{request.param}_url"))
