"""How migrations connect: one at a time, and without holding up the service. Used by `alembic/env.py` only."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, make_url, text

from fooapi.db.engine import build_engine
from fooapi.settings import Settings

POSTGRESQL_LOCK = int.from_bytes(b"fooapi")
POLL_SECONDS = 0.1


class MigrationLockError(Exception):
    """Another migration of this database is still running."""


def build_migration_engine(url: str | URL, settings: Settings) -> Engine:
    """Make an engine whose statements give up, rather than queue up and hold everybody else behind them."""
    lock, statement = settings.migration_lock_timeout_seconds, settings.migration_statement_timeout_seconds
    options: dict[str, Any] = {"poolclass": NullPool}
    match make_url(url).get_backend_name():
        case "sqlite":
            # One transaction for the whole upgrade, which keeps other writers out from its first statement on.
            options |= {"sqlite_begin": "BEGIN IMMEDIATE", "connect_args": {"timeout": settings.migration_wait_seconds}}
        case "postgresql":
            # As options of the session, so that RESET in a migration comes back to them.
            options |= {"connect_args": {"options": f"-c lock_timeout={lock}s -c statement_timeout={statement}s"}}
        case "mysql" | "mariadb":
            limits = f"lock_wait_timeout = {lock}, innodb_lock_wait_timeout = {lock}, max_statement_time = {statement}"
            options |= {"connect_args": {"init_command": f"SET time_zone = '+00:00', {limits}"}}
    return build_engine(url, **options)


@contextmanager
def one_at_a_time(connection: Connection, wait_seconds: float) -> Iterator[None]:
    """Wait until no other process migrates this database, and keep others out meanwhile.

    The lock is held by a second connection, so that it outlives the transactions of the migrations. It is asked for again and
    again: a session that waits inside `pg_advisory_lock` has a transaction open, for which CREATE INDEX CONCURRENTLY in the other
    process waits in turn, for ever. SQLite has one writer by itself.

    Raises:
        MigrationLockError: the other did not finish in time.

    """
    statements = _statements(connection)
    if statements is None:
        yield
        return
    lock, unlock = statements
    with connection.engine.connect() as second:
        second.execution_options(isolation_level="AUTOCOMMIT")
        until = time.monotonic() + wait_seconds
        while not second.scalar(text(lock)):
            if time.monotonic() > until:
                raise MigrationLockError(
                    f"Cannot migrate: another process has been migrating this database for {wait_seconds:g} s. "
                    "Wait for it, or raise FOOAPI_MIGRATION_WAIT_SECONDS."
                )
            time.sleep(POLL_SECONDS)
        try:
            yield
        finally:
            second.execute(text(unlock))


def _statements(connection: Connection) -> tuple[str, str] | None:
    match connection.dialect.name:
        case "postgresql":
            return f"SELECT pg_try_advisory_lock({POSTGRESQL_LOCK})", f"SELECT pg_advisory_unlock({POSTGRESQL_LOCK})"
        case "mysql" | "mariadb":
            name = "SHA1(CONCAT('fooapi ', DATABASE()))"  # names of locks belong to the whole server
            return f"SELECT GET_LOCK({name}, 0)", f"SELECT RELEASE_LOCK({name})"
        case _:
            return None
