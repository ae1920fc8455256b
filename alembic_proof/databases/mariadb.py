"""How to speak to MariaDB and MySQL: PyMySQL, and the statements that make and drop databases."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import URL

from alembic_proof.databases.speech import driver_missing
from alembic_proof.schema.snapshot import Fetch, Snapshot

_SECONDS_TO_DROP = 20
_NO_SUCH_THREAD = 1094
_MAY_NOT_CREATE = (1044, 1227)  # ER_DBACCESS_DENIED_ERROR, ER_SPECIFIC_ACCESS_DENIED_ERROR


class Mariadb:
    """`kind` is "mariadb" or "mysql": as SQLAlchemy's URL says."""

    rolls_back_ddl = False

    def __init__(self, kind: str) -> None:
        self.kind = kind

    @contextmanager
    def connect(self, url: URL) -> Iterator[Fetch]:
        import pymysql
        from pymysql.constants import CLIENT

        _, arguments = url.get_dialect()().create_connect_args(url)
        arguments["client_flag"] = arguments.get("client_flag", 0) | CLIENT.MULTI_STATEMENTS
        if "unix_socket" in arguments:
            arguments.setdefault("ssl_disabled", True)  # PyMySQL would read all certificates of the machine, in 25 ms
        with closing(pymysql.connect(**arguments, autocommit=True)) as connection, connection.cursor() as cursor:

            def fetch(text: str) -> Sequence[tuple[Any, ...]]:
                cursor.execute(text)
                rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
                while cursor.nextset():  # raises what a later statement of the text raised
                    pass
                return rows

            yield fetch

    def errors(self) -> type[Exception]:
        try:
            import pymysql
        except ImportError as error:
            raise driver_missing("PyMySQL", "mariadb") from error
        return pymysql.Error

    def version(self, fetch: Fetch) -> str:
        return str(fetch("SELECT VERSION()")[0][0])

    def create(self, fetch: Fetch, name: str) -> None:
        """Make a database with the character set and collation of the one that we are connected to, if any."""
        beside = fetch(
            "SELECT default_character_set_name, default_collation_name FROM information_schema.schemata "
            "WHERE schema_name = DATABASE()"
        )
        like = f" CHARACTER SET {beside[0][0]} COLLATE {beside[0][1]}" if beside else ""
        fetch(f"CREATE DATABASE `{name}`{like}")

    def copying(self, source: str, name: str) -> str | None:  # noqa: ARG002 - the kind has no such statement
        return None

    def disconnect(self, fetch: Fetch, name: str) -> None:
        for (thread,) in fetch(f"SELECT id FROM information_schema.processlist WHERE db = '{name}'"):  # noqa: S608 - a name that we made
            try:
                fetch(f"KILL {thread}")
            except self.errors() as error:
                if error.args[0] != _NO_SUCH_THREAD:
                    raise

    def exists(self, fetch: Fetch, name: str) -> bool:
        return bool(fetch(f"SELECT 1 FROM information_schema.schemata WHERE schema_name = '{name}'"))  # noqa: S608 - a name that we made

    def shared(self, fetch: Fetch) -> frozenset[str]:
        try:
            return frozenset(f"user {user}" for (user,) in fetch("SELECT user FROM mysql.user"))  # a role is one, too
        except self.errors():
            return frozenset()

    def drop(self, fetch: Fetch, name: str, url: URL) -> None:  # noqa: ARG002 - nothing has to be undone in it first
        """End the connections to it first: DROP DATABASE waits for as long as one of them has a transaction open."""
        self.disconnect(fetch, name)
        fetch(f"SET lock_wait_timeout = {_SECONDS_TO_DROP}")
        fetch(f"DROP DATABASE IF EXISTS `{name}`")

    def may_not_create(self, error: Exception) -> str | None:
        if error.args and error.args[0] in _MAY_NOT_CREATE:
            return "GRANT ALL ON `alembic\\_proof\\_%`.* TO ..."
        return None

    def read(self, fetch: Fetch) -> Snapshot:
        from alembic_proof.schema import mariadb

        return mariadb.read(fetch)

    def looks(self) -> Callable[[Fetch], Snapshot]:
        return self.read
