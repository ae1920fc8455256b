"""What a command starts before it loads the libraries of databases: on another core, what these take does not matter."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic_proof.experiments.application.interpreters import Interpreters

ON_THE_APPLICATION = frozenset({
    "AP105", "migrations-stand-alone", "AP201", "modules-import-alone", "AP202", "models-are-registered",
})  # fmt: skip
"""The checks that look at the application. The registry knows, and loads what this does not wait for; a test holds both equal."""


@contextmanager
def interpreters(checks: tuple[str, ...]) -> Iterator["Interpreters"]:
    """Have interpreters that wait for the application, where it will be looked at and there is a core for them."""
    from alembic_proof.experiments.application.interpreters import Interpreters

    with Interpreters() as found:
        if _cores() > 1 and (not checks or not ON_THE_APPLICATION.isdisjoint(checks)):
            found.prepare(Path.cwd().resolve(), "import_all")  # of the children the one that loads SQLAlchemy
        yield found


_ERROR_PAGES = "mako.ext.pygmentplugin"
"""Loads forty of Pygments' lexers, as long as a seventh of Alembic takes, to colour HTML pages that Alembic never makes."""


@contextmanager
def loading() -> Iterator[None]:
    """Look for no garbage while libraries are loaded: what they make stays, and is looked at no more.

    Mako, which Alembic loads, finds Pygments missing; whoever asks for its colours later has them.
    """
    is_asked_for = _ERROR_PAGES in sys.modules
    gc.disable()
    if not is_asked_for:
        sys.modules[_ERROR_PAGES] = None  # type: ignore[assignment]  # as documented: importing it fails
    try:
        yield
    finally:
        if not is_asked_for:
            del sys.modules[_ERROR_PAGES]
        gc.freeze()
        gc.enable()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
