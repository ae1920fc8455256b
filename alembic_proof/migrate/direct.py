"""Connections that the project opens by a driver itself, past SQLAlchemy: nothing can send them elsewhere, so they are refused.

Drivers are watched from when they are imported; sqlite3 speaks to an audit hook by itself. What libraries open for themselves
(coverage its data, SQLAlchemy what the redirect gave it) is no affair of ours: the file that calls decides.
"""

import sys
import sysconfig
from collections.abc import Callable, Sequence
from functools import wraps
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

Refuse = Callable[[str, str, str], None]
"""Takes what was called, what it was given, and the place that called it; raises if that may not be reached."""

_DRIVERS = ("psycopg", "psycopg2", "asyncpg", "pg8000", "pymysql", "MySQLdb", "mysql.connector", "mariadb", "aiomysql", "asyncmy")
_MORE_ENTRANCES = {
    "psycopg": ("Connection.connect", "AsyncConnection.connect"),
    "asyncpg": ("create_pool",),
    "aiomysql": ("create_pool",),
    "asyncmy": ("create_pool",),
}
_GUARDED = "_alembic_proof_guarded"
_LIBRARIES = tuple(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
_OURS = Path(__file__).parents[1]


def watch(refuse: Refuse) -> None:
    """Have `refuse` asked, from now on and once for the process, before code of the project connects by a driver."""
    sys.addaudithook(lambda event, given: _audit(event, given, refuse))
    sys.meta_path.insert(0, _Finder(refuse))
    for name in _DRIVERS:
        if name in sys.modules:
            _guard(sys.modules[name], refuse)


def _audit(event: str, given: tuple[Any, ...], refuse: Refuse) -> None:
    if event == "sqlite3.connect" and not _is_in_memory(str(given[0])):
        _ask(refuse, "sqlite3.connect", str(given[0]), sys._getframe(2))


def _is_in_memory(database: str) -> bool:
    return database in ("", ":memory:") or (
        database.startswith("file:") and ("mode=memory" in database or ":memory:" in database)
    )


def _ask(refuse: Refuse, called: str, given: str, frame: FrameType) -> None:
    """Ask where a frame runs a file that is no library's and not ours."""
    named = frame.f_code.co_filename
    file = Path(named).absolute()
    is_library = "site-packages" in file.parts or any(file.is_relative_to(folder) for folder in _LIBRARIES)
    if not (named.startswith("<") or is_library or file.is_relative_to(_OURS)):
        here = Path.cwd()
        shown = file.relative_to(here) if file.is_relative_to(here) else file
        refuse(called, given, f"{shown}:{frame.f_lineno}")


def _guard(module: ModuleType, refuse: Refuse) -> None:
    for entrance in ("connect", *_MORE_ENTRANCES.get(module.__name__, ())):
        inside, _, name = entrance.rpartition(".")
        owner = getattr(module, inside) if inside else module
        real = owner.__dict__.get(name)
        function = real.__func__ if isinstance(real, classmethod) else real
        if function is None or hasattr(function, _GUARDED):
            continue
        guarded = _guarded(function, f"{module.__name__}.{entrance}", refuse)
        setattr(owner, name, classmethod(guarded) if isinstance(real, classmethod) else guarded)


def _guarded(function: Callable[..., Any], called: str, refuse: Refuse) -> Callable[..., Any]:
    @wraps(function, updated=())
    def guarded(*given: Any, **named: Any) -> Any:
        _ask(refuse, called, f"{given} {named}", sys._getframe(1))
        return function(*given, **named)

    setattr(guarded, _GUARDED, True)
    return guarded


class _Finder(MetaPathFinder):
    """Guards a driver as soon as it has been imported."""

    def __init__(self, refuse: Refuse) -> None:
        self._refuse = refuse

    def find_spec(self, name: str, path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path) if name in _DRIVERS else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_guard(module: ModuleType) -> None:
            execute(module)
            _guard(module, self._refuse)

        spec.loader.exec_module = execute_and_guard  # type: ignore[method-assign]  # of this one loader, which loads one module
        return spec
