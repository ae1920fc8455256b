"""Which driver an asynchronous project can use on a kind of database that its own URL does not name."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL

from alembic_proof.migrate.host import Captured, EnvPyError, run_env_py
from alembic_proof.migrate.redirect import family
from alembic_proof.migrate.target import NaturalDialect, env_py_mentions, make_target
from alembic_proof.project import Project

_ASYNC_DRIVERS = {
    "sqlite": ("aiosqlite",),
    "postgresql": ("psycopg", "psycopg_async", "asyncpg"),
    "mysql": ("aiomysql", "asyncmy"),
}
"""In the order in which they are tried: first what the extras install."""

Lending = Callable[[], AbstractContextManager[URL]]
"""Makes a database for as long as it is needed: most projects need none to say which driver they use."""

_ASYNC_WORDS = ("async_engine_from_config", "create_async_engine", "AsyncEngine")


def driver_for(project: Project, kind: str, natural: NaturalDialect | None, empty: Lending) -> NaturalDialect | None:
    """Say how the project connects to a kind of database: as it does by itself, else with a driver that its env.py takes.

    None stands for the kind's own driver. An asynchronous env.py is executed on an `empty` database with one driver after the
    other: what it passes to its engine may suit only one of them.

    Raises:
        EnvPyError: it takes none; the words are those for the first.

    """
    kind = family(kind)
    if natural is not None and family(natural.name) == kind:
        return natural
    is_async = natural.is_async if natural is not None else any(env_py_mentions(project, word) for word in _ASYNC_WORDS)
    if not is_async:
        return None
    refusals = []
    with empty() as url:
        for driver in _ASYNC_DRIVERS.get(kind, ()):
            candidate = NaturalDialect(url.get_backend_name(), driver, is_async=True)
            try:
                run_env_py(project, make_target(project, url, candidate), _do_nothing)
            except EnvPyError as refusal:
                refusals.append(refusal)
            else:
                return candidate
    raise refusals[0] if refusals else EnvPyError(f"Cannot prove on {kind}: no asynchronous driver is known for it.")


def _do_nothing(_heads: tuple[str, ...], _context: MigrationContext, _captured: Captured) -> tuple[()]:
    return ()
