"""Prove the histories inside four published packages, each in a virtual environment of its own, on SQLite and PostgreSQL.

The packages are taken as they are: an alembic.ini names their migrations, and mlflow, whose first revision expects tables, gets
a prelude. Prints a table beside what `alembic upgrade head` and `alembic downgrade base` take, then every finding. Ends with
status 1 if a run could not be made, or if a history that is known to be clean is called broken.
"""

import argparse
import contextlib
import json
import sys
import tempfile
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from measure import Run, require, run
from published import PACKAGES, Package, interpreter, write_project
from sqlalchemy import make_url

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Server

BROKEN = 1

PRELUDE = """\
import sys

from sqlalchemy import create_engine

from prelude import prelude

with create_engine(sys.argv[1]).begin() as connection:
    prelude(connection)
"""


@dataclass(frozen=True, slots=True)
class Row:
    """What one package showed on one kind of database."""

    package: str
    kind: str
    seconds: float
    alembic: str
    report: Mapping[str, Any] = field(default_factory=dict)
    failure: str = ""
    unexpected: Sequence[str] = ()

    @property
    def findings(self) -> Sequence[Mapping[str, Any]]:
        return tuple(self.report.get("findings", ()))


@dataclass(frozen=True, slots=True)
class Visit:
    """One package on one kind of database, in a folder of its own. Without a server: SQLite."""

    package: Package
    python: Path
    folder: Path
    kind: str
    server: Server | None
    checks: str | None = None

    def prove(self) -> Row:
        """Run the harness and plain Alembic."""
        write_project(self.package, self.python, self.folder, self.package.url)
        on = self.kind if self.server is None else self.server.create().url.render_as_string(hide_password=False)
        chosen = () if self.checks is None else ("--checks", self.checks)
        done = self._run("-m", "alembic_proof", "verify", "--no-cache", "--on", on, "--format", "json=report.json", *chosen)
        alembic = self._plain_alembic()
        if done.status not in (0, BROKEN):
            return Row(self.package.name, self.kind, done.seconds, alembic, failure=done.output.strip()[-2000:])
        report = json.loads((self.folder / "report.json").read_text())
        unexpected = [finding["code"] for finding in report["findings"] if finding["code"] in self.package.clean]
        return Row(self.package.name, self.kind, done.seconds, alembic, report, unexpected=unexpected)

    def _plain_alembic(self) -> str:
        """Tell how long `alembic upgrade head` and `alembic downgrade base` take, and which of them failed."""
        own = make_url(f"sqlite:///{self.folder / 'plain.db'}") if self.server is None else self.server.create().url
        spoken = own.set(drivername=self.package.drivers[self.kind])
        write_project(self.package, self.python, self.folder, spoken.render_as_string(hide_password=False))
        if self.package.prelude is not None:
            require(self._run("-c", PRELUDE, own.render_as_string(hide_password=False)), (0,), "")
        return " + ".join(_told(self._run("-m", "alembic", *words)) for words in (("upgrade", "head"), ("downgrade", "base")))

    def _run(self, *arguments: str) -> Run:
        """Run the package's Python in the folder, which is its home too: some packages write there when they are imported."""
        return run([str(self.python), *arguments], self.folder, {"HOME": str(self.folder)})


def _told(done: Run) -> str:
    return f"{done.seconds:.1f} s" if done.status == 0 else f"{done.seconds:.1f} s (failed)"


def print_table(rows: Sequence[Row]) -> None:
    """Print one line for each package and kind of database."""
    form = "{:<15}{:<12}{:>10}{:>9}  {:<28}{:>10}  {}"
    print(form.format("package", "database", "revisions", "verify", "alembic up + down", "unproved", "broken, by check"))
    for row in rows:
        broken = Counter(finding["code"] for finding in row.findings)
        unproved = sum(outcome["outcome"] == "not_proved" for outcome in row.report.get("outcomes", ()))
        told = ", ".join(f"{code} {count}" for code, count in sorted(broken.items())) or "none"
        print(
            form.format(
                row.package,
                row.kind,
                len(row.report.get("revisions", ())),
                f"{row.seconds:.1f} s",
                row.alembic,
                unproved,
                "COULD NOT RUN" if row.failure else told,
            )
        )


def print_findings(rows: Sequence[Row]) -> None:
    """Print every finding, with what the database said."""
    for row in rows:
        for finding in row.findings:
            place = f"{Path(finding['file'] or '').name}:{finding['line']}"
            print(f"\n{row.package} on {row.kind}: {place} ({finding['revision']}): {finding['code']} {finding['check']}")
            print(textwrap.indent("\n".join((finding["what"], *finding["seen"])), "    "))
        if row.failure:
            print(f"\n{row.package} on {row.kind} could not run:\n{textwrap.indent(row.failure, '    ')}")


def main() -> None:
    """Prove the packages asked for."""
    parser = argparse.ArgumentParser(description="Prove the histories inside published packages.")
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help="default: all of them")
    parser.add_argument("--venvs", type=Path, default=Path.home() / ".cache" / "alembic-proof-benchmarks", help="made if missing")
    parser.add_argument("--on", action="append", choices=("sqlite", "postgresql"), help="default: both")
    parser.add_argument("--checks", help="given on to verify; default: all")
    parser.add_argument("--reports", type=Path, help="a folder that keeps the JSON reports")
    arguments = parser.parse_args()
    known = {package.name: package for package in PACKAGES}
    if unknown := set(arguments.packages) - set(known):
        parser.error(f"no such package: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    arguments.venvs.mkdir(parents=True, exist_ok=True)
    kinds, rows = arguments.on or ["sqlite", "postgresql"], []
    with contextlib.ExitStack() as at_the_end:
        server = None
        if "postgresql" in kinds:
            server = open_server("postgresql")
            at_the_end.callback(server.close)
        for name in arguments.packages or known:
            python = interpreter(known[name], arguments.venvs.resolve())
            for kind in kinds:
                folder = at_the_end.enter_context(tempfile.TemporaryDirectory(prefix=f"{name}-"))
                row = Visit(
                    known[name], python, Path(folder), kind, server if kind == "postgresql" else None, arguments.checks
                ).prove()
                rows.append(row)
                print(f"{name} on {kind}: {row.seconds:.1f} s, {len(row.findings)} findings", flush=True)
                if arguments.reports is not None:
                    arguments.reports.mkdir(parents=True, exist_ok=True)
                    (arguments.reports / f"{name}-{kind}.json").write_text(json.dumps(row.report, indent=2))
    print_findings(rows)
    print()
    print_table(rows)
    for row in rows:
        for code, count in Counter(row.unexpected).items():
            print(f"{row.package} on {row.kind} is known to be clean, and {code} called it broken {count} times.")
    sys.exit(any(row.failure or row.unexpected for row in rows))


if __name__ == "__main__":
    main()
