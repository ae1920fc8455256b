"""What a first run costs: start-up, a generated history against pytest-alembic, a second core, memory."""

import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

from bench import KINDS, SHORT_RUNS, Bench
from figures import Figure, Table, at_least, at_most, seconds
from measure import peak_megabytes, require, run
from versus_pytest_alembic import CHECKS, Place

FASTER = {"postgresql": 10.0, "sqlite": 5.0}
WALK, TWO_CORES, MEMORY, HELP_SECONDS = 1.6, 1.6, 1.3, 0.25
STARTS = 9

UP_AND_DOWN = """\
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
command.downgrade(config, "base")
print(time.perf_counter() - started)
"""


def start_up(bench: Bench) -> Iterator[Table]:
    """Whole processes that do nothing but start."""
    python = sys.executable
    commands = {
        "`python -c pass`": [python, "-c", "pass"],
        "`import alembic_proof`": [python, "-c", "import alembic_proof"],
        "`alembic-proof --help`": [python, "-m", "alembic_proof", "--help"],
        "`alembic --help`": [python, "-m", "alembic", "--help"],
        "`import sqlalchemy`": [python, "-c", "import sqlalchemy"],
        "`import alembic.command`, which loads SQLAlchemy": [python, "-c", "import alembic.command"],
        "all that plans, gathers and judges, which loads both": [python, "-c", "import alembic_proof.gate"],
    }
    taken = bench.rounds(*(_starting(bench, command) for command in commands.values()), times=STARTS)
    figures = [Figure(name, f"{value:.3f} s") for name, value in zip(commands, taken, strict=True)]
    figures[2] = at_most("`alembic-proof --help`", taken[2], HELP_SECONDS, "{:.3f} s")
    how = (
        f"The best of {STARTS}. `--help` is Typer's and Rich's: no library of databases is loaded. What a proof loads is Alembic "
        "and SQLAlchemy, which every env.py loads anyway; the rest is the difference between the last two lines. "
        "`python -X importtime -m alembic_proof --help` tells more. The figures below hold this start-up."
    )
    yield Table("Start-up", how, tuple(figures))


def _starting(bench: Bench, command: Sequence[str]) -> Callable[[], float]:
    folder = bench.contest.history(1)
    return lambda: require(run(command, folder), (0,), "").seconds


def against_pytest_alembic(bench: Bench) -> Iterator[Table]:
    """One generated history: the harness, pytest-alembic's four default tests, and the functions alone."""
    for kind in KINDS:
        yield _contest_on(bench, bench.place(kind))


def _contest_on(bench: Bench, place: Place) -> Table:
    contest, number = bench.contest, bench.revisions
    walks: list[float] = []

    def ours() -> float:
        taken = contest.verify(place, number).seconds
        walks.append(bench.phase_seconds(number, "walk"))
        return taken

    def alone() -> float:
        with place.empty() as url:
            done = run([sys.executable, "-c", UP_AND_DOWN, url], contest.history(number, takes_connection=True))
        return float(require(done, (0,), "").output.split()[-1])

    verify, theirs, given, once = bench.rounds(
        ours,
        lambda: contest.pytest_alembic(place, number).seconds,
        lambda: contest.pytest_alembic(place, number, takes_connection=True).seconds,
        alone,
    )
    walk = min(walks[1:])
    (everything,) = bench.rounds(lambda: contest.verify(place, number, checks=()).seconds, times=1)
    how = (
        f"{number} generated revisions: tables, columns, indexes, rows, batch mode. The checks beside are {', '.join(CHECKS)}. "
        "pytest-alembic's tests look at no schema. The promise is for the env.py that `alembic init` writes; one that takes the "
        "connection given makes pytest-alembic quicker, and the harness, which executes env.py once, no slower. The walk goes "
        "up, looks, goes down, looks, at each revision; the functions alone run once up and once down, by Alembic, on a database "
        "of the same server, with nothing else."
    )
    if place.kind == "postgresql":
        how += " All use one running server that waits for no disk."
    return Table(
        f"{number} revisions on {_name(place.kind)}, cold",
        how,
        (
            Figure("`alembic-proof verify`, the checks beside", seconds(verify)),
            Figure("pytest-alembic, its four default tests", seconds(theirs)),
            at_least("times faster", theirs / verify, FASTER[place.kind]),
            Figure("pytest-alembic, env.py takes the connection given", seconds(given)),
            Figure("times faster than that", f"{given / verify:.1f}"),
            Figure("the walk alone", seconds(walk)),
            Figure("the functions alone, without start-up", seconds(once)),
            at_most("the walk, in times of the functions alone", walk / once, WALK),
            Figure("`alembic-proof verify`, all checks but those of rows (once)", seconds(everything)),
        ),
    )


def two_cores(bench: Bench) -> Iterator[Table]:
    """The same run on one core and on two."""
    figures: list[Figure] = []
    for kind in KINDS:
        place = Place(kind, kind, "", "", bench.place(kind).empty)  # a private server: it shares the core

        def on(cores: int, place: Place = place) -> float:
            with pinned_to(cores):
                return bench.contest.verify(place, bench.revisions).seconds

        one, two = bench.rounds(lambda: on(1), lambda: on(2), times=max(bench.times, SHORT_RUNS))
        figures += [
            Figure(f"{_name(kind)}: one worker on one core", seconds(one)),
            Figure(f"{_name(kind)}: two workers on two cores", seconds(two)),
            at_least(f"{_name(kind)}: times faster", one / two, TWO_CORES),
        ]
    how = (
        f"{bench.revisions} generated revisions, the checks as before, everything that belongs to the run (a private server and "
        "its start too) pinned to one core or two. From 100 revisions on a second process walks the upper part of the history, "
        "where there is a second core; what stays in line is the start-up, the server's start, and the models."
    )
    yield Table("A second worker", how, tuple(figures))


class pinned_to:  # noqa: N801 - reads as what it does: with pinned_to(1)
    """Let this process, and all that it starts, run on so many cores only."""

    def __init__(self, cores: int) -> None:
        self._before = os.sched_getaffinity(0)
        self._cores = sorted(self._before)[:cores]

    def __enter__(self) -> None:
        os.sched_setaffinity(0, self._cores)

    def __exit__(self, *_error: object) -> None:
        os.sched_setaffinity(0, self._before)


def memory(bench: Bench) -> Iterator[Table]:
    """The most that the whole tree of processes held."""
    short, scouted = max(bench.revisions // 10, 2), max(bench.revisions // 3, 100)
    figures: list[Figure] = []
    for kind in KINDS:
        place, name = bench.place(kind), _name(kind)
        peaks = [
            (number, statistics.median(_peak(bench, place, number) for _ in range(bench.times)))
            for number in (short, scouted, bench.revisions)
        ]
        (_, little), (_, medium), (_, much) = peaks
        figures += [
            *(Figure(f"{name}: {number} revisions", f"{peak:.0f} MB") for number, peak in peaks),
            at_most(f"{name}: growth from {short}", much / little, MEMORY),
            Figure(f"{name}: growth from {scouted}, where the second worker begins", f"{much / medium:.2f}"),
        ]
    how = (
        "The most memory that the processes of a run held together, pages that they share counted once, sampled. A server is not "
        "part of it. A run of any length has three processes: the command, the walk, and what is beside it: the deployment, and "
        "from 100 revisions on the walk's upper part. Nothing is kept for each revision but what the report says of it."
    )
    yield Table("Memory", how, tuple(figures))


def _peak(bench: Bench, place: Place, revisions: int) -> float:
    peak = peak_megabytes(bench.contest.verify_command(place, CHECKS), bench.contest.history(revisions))
    if peak is None:
        raise subprocess.SubprocessError("Cannot measure memory: this system has no /proc/self/smaps_rollup.")
    return peak


def _name(kind: str) -> str:
    return {"postgresql": "PostgreSQL", "sqlite": "SQLite"}[kind]
