"""How the service connects: the same for requests, migrations and tests, on each database."""

import sqlite3
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url


def build_engine(url: str | URL, *, sqlite_begin: str = "BEGIN", **options: Any) -> Engine:
    """Make an engine whose transactions are real on every database.

    `options` go to `create_engine`; its `connect_args` go before ours. `sqlite_begin` is the statement that begins a transaction
    on SQLite. Nothing connects yet.
    """
    connect_args = options.pop("connect_args", {})
    match make_url(url).get_backend_name():
        case "sqlite":
            # Requests of one session run in several threads, one after the other.
            engine = create_engine(url, connect_args={"check_same_thread": False, **connect_args}, **options)
            use_real_sqlite_transactions(engine, sqlite_begin)
            return engine
        case "mysql" | "mariadb":
            # CURRENT_TIMESTAMP speaks the session's time zone there, and DATETIME keeps none.
            connect_args = {"init_command": "SET time_zone = '+00:00'", **connect_args}
    return create_engine(url, connect_args=connect_args, pool_pre_ping=True, **options)


def use_real_sqlite_transactions(engine: Engine, begin: str) -> None:
    """Let SQLAlchemy begin, commit and roll back, schema changes included, and enforce foreign keys.

    The driver's own transaction mode starts none before DDL, so that a failed migration stays half done, and it differs between
    Python versions. `isolation_level = None` switches it off on all of them.
    """

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys=ON")

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", start)
