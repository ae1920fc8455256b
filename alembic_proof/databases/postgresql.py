"""How to speak to PostgreSQL: psycopg, and the statements that make and drop databases."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL

from alembic_proof.databases.speech import driver_missing
from alembic_proof.schema.snapshot import Fetch, Snapshot

_SECONDS_TO_CONNECT = 10
_FIRST_WITH_FORCE = 130000
_FIRST_WITH_TIMEOUT = 140000
_BEFORE_DROPPING = """
SELECT pg_catalog.current_setting('server_version_num')::int4,
       EXISTS (SELECT FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid
               WHERE d.datname = '{name}')
       OR EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE database = '{name}')"""


class Postgresql:
    """`strategy` is the CREATE DATABASE option of that name: FILE_COPY is the fastest without fsync, but makes checkpoints."""

    kind = "postgresql"
    rolls_back_ddl = True

    def __init__(self, strategy: str | None = None) -> None:
        self._strategy = "" if strategy is None else f" STRATEGY {strategy}"

    @contextmanager
    def connect(self, url: URL) -> Iterator[Fetch]:
        import psycopg

        _, arguments = url.get_dialect()().create_connect_args(url)
        arguments = {"connect_timeout": _SECONDS_TO_CONNECT, **arguments}
        with psycopg.connect(**arguments, autocommit=True, prepare_threshold=None) as connection:

            def fetch(statement: str) -> Sequence[tuple[Any, ...]]:
                cursor = connection.execute(statement.encode())
                return cursor.fetchall() if cursor.description is not None else []

            yield fetch

    def errors(self) -> type[Exception]:
        try:
            import psycopg
        except ImportError as error:
            raise driver_missing("psycopg", "postgresql") from error
        return psycopg.Error

    def version(self, fetch: Fetch) -> str:
        return str(fetch("SHOW server_version")[0][0]).split()[0]

    def create(self, fetch: Fetch, name: str) -> None:
        fetch(f'CREATE DATABASE "{name}"{self._strategy}')

    def copying(self, source: str, name: str) -> str | None:
        return f'CREATE DATABASE "{name}" TEMPLATE "{source}"{self._strategy}'

    def disconnect(self, fetch: Fetch, name: str) -> None:
        """End the connections to it, and wait until they have ended: CREATE DATABASE refuses a template that is in use."""
        wait = ", 5000" if int(fetch("SHOW server_version_num")[0][0]) >= _FIRST_WITH_TIMEOUT else ""
        clients = f"FROM pg_stat_activity WHERE datname = '{name}' AND backend_type = 'client backend'"
        fetch(f"SELECT pg_terminate_backend(pid{wait}) {clients}")

    def exists(self, fetch: Fetch, name: str) -> bool:
        return bool(fetch(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))  # noqa: S608 - a name that we made

    def shared(self, fetch: Fetch) -> frozenset[str]:
        rows = fetch(
            "SELECT 'role ' || rolname FROM pg_catalog.pg_roles UNION ALL "
            "SELECT 'tablespace ' || spcname FROM pg_catalog.pg_tablespace"
        )
        return frozenset(str(name) for (name,) in rows)

    def drop(self, fetch: Fetch, name: str, url: URL) -> None:
        """End what a migration may have left that replicates: a database with a subscription or a slot cannot be dropped."""
        [(version, replicates)] = fetch(_BEFORE_DROPPING.format(name=name))
        if replicates:
            with self.connect(url.set(database=name)) as inside:
                _end_replication(inside)
        force = " WITH (FORCE)"
        if version < _FIRST_WITH_FORCE:
            self.disconnect(fetch, name)
            force = ""
        fetch(f'DROP DATABASE IF EXISTS "{name}"{force}')

    def may_not_create(self, error: Exception) -> str | None:
        if getattr(error, "sqlstate", None) == "42501":  # insufficient_privilege
            return "ALTER ROLE ... CREATEDB"
        return None

    def read(self, fetch: Fetch) -> Snapshot:
        from alembic_proof.schema import postgresql

        return postgresql.read(fetch)

    def looks(self) -> Callable[[Fetch], Snapshot]:
        from alembic_proof.schema import postgresql

        return postgresql.Looks()


def _end_replication(inside: Fetch) -> None:
    """Drop the database's subscriptions and slots. What a subscription made on the server that it subscribes to is not ours."""
    names = inside(
        "SELECT pg_catalog.quote_ident(s.subname) FROM pg_catalog.pg_subscription s "
        "JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database()"
    )
    for (name,) in names:
        inside(f"ALTER SUBSCRIPTION {name} DISABLE")
        inside(f"ALTER SUBSCRIPTION {name} SET (slot_name = NONE)")
        inside(f"DROP SUBSCRIPTION {name}")
    inside(
        "SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots "
        "WHERE database = pg_catalog.current_database() AND NOT active"
    )
