"""What a command starts before it loads the libraries of databases: on another core, what these take does not matter."""

import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from alembic_proof.errors import ProofError

if TYPE_CHECKING:
    from alembic_proof.cli.asked import Aim
    from alembic_proof.databases.ahead import ServersAhead
    from alembic_proof.experiments.application.interpreters import Interpreters

ON_THE_APPLICATION = frozenset({
    "AP105", "migrations-stand-alone", "AP201", "modules-import-alone", "AP202", "models-are-registered",
})  # fmt: skip
"""The checks that look at the application. The registry knows, and loads what this does not wait for; a test holds both equal."""

ON_NO_DATABASE = ON_THE_APPLICATION - {"AP202", "models-are-registered"} | {
    "AP101", "single-head", "AP102", "history-is-connected", "AP103", "released-revisions-unchanged",
    "AP104", "new-revisions-only-extend",
}  # fmt: skip
"""The checks for which nothing runs on a database; as above."""


def is_worth_a_copy(arguments: Sequence[str]) -> bool:
    """Whether a command line asks for a proof, so that a copy of this process shall read it: see `reading`."""
    asks_for_a_page = not {"-h", "--help"}.isdisjoint(arguments)
    return sys.platform == "linux" and _cores() > 1 and arguments[:1] in (["verify"], ["gate"]) and not asks_for_a_page


def begin_interpreters(interpreters: "Interpreters", aim: "Aim") -> None:
    """Have an interpreter that waits for the application, where it will be looked at and there is a core for it."""
    if _cores() > 1 and (not aim.checks or not ON_THE_APPLICATION.isdisjoint(aim.checks)):
        interpreters.prepare(Path.cwd().resolve(), "import_all")  # of the children the one that loads SQLAlchemy


def begin_servers(servers: "ServersAhead", aim: "Aim") -> None:
    """Have the private servers begun that are certain to be used as they are made, where there is a core for them.

    Where evidence is kept none may be needed, or one that stands on what is kept; a part of a run may be on other databases.
    """
    is_new = aim.store is None or not aim.store.exists()
    is_certain = aim.shard is None and is_new and not (aim.checks and ON_NO_DATABASE.issuperset(aim.checks))
    if is_certain and sys.platform == "linux" and _cores() > 1:  # elsewhere workers are no copies of this process
        for name in aim.on or _in_settings(aim.config):
            servers.begin(name)


def _in_settings(config: Path | None) -> tuple[str, ...]:
    """The databases that the project names. What is wrong with its settings is told by whoever needs them."""
    from alembic_proof.config import read_settings

    try:
        return read_settings((config or Path("alembic.ini")).parent / "pyproject.toml").databases
    except ProofError:
        return ()


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
