"""A database of each kind, built by the migrations and by nothing else; every test leaves it as it was."""

from collections.abc import Iterator
from contextlib import closing, nullcontext

import pytest
from alembic import command
from anyio.from_thread import BlockingPortal, start_blocking_portal
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Server, Unavailable
from fooapi.db.engine import build_engine
from fooapi.main import create_app
from tests.fooapi.client import CHEAP, Client
from tests.fooapi.history import config_for
from tests.fooapi.recorded import only_what_is_recorded


@pytest.fixture(scope="session", params=["sqlite", "postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """A private server of each kind. MariaDB is not on every machine."""
    try:
        opened = open_server(request.param)
    except Unavailable as error:
        if request.param != "mariadb":
            raise
        pytest.skip(str(error))
    with closing(opened):
        yield opened


@pytest.fixture
def as_recorded(request: pytest.FixtureRequest, server: Server) -> Iterator[None]:
    """What a test sends is in the recording that AP601 takes for the code of the last release."""
    with nullcontext() if request.config.getoption("--proof-record") else only_what_is_recorded(server.kind):
        yield


@pytest.fixture(scope="session")
def engine(server: Server) -> Iterator[Engine]:
    """The service's engine on a database at head."""
    url = server.create().url
    command.upgrade(config_for(url), "head")
    engine = build_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Iterator[sessionmaker[Session]]:
    """Sessions whose commits end in one transaction that is rolled back after the test."""
    with engine.connect() as connection:
        transaction = connection.begin()
        yield sessionmaker(connection, autoflush=False, join_transaction_mode="create_savepoint")
        transaction.rollback()


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
