"""The cost model: what its parts are, what they come to for a history that nobody here has, and the page that says so."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

REVISIONS, TABLES, JOBS = 5000, 2000, 16
REVISIONS_PER_TABLE = 5
"""In the generated history a table gets a new neighbour every five revisions."""

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB"}


@dataclass(frozen=True, slots=True)
class Line:
    """Seconds that grow with a number: of tables, or of revisions."""

    fixed: float
    each: float

    def at(self, number: float) -> float:
        return self.fixed + self.each * number

    @classmethod
    def through(cls, few: tuple[float, float], many: tuple[float, float]) -> "Line":
        """Draw it through two measured points (number, seconds). What is measured below nothing is nothing."""
        each = max((many[1] - few[1]) / (many[0] - few[0]), 0.0)
        return cls(max(few[1] - each * few[0], 0.0), each)


@dataclass(frozen=True, slots=True)
class Costs:
    """One kind of database: seconds of one step each, by the number of tables.

    `ups` are how often a revision is upgraded in the walk. `kept` is the keeping and putting back of a whole database, where it
    is done. `walks` are measured walks, by their number of revisions.
    """

    kind: str
    version: str
    up: Line
    down: Line
    ups: int
    first_look: Line
    look: Line
    kept: Line
    models: Line
    walks: Mapping[int, float]

    def revision(self, tables: float) -> float:
        """One revision of the walk on a schema of so many tables."""
        steps = self.ups * self.up.at(tables) + self.down.at(tables)
        return steps + (self.ups + 1) * self.look.at(tables) + self.kept.at(tables)

    def walk(self, revisions: int, tables: float) -> float:
        """All revisions, by one process, while the tables grow from none to so many."""
        return revisions * self.revision(tables / 2)


def page(start: Line, kinds: Sequence[Costs], machine: str) -> str:
    """Write the page."""
    written = (
        "Written by `benchmarks/scaling.py`; do not edit it. A cost model from measured points, and what it says of "
        f"{REVISIONS:,} revisions, {TABLES:,} tables at the head and three databases, which nobody here has.\n"
    )
    told = (
        "\nA walked revision costs its upgrade, its downgrade, the looks after both, and on SQLite the keeping and putting back "
        "of the file; MariaDB takes nothing back, and upgrades a second time. Upgrades are those of the generated history; a "
        "migration that moves rows costs what it costs. The model held to walks that were measured: from 100 revisions on two "
        "processes walk, where the model counts one, so half of it and a little more is to be expected.\n"
    )
    size = f"\n## {REVISIONS:,} revisions, {TABLES:,} tables\n\nThe checks of a walk, the deployment and the models; no rows.\n"
    model = "## The model\n\nSeconds; *T* is the number of tables, *R* of revisions.\n"
    tables = (*_model(start, kinds), told, *_held(kinds), size, *_cold(start, kinds), *_conclusions(start, kinds))
    return "\n".join(("# Scaling on paper\n", written, machine, model, *tables))


def _model(start: Line, kinds: Sequence[Costs]) -> Iterator[str]:
    yield _row("", *(f"{NAMES[one.kind]} {one.version}" for one in kinds))
    yield _row(*["---"] * (len(kinds) + 1))
    yield _row("start, and loading the history", *[_line(start, "R")] * len(kinds))
    parts: dict[str, Callable[[Costs], str]] = {
        "an upgrade": lambda one: _line(one.up, "T"),
        "a downgrade": lambda one: _line(one.down, "T"),
        "a look after one change": lambda one: _line(one.look, "T"),
        "a first look": lambda one: _line(one.first_look, "T"),
        "keeping and putting back": lambda one: _line(one.kept, "T") if one.kept.at(TABLES) else "no",
        "the twin and the comparison with the models": lambda one: _line(one.models, "T"),
    }
    for name, told in parts.items():
        yield _row(name, *map(told, kinds))


def _held(kinds: Sequence[Costs]) -> Iterator[str]:
    yield _row("", "on one process, by the model", "measured")
    yield _row("---", "---", "---")
    for one in kinds:
        for revisions, seconds in one.walks.items():
            predicted = one.walk(revisions, revisions / REVISIONS_PER_TABLE)
            yield _row(f"{NAMES[one.kind]}, {revisions:,} revisions", f"{predicted:.1f} s", f"{seconds:.1f} s")


def parts_of(start: Line, one: Costs) -> dict[str, float]:
    """What the whole costs, part by part."""
    return {
        "start, and loading the history": start.at(REVISIONS),
        "upgrades and downgrades": REVISIONS * (one.ups * one.up.at(TABLES / 2) + one.down.at(TABLES / 2)),
        "looks": REVISIONS * (one.ups + 1) * one.look.at(TABLES / 2),
        "keeping and putting back": REVISIONS * one.kept.at(TABLES / 2),
        "the deployment": REVISIONS * one.up.at(TABLES / 2),
        "the models": one.models.at(TABLES),
    }


def of_one_job(start: Line, one: Costs, kinds: int) -> float:
    """The job that waits longest: it upgrades to where its stretch begins, near the top, and walks there."""
    stretch = REVISIONS * kinds / JOBS
    return start.at(REVISIONS) + (REVISIONS - stretch) * one.up.at(TABLES / 2) + stretch * one.revision(TABLES)


def new_revision(start: Line, one: Costs) -> float:
    """One new revision on a kept checkpoint: everything that cannot be spared."""
    return start.at(REVISIONS) + one.first_look.at(TABLES) + one.revision(TABLES) + one.models.at(TABLES)


def _cold(start: Line, kinds: Sequence[Costs]) -> Iterator[str]:
    yield _row("", *(NAMES[one.kind] for one in kinds))
    yield _row(*["---"] * (len(kinds) + 1))
    whole = [parts_of(start, one) for one in kinds]
    for name in whole[0]:
        yield _row(f"cold: {name}", *(_time(parts[name]) for parts in whole))
    yield _row("**cold, one core**", *(f"**{_time(sum(parts.values()))}**" for parts in whole))
    yield _row(
        f"{JOBS} jobs for {len(kinds)} databases: the longest", *(_time(of_one_job(start, one, len(kinds))) for one in kinds)
    )
    yield _row("warm, where anything was edited: start, and loading the history", *[_time(start.at(REVISIONS))] * len(kinds))
    yield _row("warm, one new revision, without the store's own work", *(_time(new_revision(start, one)) for one in kinds))


def _conclusions(start: Line, kinds: Sequence[Costs]) -> Iterator[str]:
    whole = {one.kind: parts_of(start, one) for one in kinds}
    everything = sum(sum(parts.values()) for parts in whole.values())
    longest = max(of_one_job(start, one, len(kinds)) for one in kinds)
    yield (
        f"\nAll {len(kinds)} databases cold: {_time(everything)} of one core; on two cores, side by side, about half. On {JOBS} "
        f"jobs the last one ends after {_time(longest)}: more jobs divide the walk, not the upgrade to where a job's stretch "
        "begins.\n\n## What breaks first\n"
    )
    for one in kinds:
        parts = whole[one.kind]
        name, seconds = max(parts.items(), key=lambda item: item[1])
        yield f"- {NAMES[one.kind]}: {name}, {seconds / sum(parts.values()):.0%} of the whole."
    yield (
        "\nA look reads anew only what changed, but finds out what changed by reading a mark of every table, and puts the "
        "picture of the whole together: it grows with the schema, and there are two for each revision. So does what SQLite does "
        "itself after each change, which is to parse the whole schema, and the copy of its file. Hence a walk grows with the "
        "product of revisions and tables. MariaDB fills information_schema anew for every question.\n\n"
        "What helps: a matrix (docs/shards.md); the new revisions alone (docs/gate.md); a squashed first revision for a history "
        "that nobody downgrades that far any more."
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _line(line: Line, of: str) -> str:
    return f"{line.fixed:.4f} + {line.each * 1000:.4f}·{of}/1000"


def _time(seconds: float) -> str:
    if seconds < 100:  # noqa: PLR2004 - from here on nobody thinks in seconds
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"  # noqa: PLR2004 - nor in minutes
