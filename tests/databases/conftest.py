"""Real servers, opened once for all tests of the room."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from functools import cache

import pytest
from sqlalchemy import URL

from alembic_proof.databases import mariadb_private, postgresql_embedded
from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Server, Unavailable

KINDS = ("sqlite", "postgresql", "postgresql:16", "mariadb")


@pytest.fixture(scope="session")
def opened() -> Iterator[Callable[[str], Server]]:
    """Opens each server once; skips what the machine does not have."""
    with ExitStack() as stack:

        @cache
        def open_once(name: str) -> Server:
            try:
                return stack.enter_context(closing(open_server(name)))
            except Unavailable as why:
                pytest.skip(str(why))

        yield open_once


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, opened: Callable[[str], Server]) -> Server:
    """A server of each kind."""
    return opened(request.param)


@pytest.fixture(params=["postgresql", "mariadb"])
def served(request: pytest.FixtureRequest, opened: Callable[[str], Server]) -> Server:
    """A server of each kind that has a URL."""
    return opened(request.param)


@pytest.fixture(scope="session")
def postgresql_of_a_user() -> Iterator[URL]:
    """A PostgreSQL that stands for one of the user's: nothing in the room knows that it is there."""
    private, url = postgresql_embedded.start("18")
    with closing(private):
        yield url


@pytest.fixture(scope="session")
def mariadb_of_a_user() -> Iterator[URL]:
    """A MariaDB that stands for one of the user's."""
    try:
        programs = mariadb_private.programs()
    except Unavailable as why:
        pytest.skip(str(why))
    private, url = mariadb_private.start(programs)
    with closing(private):
        yield url
