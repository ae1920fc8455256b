"""All promised figures of speed, side by side in one run, into docs/performance.md.

    python benchmarks/performance.py [--times 3] [--history NAME=ENVIRONMENT]... [--page FILE]

A history is one of the packages that `published.py` names, and the environment the folder of a virtual environment that it is
installed in, with what alembic-proof needs; `benchmarks/public_histories.py` makes such environments. Ends with status 1, and
says which, if a promised ratio is missed.
"""

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cold
import public_rows
import warm
from bench import Bench
from figures import Table, lines, markdown

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"

Section = Callable[[Bench], Iterator[Table]]

SECTIONS: tuple[Section, ...] = (
    cold.start_up,
    cold.against_pytest_alembic,
    cold.two_cores,
    cold.memory,
    warm.pull_requests,
    public_rows.public_histories,
)
"""What is measured, in the order of the page. A section yields its tables; one of its own module is added here."""


def main() -> None:
    """Measure, print, write the page."""
    parser = argparse.ArgumentParser(description="Measure every promised figure of speed.")
    parser.add_argument("--times", type=int, default=3, help="rounds; the best count")
    parser.add_argument("--revisions", type=int, default=300)
    parser.add_argument("--history", action="append", default=[], metavar="NAME=ENVIRONMENT", help="a published package")
    parser.add_argument("--only", action="append", metavar="SECTION", help="these sections alone: no page is written")
    parser.add_argument("--page", type=Path, default=PAGE)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    sections = [section for section in SECTIONS if not arguments.only or section.__name__ in arguments.only]
    tables: list[Table] = []
    with tempfile.TemporaryDirectory(prefix="alembic-proof-benchmark-") as name, contextlib.ExitStack() as open_servers:
        bench = Bench(Path(name), arguments.revisions, arguments.times, public_rows.environments(arguments.history), open_servers)
        for section in sections:
            for table in section(bench):
                tables.append(table)
                print("\n".join(lines(table)), flush=True)
    if not arguments.only:
        given = "".join(f" --history {one.partition('=')[0]}=ENVIRONMENT" for one in arguments.history)
        arguments.page.write_text(markdown(tables, f"python benchmarks/performance.py{given}", load), encoding="utf-8")
    missed = [f"{table.title}: {name}" for table in tables for name in table.missed]
    sys.exit("\nMissed: " + "; ".join(missed) + "." if missed else 0)


if __name__ == "__main__":
    main()
