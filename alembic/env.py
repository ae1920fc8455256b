"""How migrations reach the database: the models to compare with, the URL, the lock, and the transactions.

Alembic executes this file for every command. It also runs inside programs that set `config.attributes["connection"]`.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from logging.config import fileConfig
from typing import Any

from alembic import context
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, make_url

from fooapi.db.base import Base
from fooapi.db.migrating import build_migration_engine, one_at_a_time
from fooapi.db.session import SQL_URI
from fooapi.settings import get_settings

config = context.config
target_metadata = Base.metadata

# A program that has set up its logging keeps it; on the command line nothing has.
if config.config_file_name is not None and not logging.getLogger().handlers:
    fileConfig(config.config_file_name, disable_existing_loggers=False)


def get_url() -> str:
    """Take the first of: `alembic -x url=...`, a program's own setting, the environment, the service's settings."""
    return (
        context.get_x_argument(as_dictionary=True).get("url")
        or config.get_main_option("sqlalchemy.url")  # alembic.ini sets none
        or os.environ.get("FOOAPI_SQL_URI")
        or SQL_URI
    )


def options(dialect_name: str) -> dict[str, Any]:
    """Give what `context.configure` is told both online and offline."""
    return {
        "target_metadata": target_metadata,
        "render_as_batch": True,  # SQLite alters most things by copying the table
        "compare_server_default": True,
        "autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
        # On SQLite the whole upgrade is one transaction: it is the lock that keeps a second upgrade out.
        "transaction_per_migration": dialect_name != "sqlite",
        # Alembic takes SQLite for a database that cannot roll DDL back, because of its driver's transaction mode. Ours does.
        "transactional_ddl": True if dialect_name == "sqlite" else None,
    }


def run_migrations_offline() -> None:
    """Print the SQL. No database and no driver is needed."""
    url = get_url()
    dialect_name = make_url(url).get_backend_name()
    context.configure(url=url, literal_binds=True, dialect_opts={"paramstyle": "named"}, **options(dialect_name))
    if dialect_name == "sqlite":
        context.execute("PRAGMA foreign_keys=OFF")  # see without_foreign_keys
    with context.begin_transaction():
        context.run_migrations()


def run_migrations_online() -> None:
    """Run the migrations on the connection that a program gave, or on one of our own."""
    given = config.attributes.get("connection")
    if isinstance(given, Connection):
        migrate(given)
        return
    engine = given if isinstance(given, Engine) else build_migration_engine(get_url(), get_settings())
    with engine.connect() as connection:
        migrate(connection)


def migrate(connection: Connection) -> None:
    """Run what the command asked for."""
    with one_at_a_time(connection, get_settings().migration_wait_seconds), without_foreign_keys(connection):
        context.configure(
            connection=connection,
            on_version_apply=check_foreign_keys,
            **options(connection.dialect.name),
        )
        with context.begin_transaction():
            context.run_migrations()


@contextmanager
def without_foreign_keys(connection: Connection) -> Iterator[None]:
    """Switch foreign keys off on SQLite, before BEGIN: inside a transaction the switch does nothing.

    A batch migration drops the old table. With foreign keys on, that deletes the rows of other tables that refer to it.
    """
    driver = connection.connection.driver_connection
    if connection.dialect.name != "sqlite" or driver is None:
        yield
        return
    [enforced] = driver.execute("PRAGMA foreign_keys").fetchone()
    if enforced and driver.in_transaction:
        raise CommandError("Cannot migrate SQLite in a transaction with foreign keys on. Give a connection without one instead.")
    driver.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
    finally:
        driver.execute(f"PRAGMA foreign_keys={enforced}")


def check_foreign_keys(ctx: MigrationContext, *_: object, **__: object) -> None:
    """Look, on SQLite, for rows that refer to nothing, before the revision is committed: nothing looked while it ran."""
    if ctx.connection is None or ctx.dialect.name != "sqlite":
        return
    orphans = ctx.connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if orphans:
        raise CommandError(
            f"Cannot keep this revision: rows refer to rows that are not there (table, rowid, parent): {orphans[:5]}."
        )


if context.is_offline_mode():
    run_migrations_offline()
else:
    run_migrations_online()
