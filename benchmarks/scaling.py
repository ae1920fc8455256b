"""What a history costs that nobody here has: a cost model from measured points, into docs/scaling.md.

    python benchmarks/scaling.py [--on sqlite]... [--page FILE]

Each point is the best of its turns: other work on the machine only ever adds. A kind of database that is not there is left out.
"""

import argparse
import contextlib
import functools
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench import Bench
from figures import machine
from look import schema, timed
from measure import require, run
from paper import NAMES, REVISIONS_PER_TABLE, Costs, Line, page
from versus_pytest_alembic import CHECKS

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Database, Server, Unavailable
from alembic_proof.schema import mariadb, postgresql, sqlite
from alembic_proof.schema.snapshot import Fetch, Snapshot

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scaling.md"

Reader = Callable[[Fetch], Snapshot]

READERS: Mapping[str, Callable[[], Reader]] = {
    "sqlite": sqlite.Looks,
    "postgresql": postgresql.Looks,
    "mariadb": lambda: mariadb.read,
}
TABLES = {"sqlite": (500, 2000), "postgresql": (500, 2000), "mariadb": (100, 500)}
WALKS = {"sqlite": (300, 1000), "postgresql": (300, 1000), "mariadb": (30, 90)}
"""Where the lines are drawn through. MariaDB commits every step, and makes a new database wherever one has to go back."""

STEPS = """\
import sys
import time

from alembic import command
from alembic.config import Config
from sqlalchemy import StaticPool, create_engine

config = Config("alembic.ini")
config.attributes["connection"] = create_engine(sys.argv[1], poolclass=StaticPool)
command.history(config)
started = time.perf_counter()
command.upgrade(config, "head")
turned = time.perf_counter()
command.downgrade(config, "base")
print(turned - started, time.perf_counter() - turned)
"""

LOADING = """\
import time

from alembic_proof.migrate.host import load_history
from alembic_proof.project import find_project

started = time.perf_counter()
load_history(find_project())
print(time.perf_counter() - started)
"""


def start_line(bench: Bench) -> Line:
    """Start-up, and what each revision file adds to it."""
    short, long = WALKS["sqlite"]
    started = min(_run(bench, short, "import alembic_proof.gate")[0] for _ in range(bench.times + 1))
    loaded = {
        number: min(_run(bench, number, LOADING)[1][0] for _ in range(bench.times + 1))  # the first one writes bytecode
        for number in (short, long)
    }
    line = Line.through((short, loaded[short]), (long, loaded[long]))
    return Line(started + line.fixed, line.each)


def costs_of(bench: Bench, kind: str) -> Costs:
    """Measure one kind of database. Raises Unavailable where there is none."""
    few, many = TABLES[kind]
    short, long = WALKS[kind]
    with contextlib.closing(open_server(kind)) as server:
        version = server.version
        steps = {number: [_steps(bench, server, number) for _ in range(bench.times)] for number in (short, long)}
        at_few, at_many = _looks(bench, server, few), _looks(bench, server, many)
    first, again, kept = (Line.through((few, one), (many, other)) for one, other in zip(at_few, at_many, strict=True))
    walked, compared = {}, {}
    for number in (short, long):
        command = [sys.executable, "-m", "alembic_proof", "verify", "--no-cache", "--on", kind, "--format", "json=report.json"]
        require(run([*command, "--checks", ",".join(CHECKS)], bench.contest.history(number)), (0,), "")
        walked[number], compared[number] = (bench.phase_seconds(number, phase) for phase in ("walk", "models"))
    tables = [number / REVISIONS_PER_TABLE for number in (short, long)]
    return Costs(
        kind=kind,
        version=version.partition("-")[0],
        up=_each(steps, 0),
        down=_each(steps, 1),
        ups=2 if kind == "mariadb" else 1,
        first_look=first,
        look=again,
        kept=kept,
        models=Line.through((tables[0], compared[short]), (tables[1], compared[long])),
        walks=walked,
    )


def _each(steps: Mapping[int, Sequence[tuple[float, float]]], place: int) -> Line:
    """One upgrade (place 0) or downgrade (1), by the number of tables: on the way there are half of those at the head."""
    (short, first), (long, second) = (
        (revisions / REVISIONS_PER_TABLE / 2, min(turn[place] for turn in turns) / revisions)
        for revisions, turns in steps.items()
    )
    return Line.through((short, first), (long, second))


def _steps(bench: Bench, server: Server, revisions: int) -> tuple[float, float]:
    """Seconds of all upgrades and of all downgrades, by Alembic alone."""
    database = server.create()
    url = database.url.render_as_string(hide_password=False)
    up, down = _run(bench, revisions, STEPS, url, takes_connection=True)[1]
    server.drop(database)
    return up, down


def _looks(bench: Bench, server: Server, tables: int) -> tuple[float, float, float]:
    """A first look, one after a change, and the keeping and putting back of the whole database."""
    database = server.create()
    database.run_script(schema(tables))
    first, again = [], []
    with database.connect() as fetch:
        for turn in range(bench.times):
            look = READERS[server.kind]()
            first.append(timed(functools.partial(look, fetch)))
            fetch(f"ALTER TABLE t7 ADD COLUMN added_{turn} integer")
            again.append(timed(functools.partial(look, fetch)))
    kept = min(timed(functools.partial(_keep, database)) for _ in range(bench.times))
    server.drop(database)
    return min(first), min(again), kept


def _keep(database: Database) -> None:
    saved = database.save()
    if saved is not None:
        database.restore(saved)


def _run(bench: Bench, revisions: int, code: str, *arguments: str, takes_connection: bool = False) -> tuple[float, list[float]]:
    """Run a program in a generated project; return its wall time and the numbers that it printed last."""
    folder = bench.contest.history(revisions, takes_connection=takes_connection)
    done = require(run([sys.executable, "-c", code, *arguments], folder), (0,), "")
    last = done.output.strip().splitlines()[-1:] if done.output else []
    return done.seconds, [float(word) for word in " ".join(last).split()]


def main() -> None:
    """Measure the points, and write the page."""
    parser = argparse.ArgumentParser(description="Write what large histories cost.")
    parser.add_argument("--on", action="append", choices=tuple(NAMES), help="default: all that are there")
    parser.add_argument("--times", type=int, default=3, help="turns; the best counts")
    parser.add_argument("--page", type=Path, default=PAGE)
    arguments = parser.parse_args()
    kinds: list[Costs] = []
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="alembic-proof-benchmark-") as folder, contextlib.ExitStack() as at_the_end:
        bench = Bench(Path(folder), 300, arguments.times, {}, at_the_end)
        start = start_line(bench)
        for kind in arguments.on or NAMES:
            try:
                kinds.append(costs_of(bench, kind))
            except Unavailable as why:
                print(f"{NAMES[kind]} is left out: {why}")
            else:
                print(f"{NAMES[kind]} is measured.", flush=True)
    text = page(start, kinds, machine(load))
    arguments.page.write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
