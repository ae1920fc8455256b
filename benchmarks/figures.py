"""A figure, what was promised of it, and the page and the lines that figures make."""

import importlib.metadata
import os
import platform
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

QUIET = 0.5
"""Figures are promised for a machine that does nothing else."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a table. `promise` is what it is held to, `is_kept` None where that is nothing, or only a guide."""

    name: str
    value: str
    promise: str = ""
    is_kept: bool | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        verdict = self.promise if self.is_kept is None else f"{self.promise}: {'kept' if self.is_kept else 'MISSED'}"
        return self.name, self.value, verdict


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table with columns of its own. Nothing is promised of it."""

    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Figures that belong together, and a sentence on how they were got."""

    title: str
    how: str
    figures: tuple[Figure | Row, ...]
    heads: tuple[str, ...] = ("", "", "promised")

    @property
    def missed(self) -> tuple[str, ...]:
        """What was promised and not kept."""
        return tuple(one.name for one in self.figures if isinstance(one, Figure) and one.is_kept is False)


def seconds(value: float) -> str:
    """Write a time as one reads it."""
    return f"{value:.2f} s"


def at_least(name: str, value: float, least: float) -> Figure:
    """Say of a ratio whether it is large enough."""
    return Figure(name, f"{value:.1f}", f"at least {least:g}", value >= least)


def at_most(name: str, value: float, most: float, form: str = "{:.2f}") -> Figure:
    """Say of a figure whether it is small enough."""
    return Figure(name, form.format(value), f"at most {form.format(most)}", value <= most)


def lines(table: Table) -> Iterator[str]:
    """Write a table for a terminal."""
    yield f"\n{table.title}"
    rows = [table.heads, *(figure.cells for figure in table.figures)]
    widths = [max(len(row[place]) for row in rows if place < len(row)) for place in range(len(table.heads))]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()


def markdown(tables: Iterable[Table], command: str, load: float) -> str:
    """Write the page."""
    written = (
        "Written by `benchmarks/performance.py`; do not edit it. Whole processes unless a line says otherwise, from start to "
        "exit, in rounds in which the contestants take turns; the best of each counts, as with `timeit`: what else runs adds. "
        "A promised figure is a ratio of two figures of this run, or the start-up; absolute times are this machine's.\n"
    )
    parts = ["# Performance\n", written, machine(load), "To repeat it:\n", f"```sh\n{command}\n```\n"]
    for table in tables:
        parts.append(f"## {table.title}\n\n{table.how}\n")
        rows = [table.heads, ("---",) * len(table.heads), *(figure.cells for figure in table.figures)]
        parts.append("\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n")
    return "\n".join(parts)


def machine(load: float) -> str:
    """Say where it was measured, beside how much other work, and with which versions."""
    packages = ("alembic", "SQLAlchemy", "psycopg", "pytest", "pytest-alembic")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {processor()}, {len(os.sched_getaffinity(0))} cores, {memory_gigabytes():.0f} GB, "
        f"{platform.system()} {platform.release().partition('-')[0]}; Python {platform.python_version()}, SQLite "
        f"{sqlite3.sqlite_version}, {versions}. Before it began {load:.1f} other processes were running on the average"
        f"{'' if load < QUIET else ': too many, measure again'}.\n"
    )


def processor() -> str:
    """Name the processor as the system does."""
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return " ".join(line.partition(":")[2].split())
    return platform.machine()


def memory_gigabytes() -> float:
    """How much memory the machine has."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
