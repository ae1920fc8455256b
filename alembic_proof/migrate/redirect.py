"""Every SQLAlchemy connection of this process goes to the scratch database, or is refused.

The promise of the house: the harness never reaches a database that it did not create.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, cast

from sqlalchemy import URL, Dialect, Engine, Pool, event
from sqlalchemy.exc import DisconnectionError

from alembic_proof.errors import ProofError
from alembic_proof.migrate.direct import watch

_MARK = "alembic_proof.redirect"
"""Where a pooled connection's record says which redirect opened it."""

_WHERE = frozenset({
    "host", "hostaddr", "port", "user", "username", "password", "passwd", "passfile", "database", "dbname", "db", "dsn",
    "conninfo", "service", "unix_sock", "unix_socket", "ssl", "sslmode", "sslrootcert", "sslcert", "sslkey", "ssl_context",
    "ssl_ca", "ssl_cert", "ssl_key", "target_session_attrs", "channel_binding", "gssencmode", "load_balance_hosts", "uri",
    "async_creator_fn", "read_default_file", "read_default_group", "direct_tls", "krbsrvname",
})  # fmt: skip
"""The driver arguments that say where to connect and as whom; all others are the project's own way of connecting."""

Connect = Callable[[Dialect, list[Any], dict[str, Any]], Any]


class RefusedConnectionError(ProofError):
    """A connection to something that is no scratch database was asked for, and not opened."""


class FirstConnection(BaseException):
    """Raised instead of connecting, when only the dialect that the project connects with is of interest."""

    def __init__(self, dialect: Dialect) -> None:
        super().__init__(dialect.name)
        self.dialect = dialect


class SecondConnection(BaseException):
    """Raised when a connection is asked for while everything has to happen on one."""


class Redirect:
    """While it is entered, decides where every engine of this process connects. Nested ones: the innermost decides.

    Engines made before, during and asynchronous ones are caught by a listener on the Engine class; engines with a `creator`
    of their own by their pool; connections that a pool had open before are closed and opened anew.
    """

    _active: list["Redirect"] = []  # noqa: RUF012 - one stack for the process, as the listeners are

    def __init__(self, connect: Connect, *, url: URL | None = None, refusal: type[Exception] | None = None) -> None:
        self._connect = connect
        self._url = url
        self._refusal = refusal
        self.refused: list[str] = []
        self.is_closed_to_new = False

    @classmethod
    def to(cls, url: URL) -> Self:
        """Send connections of the URL's kind of database to it, and refuse all others."""
        redirect = cls(lambda dialect, _args, params: redirect._connect_to(url, dialect, params), url=url)
        return redirect

    @classmethod
    def to_nowhere(cls) -> Self:
        """Open nothing; raise FirstConnection with the dialect that asked."""

        def stop(dialect: Dialect, _args: list[Any], _params: dict[str, Any]) -> Any:
            raise FirstConnection(dialect)

        return cls(stop)

    @classmethod
    def refuse_direct(cls, called: str, given: str, place: str) -> None:
        """Refuse what the project opens by a driver itself, unless it is the scratch database: its name is no other's."""
        active = cls._active[-1] if cls._active else None
        if active is None or (active._url is not None and str(active._url.database) in given):
            return
        if active._refusal is not None:
            raise active._refusal(called.partition(".")[0])
        raise RefusedConnectionError(
            f"Cannot send {called}() at {place} to a scratch database: it goes past SQLAlchemy. "
            "Let it use op.get_bind(), or an engine of SQLAlchemy."
        )

    @classmethod
    def current(cls) -> "Redirect":
        """The redirect that decides now. There is one wherever env.py runs."""
        return cls._active[-1]

    def __enter__(self) -> Self:
        _install_listeners()
        self._active.append(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._active.remove(self)

    def _connect_to(self, url: URL, dialect: Dialect, params: dict[str, Any]) -> Any:
        if family(dialect.name) != family(url.get_backend_name()):
            self.refused.append(dialect.name)
            raise RefusedConnectionError(
                f"Cannot prove on {url.get_backend_name()}: env.py connects to {dialect.name}. Let it take its URL from "
                "sqlalchemy.url, or name the variable that holds it in [tool.alembic_proof.environment]."
            )
        own_args, own_params = dialect.create_connect_args(url.set(drivername=f"{dialect.name}+{dialect.driver}"))
        if dialect.driver == "pymysql" and "unix_socket" in own_params:
            own_params.setdefault("ssl_disabled", True)  # PyMySQL would read all certificates of the machine, in 25 ms
        kept = {name: value for name, value in params.items() if name not in _WHERE}
        return dialect.connect(*own_args, **{**kept, **own_params})


def family(backend: str) -> str:
    """The kind of database that a dialect's name means: MariaDB and MySQL are one."""
    return "mysql" if backend == "mariadb" else backend


def _install_listeners() -> None:
    if not event.contains(Engine, "do_connect", _do_connect):
        event.listen(Engine, "do_connect", _do_connect)
        watch(Redirect.refuse_direct)
        event.listen(Pool, "checkout", _on_checkout)
        _guard_creators()


def _do_connect(dialect: Dialect, record: Any, args: list[Any], params: dict[str, Any]) -> Any:
    if not Redirect._active:
        return None
    redirect = Redirect._active[-1]
    if redirect.is_closed_to_new:
        raise SecondConnection
    connection = redirect._connect(dialect, args, params)
    if record is not None:
        record.info[_MARK] = redirect
    return connection


def _on_checkout(_connection: Any, record: Any, _proxy: Any) -> None:
    """Close what a pool opened under another redirect, or under none while one is active; the pool then opens anew."""
    active = Redirect._active[-1] if Redirect._active else None
    if active is not None and active.is_closed_to_new:
        raise SecondConnection
    if record.info.get(_MARK) is not active:
        raise DisconnectionError("opened before the scratch database took its place")


def _guard_creators() -> None:
    """Let engines that have a `creator` of their own connect like all others.

    `do_connect` is not dispatched for them (SQLAlchemy 2.1, engine/create.py: `creator = pop_kwarg("creator", connect)`), so
    each pool's creator is looked at before it opens a connection. Private names: Pool._create_connection, _creator,
    _invoke_creator, _dialect. Until SQLAlchemy has an event that precedes every connection.
    """
    create = Pool._create_connection

    def guarded(pool: Pool) -> Any:
        if getattr(pool._creator, "__module__", "") != "sqlalchemy.engine.create" and not hasattr(pool, _GUARDED):
            invoke, dialect = pool._invoke_creator, pool._dialect
            setattr(pool, _GUARDED, True)
            pool._invoke_creator = lambda record: (
                _do_connect(cast("Dialect", dialect), record, [], {}) if Redirect._active else invoke(record)
            )
        return create(pool)

    Pool._create_connection = guarded  # type: ignore[assignment,method-assign]  # no event precedes a creator's connection


_GUARDED = "_alembic_proof_guarded"
