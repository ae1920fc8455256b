"""Import all modules of the application in one interpreter, and tell which models there are."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic_proof.experiments.application.children.answers import Attempt, Everything
from alembic_proof.experiments.application.children.attempt import TookTooLong, attempt, connections_refused
from alembic_proof.experiments.application.children.loads import Loads
from alembic_proof.experiments.application.children.models import Models
from alembic_proof.imported import Ended


def main(job: dict[str, Any]) -> Everything:
    """Import `modules` in order, each for at most `import_seconds`; `files` are theirs, `packages` the application's own."""
    modules, packages = tuple(job["modules"]), tuple(job["packages"])
    with connections_refused():
        files = dict(zip(job["files"], modules, strict=True))
        models, loads = Models(files), Loads(files, packages)
        failures = {ended.module: ended for ended in _import(modules, packages, job["import_seconds"])}
        again = tuple(name for name, ended in failures.items() if ended.ended is Ended.CIRCULAR)
        failed_again = {ended.module for ended in _import(again, packages, job["import_seconds"])}
    left = tuple(ended for name, ended in failures.items() if name not in again or name in failed_again)
    own = tuple(f"{package}." for package in packages)
    others = tuple(name for name in sys.modules if name not in packages and not name.startswith(own))
    names = models.names(name for name in modules if name in sys.modules)
    first = next((name for name in modules[:1] if name not in failures), None)
    return Everything(first=first, failures=left, tables=models.tables(), names=names, others=others, loads=loads.edges())


def _import(modules: tuple[str, ...], packages: tuple[str, ...], timeout_seconds: float) -> Iterator[Attempt]:
    """The modules that did not import. A circular one is asked again later: behind another module it may well import."""
    for module in modules:
        with _at_most(timeout_seconds):
            ended = attempt(module, packages)
        if ended.ended is not Ended.IMPORTED:
            yield ended


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer: a script without a main guard may start a server."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        yield  # no such signal: the parent ends the whole interpreter
        return

    def interrupt(*_: object) -> None:
        raise TookTooLong(f"{seconds:g}")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
