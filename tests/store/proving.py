"""Runs of a planted project, each in a process of its own that has loaded nothing of it, and what they came to."""

import gc
import multiprocessing
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

import msgspec
import sqlalchemy.dialects.sqlite.pysqlite

import alembic_proof.databases.sqlite
import alembic_proof.schema.sqlite
from alembic_proof.gate import gate
from alembic_proof.project import find_project
from alembic_proof.reports.report import Report
from alembic_proof.store.surroundings import installed, is_library
from alembic_proof.testing import ALEMBIC_INI, ENV_PY, PlantedProject
from alembic_proof.verify import Request, verify

LOADED = (sqlalchemy.dialects.sqlite.pysqlite, alembic_proof.databases.sqlite, alembic_proof.schema.sqlite, installed())
"""What each of the processes would load again."""

CHEAP = ("AP301", "AP302", "AP303", "AP304", "AP401")
"""Checks whose evidence comes from one walk and one twin."""

WITH_MODELS = ENV_PY.replace("target_metadata = None", "from models import Base\n\ntarget_metadata = Base.metadata")


class Kept(PlantedProject):
    """A project, and the folder beside it in which its evidence is kept. What its migrations append to `trace` tells what ran."""

    def __init__(self, root: Path, *, env_py: str = ENV_PY, ini: str = ALEMBIC_INI) -> None:
        (root / "project").mkdir()
        super().__init__(root / "project", env_py=env_py, ini=ini)
        self.store = root / "store"
        self.trace = root / "trace"

    def tracing(self, revision: str, upgrade: str = "pass", downgrade: str = "pass", **more: Any) -> Self:
        """Add a revision that writes down that it was upgraded."""
        wrote = f"with open({str(self.trace)!r}, 'a') as trace:\n    trace.write('{revision} ')\n"
        return self.revision(revision, wrote + upgrade, downgrade, **more)

    def ran(self) -> set[str]:
        """The revisions that were upgraded since this was asked last."""
        told = set(self.trace.read_text(encoding="utf-8").split()) if self.trace.exists() else set()
        self.trace.unlink(missing_ok=True)
        return told

    def prove(self, *databases: str, checks: tuple[str, ...] = CHEAP, keeping: bool = True, **more: Any) -> Report:
        """Prove it in another process."""

        def work() -> Report:
            request = Request(
                project=find_project(root=self.root),
                databases=databases or ("sqlite",),
                checks=checks,
                forking=True,
                store=self.store if keeping else None,
                **more,
            )
            return verify(request)

        return apart(work, self.root)

    def gate(self, *databases: str, checks: tuple[str, ...] = CHEAP, keeping: bool = True) -> Report:
        """Judge what its branch adds to main, in another process."""

        def work() -> Report:
            store = self.store if keeping else None
            request = Request(
                project=find_project(root=self.root),
                databases=databases or ("sqlite",),
                checks=checks,
                forking=True,
                store=store,
            )
            return gate(request, "main", lambda _database, _phase, _doing: None, environment={})

        return apart(work, self.root)


def apart(work: Callable[[], Report], folder: Path) -> Report:
    """Do some work in a copy of this process, in a folder, and return what it came to."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)

    def child() -> None:
        os.chdir(folder)
        _forget_what_tests_loaded()
        sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: PTH123, SIM115 - as long as the process
        try:
            theirs.send(work())
        except BaseException as error:  # noqa: BLE001 - raised in the test
            theirs.send(error)

    process = context.Process(target=child)
    gc.collect()  # what earlier tests left would be finalized in the copy: in the middle of an env.py, as if that looked at files
    process.start()
    theirs.close()
    try:
        came = ours.recv()
    finally:
        process.join()
    if isinstance(came, BaseException):
        raise came
    assert isinstance(came, Report)
    return came


def _forget_what_tests_loaded() -> None:
    """The command line has loaded no module of any project when it begins; this process has those of its own tests."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is not None and name != "__main__" and not is_library(Path(file).resolve()):
            del sys.modules[name]


def told(report: Report) -> Mapping[str, Any]:
    """All that a report says, but for how long it took and what it did not run again."""
    document: dict[str, Any] = msgspec.to_builtins(report)
    del document["timings"]
    for database in document["databases"]:
        database.pop("unchanged", None)
    return document


def unchanged(report: Report) -> int:
    """At how many revisions nothing was run again."""
    [database] = report.databases
    return database.unchanged


def assert_equal_without(project: Kept, report: Report, *databases: str, **more: Any) -> None:
    """Hold that a run that keeps nothing says the same."""
    assert told(project.prove(*databases, keeping=False, **more)) == told(report)
