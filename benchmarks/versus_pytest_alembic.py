"""Measure `alembic-proof verify` against the four default tests of pytest-alembic, on one generated history, in one run.

Whole processes, alternating, medians. On PostgreSQL both use one running server. The promised ratio is for the env.py that
`alembic init` writes, which makes an engine each time it runs. Beside it stands the ratio for one that takes the connection
given, as pytest-alembic's documentation advises: that makes it quicker; the harness executes env.py once in any case.
Ends with status 1 if a promised ratio is missed.
"""

import argparse
import contextlib
import functools
import json
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from history import generate
from measure import Run, peak_megabytes, require, run

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Server

FASTER = {"postgresql": 5.0, "sqlite": 3.0}
GROWTH = 1.3
MEGABYTES = 300.0
CHECKS = (
    "single-head",
    "upgrade-runs",
    "downgrade-runs",
    "downgrade-restores-schema",
    "upgrade-repeats",
    "upgrade-reaches-head",
    "models-match-migrations",
)

# Each of the four tests needs an empty database: on one that another test has migrated they would look at nothing.
CONFTEST = """\
import os

import pytest
from alembic.config import Config
from sqlalchemy import create_engine, make_url

URL = make_url(os.environ["BENCHMARK_URL"])
IS_FILE = URL.get_backend_name() == "sqlite"
OWN = URL if IS_FILE else URL.set(database="pytest_alembic")


@pytest.fixture
def alembic_config():
    config = Config("alembic.ini")
    config.set_main_option("sqlalchemy.url", OWN.render_as_string(hide_password=False).replace("%", "%%"))
    return config


@pytest.fixture
def alembic_engine():
    if IS_FILE:
        yield create_engine(OWN)
        if OWN.database and os.path.exists(OWN.database):
            os.unlink(OWN.database)
        return
    server = create_engine(URL, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.exec_driver_sql("CREATE DATABASE pytest_alembic")
        engine = create_engine(OWN)
        yield engine
        engine.dispose()
        connection.exec_driver_sql("DROP DATABASE pytest_alembic")
    server.dispose()
"""

LIMIT = """\
import sys

from alembic import command
from alembic.config import Config
from sqlalchemy import StaticPool, create_engine

config = Config("alembic.ini")
config.attributes["connection"] = create_engine(sys.argv[1], poolclass=StaticPool)
command.upgrade(config, "head")
command.downgrade(config, "base")
"""


@dataclass(frozen=True, slots=True)
class Place:
    """One database to measure on: what --on is given, and where pytest-alembic and Alembic alone get theirs.

    `url` is a database, beside which an empty one is made for each test, or a file; `given` is the same for an env.py that takes
    its connection: on SQLite a database in memory, pytest-alembic's own default. `empty` gives one empty database.
    """

    kind: str
    on: str
    url: str
    given: str
    empty: Callable[[], contextlib.AbstractContextManager[str]]


@contextlib.contextmanager
def in_memory() -> Iterator[str]:
    """Give a database in memory."""
    yield "sqlite:///"


@contextlib.contextmanager
def beside(server: Server) -> Iterator[str]:
    """Give a fresh database of a running server."""
    database = server.create()
    try:
        yield database.url.render_as_string(hide_password=False)
    finally:
        server.drop(database)


class Contest:
    """The generated histories, and the runs over one of them on one database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._histories: dict[tuple[int, bool], Path] = {}

    def history(self, revisions: int, *, takes_connection: bool = False) -> Path:
        """Return the folder of a generated project, made on the first call."""
        if (revisions, takes_connection) not in self._histories:
            folder = self._folder / f"history_{revisions}_{'given' if takes_connection else 'made'}"
            generate(folder, revisions, takes_connection=takes_connection)
            (folder / "tests").mkdir()
            (folder / "tests" / "conftest.py").write_text(CONFTEST)
            self._histories[revisions, takes_connection] = folder
        return self._histories[revisions, takes_connection]

    def verify_command(self, place: Place, checks: Sequence[str]) -> list[str]:
        """Return the command line of the harness."""
        command = [
            sys.executable,
            "-m",
            "alembic_proof",
            "verify",
            "--no-cache",
            "--on",
            place.on,
            "--format",
            "json=report.json",
        ]
        return [*command, "--checks", ",".join(checks)] if checks else [*command, "--no-rows"]

    def verify(self, place: Place, revisions: int, checks: Sequence[str] = CHECKS) -> Run:
        """Run the harness, and make sure that it did the work and found the history whole.

        Others may speak when they run: on SQLite batch mode has no `--sql`, and a new NOT NULL stops old code.
        """
        folder = self.history(revisions)
        done = require(run(self.verify_command(place, checks), folder), (0, 1), "")
        report = json.loads((folder / "report.json").read_text())
        proved = [outcome for outcome in report["outcomes"] if outcome["outcome"] == "proved"]
        restored = sum(outcome["check"] == "downgrade-restores-schema" for outcome in proved)
        if restored != revisions or any(one["check"] in CHECKS and one["severity"] == "error" for one in report["findings"]):
            sys.exit(f"Cannot measure: {restored} of {revisions} revisions were proved. Look at {folder / 'report.json'}.")
        return done

    def pytest_alembic(self, place: Place, revisions: int, *, takes_connection: bool = False) -> Run:
        """Run the four default tests."""
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:alembic_proof", "--test-alembic"]
        folder = self.history(revisions, takes_connection=takes_connection)
        url = place.given if takes_connection else place.url
        return require(run([*command, "tests"], folder, {"BENCHMARK_URL": url}), (0,), "4 passed")

    def limit(self, place: Place, revisions: int) -> Run:
        """Run the same functions once up and once down, by Alembic, with no look."""
        with place.empty() as url:
            return require(run([sys.executable, "-c", LIMIT, url], self.history(revisions, takes_connection=True)), (0,), "")


def median(times: int, *contestants: Callable[[], Run]) -> list[float]:
    """Run every contestant in turn, so many rounds, and return the median seconds of each."""
    rounds = [[contestant().seconds for contestant in contestants] for _ in range(times)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def measure(contest: Contest, place: Place, revisions: int, times: int) -> bool:
    """Print the table of one database; say whether every promise was kept."""
    short = max(revisions // 10, 2)
    ours, theirs, given, everything, limit = median(
        times,
        lambda: contest.verify(place, revisions),
        lambda: contest.pytest_alembic(place, revisions),
        lambda: contest.pytest_alembic(place, revisions, takes_connection=True),
        lambda: contest.verify(place, revisions, checks=()),
        lambda: contest.limit(place, revisions),
    )
    started, brief = median(times, lambda: contest.verify(place, 1), lambda: contest.verify(place, short))
    growth = ((ours - started) / (revisions - 1)) / ((brief - started) / (short - 1))
    memory = peak_megabytes(contest.verify_command(place, CHECKS), contest.history(revisions))
    kept = [theirs / ours >= FASTER[place.kind], growth <= GROWTH, memory is None or memory <= MEGABYTES]
    marks = ["kept" if promise else "MISSED" for promise in kept]
    rows = (
        (f"verify, the checks beside, {revisions} revisions", f"{ours:.2f} s", ""),
        ("pytest-alembic, its four default tests", f"{theirs:.2f} s", ""),
        ("  times faster", f"{theirs / ours:.1f}", f"at least {FASTER[place.kind]:.0f}: {marks[0]}"),
        ("pytest-alembic, env.py takes the connection given", f"{given:.2f} s", f"{given / ours:.1f} times"),
        ("verify, all checks but those of rows", f"{everything:.2f} s", f"{theirs / everything:.1f} times faster"),
        ("the same functions, once up, once down, no look", f"{limit:.2f} s", "the limit"),
        (f"verify, {short} revisions", f"{brief:.2f} s", ""),
        ("verify, 1 revision", f"{started:.2f} s", "start-up"),
        (f"  growth for each revision, {short} to {revisions}", f"{growth:.2f}", f"at most {GROWTH}: {marks[1]}"),
        ("  memory at its peak", "?" if memory is None else f"{memory:.0f} MB", f"at most {MEGABYTES:.0f}: {marks[2]}"),
    )
    print(f"\n{place.kind}")
    for name, figure, note in rows:
        print(f"  {name:<52}{figure:>10}  {note}")
    return all(kept)


def main() -> None:
    """Measure on the databases asked for."""
    parser = argparse.ArgumentParser(description="Measure alembic-proof against pytest-alembic.")
    parser.add_argument("--revisions", type=int, default=300)
    parser.add_argument("--times", type=int, default=3, help="rounds; the medians count")
    parser.add_argument("--server", metavar="URL", help="a PostgreSQL server; default: a private one, which waits for no disk")
    parser.add_argument("--on", action="append", choices=tuple(FASTER), help="default: both")
    arguments = parser.parse_args()
    kinds = arguments.on or list(FASTER)
    with tempfile.TemporaryDirectory(prefix="alembic-proof-benchmark-") as name, contextlib.ExitStack() as open_servers:
        contest, kept = Contest(Path(name)), True
        for kind in kinds:
            if kind == "sqlite":
                place = Place(kind, kind, "sqlite:///pytest_alembic.db", "sqlite:///", in_memory)
            else:
                server = open_server(arguments.server or kind)
                open_servers.callback(server.close)
                url = server.create().url.render_as_string(hide_password=False)
                place = Place(kind, url, url, url, functools.partial(beside, server))
            kept = measure(contest, place, arguments.revisions, arguments.times) and kept
    sys.exit(not kept)


if __name__ == "__main__":
    main()
