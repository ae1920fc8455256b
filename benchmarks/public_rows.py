"""Histories of published packages, cold and warm: beside Alembic itself, and beside pytest-alembic where it is installed."""

import contextlib
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import KINDS, Bench
from figures import Row, Table, seconds
from measure import Run, require, run
from public_histories import PRELUDE
from published import PACKAGES, REPOSITORY, Package, write_project
from sqlalchemy import URL, make_url
from versus_pytest_alembic import CHECKS, CONFTEST, Place

BROKEN = 1
HOW = (
    "Each package as it is published, in an environment of its own; one run each, whole processes, a fresh database for each. "
    "Most of a run is the package's own import. *Again* is the second of two runs that keep evidence, with nothing changed in "
    "between. A tool that stops early has done less than the others."
)


HEADS = (
    "", "on", "found", "`verify`, the checks beside", "again", "`alembic upgrade head` + `downgrade base`",
    "pytest-alembic, its four default tests",
)  # fmt: skip


def environments(given: Sequence[str]) -> Mapping[str, Path]:
    """Read `--history NAME=ENVIRONMENT`."""
    known = {package.name for package in PACKAGES}
    found = {}
    for one in given:
        name, _, folder = one.partition("=")
        if name not in known or not Path(folder, "bin", "python").exists():
            sys.exit(f"Cannot measure {one}: give NAME=ENVIRONMENT, NAME one of {', '.join(sorted(known))}.")
        found[name] = Path(folder).absolute()
    return found


def public_histories(bench: Bench) -> Iterator[Table]:
    """One table of all packages; those that were not given are named."""
    rows: list[Row] = []
    for package in PACKAGES:
        title = f"{package.name} {package.version}"
        if package.name not in bench.histories:
            rows.append(Row((title, "", "not measured", "", "", "", "")))
            continue
        for kind in KINDS:
            with tempfile.TemporaryDirectory(prefix=f"{package.name}-") as folder, contextlib.ExitStack() as stack:
                guest = Guest(package, bench.histories[package.name] / "bin" / "python", Path(folder), bench.place(kind), stack)
                rows.append(Row((title, kind, *guest.cells())))
    yield Table("Published histories", HOW, tuple(rows), HEADS)


@dataclass(frozen=True)
class Guest:
    """One package on one kind of database, in a folder of its own."""

    package: Package
    python: Path
    folder: Path
    place: Place
    databases: contextlib.ExitStack

    def cells(self) -> Iterator[str]:
        """Run all contestants."""
        self._run("-c", "import alembic_proof.gate")  # bytecode, as a second run has it
        write_project(self.package, self.python, self.folder, self.package.url)
        cold, told = self._verify("--on", self.place.on, "--no-cache")
        # Evidence is kept of servers of our own alone.
        for _ in range(2):
            again, _same = self._verify("--on", self.place.kind, "--cache", "store")
        yield from (told, cold, again, self._plain_alembic(), self._pytest_alembic())

    def _verify(self, *arguments: str) -> tuple[str, str]:
        command = ("-m", "alembic_proof", "verify", "--checks", ",".join(CHECKS), "--format", "json=report.json")
        done = self._run(*command, *arguments)
        if done.status not in (0, BROKEN):
            return f"could not run: {done.output.strip().splitlines()[-1]}", ""
        report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        return seconds(done.seconds), f"{len(report['revisions'])} revisions, {len(report['findings'])} findings"

    def _plain_alembic(self) -> str:
        own = make_url(self.databases.enter_context(self.place.empty()))
        self._write_for(own)
        if self.package.prelude is not None:
            require(self._run("-c", PRELUDE, own.render_as_string(hide_password=False)), (0,), "")
        return " + ".join(_told(self._run("-m", "alembic", *words)) for words in (("upgrade", "head"), ("downgrade", "base")))

    def _pytest_alembic(self) -> str:
        if self._run("-c", "import pytest_alembic").status != 0:
            return "not measured: it is not installed there"
        if self.package.prelude is not None:
            return "not measured: it has no place for the tables that the first revision expects"
        self._write_for(make_url(self.place.url))
        (self.folder / "tests").mkdir()
        (self.folder / "tests" / "conftest.py").write_text(CONFTEST, encoding="utf-8")
        command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:alembic_proof", "--test-alembic", "tests")
        done = self._run(*command, BENCHMARK_URL=self.place.url)
        last = done.output.strip().splitlines()[-1].strip("= ") if done.output.strip() else "it said nothing"
        return seconds(done.seconds) + ("" if done.status == 0 else f" ({last})")

    def _write_for(self, own: URL) -> None:
        spoken = own.set(drivername=self.package.drivers[self.place.kind])
        write_project(self.package, self.python, self.folder, spoken.render_as_string(hide_password=False))

    def _run(self, *arguments: str, **environment: str) -> Run:
        """Run the package's Python in the folder, which is its home too: some packages write there when they are imported."""
        home = {"HOME": str(self.folder), "PYTHONPATH": str(REPOSITORY)}
        return run([str(self.python), *arguments], self.folder, {**home, **environment})


def _told(done: Run) -> str:
    return seconds(done.seconds) + ("" if done.status == 0 else " (failed)")
