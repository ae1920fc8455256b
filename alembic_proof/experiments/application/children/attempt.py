"""Import one module, and tell how it ended: what is the application's own fault, and what only stopped it here."""

import importlib
from collections.abc import Collection, Iterator
from traceback import walk_tb
from types import FrameType, ModuleType

from sqlalchemy import Dialect

from alembic_proof.experiments.application.children.answers import Attempt, Frame
from alembic_proof.imported import Ended
from alembic_proof.migrate.redirect import Redirect

_CIRCULAR = "(most likely due to a circular import)"
"""CPython's words when something is asked of a module that is still being imported (Python/ceval.c, Objects/moduleobject.c)."""


class ConnectionRefused(Exception):  # noqa: N818 - a refusal that the application may catch like any error
    """Raised instead of connecting: nothing here may reach a database."""


class TookTooLong(BaseException):
    """Raised inside an import that does not come to an end. A signal: no `except Exception` of the application may hold it."""


def connections_refused() -> Redirect:
    """Refuse every connection while it is entered: a module may create tables when it is imported."""

    def refuse(dialect: Dialect, _args: list[object], _params: dict[str, object]) -> object:
        raise ConnectionRefused(dialect.name)

    return Redirect(refuse, refusal=ConnectionRefused)


def attempt(module: str, packages: Collection[str]) -> Attempt:
    """Import a module, whatever it raises. `packages` are the application's own."""
    try:
        importlib.import_module(module)
    except BaseException as error:
        return describe(module, error, packages)
    return Attempt(module=module, ended=Ended.IMPORTED)


def describe(module: str, error: BaseException, packages: Collection[str]) -> Attempt:
    """Tell an import cycle from other faults of the application, and those from what lies outside of it."""
    chain = tuple(_chain(error))
    frames = tuple(_frames(chain))
    for cause in chain:
        partial = _partial_module(cause)
        if partial is not None:
            return Attempt(module=module, ended=Ended.CIRCULAR, words=_words(cause), frames=frames, partial=partial)
    own = [frame for frame in frames if _is_own(frame.module, packages)]
    stopped = next((cause for cause in chain if isinstance(cause, ConnectionRefused)), error)
    ended = Ended.BROKEN if _is_own_fault(stopped, packages) else Ended.UNTRIED
    is_final = ended is Ended.UNTRIED and isinstance(error, TookTooLong | ModuleNotFoundError)
    return Attempt(module=module, ended=ended, words=_explained(stopped), frames=tuple(own), is_final=is_final)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it was raised from or in place of, outermost first."""
    current: BaseException | None = error
    seen: set[int] = set()
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _frames(chain: tuple[BaseException, ...]) -> Iterator[Frame]:
    """The modules whose top level was running, outermost first, each once with the line where the innermost error left it."""
    reached = {frame: line for error in chain for frame, line in walk_tb(error.__traceback__) if _is_module(frame)}
    for frame, line in reached.items():
        yield Frame(module=str(frame.f_globals.get("__name__")), file=frame.f_code.co_filename, line=line)


def _is_module(frame: FrameType) -> bool:
    return frame.f_code.co_name == "<module>"


def _partial_module(error: BaseException) -> str | None:
    """The module that was asked for something before it was complete."""
    if _CIRCULAR not in str(error):
        return None
    match error:
        case ImportError(name=str(name)):
            return name
        case AttributeError(obj=ModuleType(__name__=package), name=str(name)):
            is_submodule = "cannot access submodule" in str(error)  # loading, and not yet an attribute of its package
            return f"{package}.{name}" if is_submodule else package
        case _:
            return None


def _is_own(module: str | None, packages: Collection[str]) -> bool:
    return module is not None and any(module == package or module.startswith(f"{package}.") for package in packages)


def _is_own_fault(error: BaseException, packages: Collection[str]) -> bool:
    """Whether no environment could make this import succeed."""
    match error:
        case ImportError(name=name):
            return _is_own(name, packages)
        case SyntaxError(filename=str(file)):
            return "site-packages" not in file
        case _:
            return False


def _explained(error: BaseException) -> str:
    match error:
        case ConnectionRefused():
            return f"it connects to a database ({error}) when it is imported, and the harness opens none that it did not create"
        case TookTooLong():
            return f"its import did not end within {error} seconds"
        case SystemExit():
            return f"it ends the program when it is imported ({_words(error)})"
        case _:
            return _words(error)


def _words(error: BaseException) -> str:
    first = str(error).strip().splitlines()
    return f"{type(error).__name__}: {first[0]}" if first else type(error).__name__
