"""How long a look at a large schema takes, against SQLAlchemy's reflection of the same database in the same run.

    python benchmarks/look.py [--on sqlite] [--on postgresql] [--on mariadb] [--tables 500]

Asserted, with exit status 1, on SQLite and PostgreSQL: a look is at least 15 times as fast as MetaData.reflect(), and the look
after one ALTER TABLE costs less than a fifth of a first one. MariaDB fills information_schema anew for every query, which takes
the server longer than every SHOW CREATE TABLE of a reflection, and it keeps no mark of what changed: there a look is held to 8
times, and the second one is a first one. The three are measured in turns, and each figure is the best of its turns: other work on
the machine only ever adds. As in a walk, one connection changes and looks.
"""

import argparse
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from types import ModuleType

import sqlalchemy as sa

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Database
from alembic_proof.schema import mariadb, postgresql, sqlite
from alembic_proof.schema.snapshot import Snapshot
from alembic_proof.schema.sqlite.stored_table import parse_table

RATIOS = {"sqlite": 15, "postgresql": 15, "mariadb": 8}
AGAIN = 1 / 5
READERS = {"sqlite": sqlite, "postgresql": postgresql, "mariadb": mariadb}
TURNS, LOOKS_A_TURN = 4, 6


@dataclass(frozen=True)
class Measured:
    """Seconds of a first look, of one after a change, and of a reflection; and how many objects a look saw."""

    first: float
    again: float
    reflect: float
    objects: int


def main() -> None:
    """Measure each database asked for, print, and hold the ratios."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--on", action="append", choices=sorted(READERS))
    parser.add_argument("--tables", type=int, default=500)
    arguments = parser.parse_args()
    missed: list[str] = []
    for name in arguments.on or sorted(READERS):
        with closing(open_server(name)) as server:
            database = server.create()
            database.run_script(schema(arguments.tables))
            seen = measure(database, READERS[name])
            print(
                f"{name} {server.version}: {arguments.tables} tables, {seen.objects} objects: look {seen.first * 1000:.0f} ms, "
                f"again after ALTER TABLE {seen.again * 1000:.1f} ms ({seen.again / seen.first:.3f}), "
                f"reflect {seen.reflect * 1000:.0f} ms ({seen.reflect / seen.first:.1f} times a look)"
            )
            missed += misses(name, seen)
    sys.exit("\n".join(missed) or 0)


def misses(name: str, seen: Measured) -> list[str]:
    """Say which ratios are missed."""
    found = []
    if seen.reflect / seen.first < RATIOS[name]:
        found.append(f"{name}: a look is only {seen.reflect / seen.first:.1f} times as fast as reflection")
    if hasattr(READERS[name], "Looks") and seen.again / seen.first >= AGAIN:
        found.append(f"{name}: a second look costs {seen.again / seen.first:.2f} of a first one")
    return found


def schema(tables: int) -> list[str]:
    """Write a schema of tables with 10 columns, 3 indexes and 2 foreign keys each."""
    statements = []
    for number in range(tables):
        plain = ", ".join(f"c{column} varchar(50) DEFAULT 'x' NOT NULL" for column in range(7))
        keys = ", ".join(
            f"CONSTRAINT fk_{number}_{column} FOREIGN KEY ({column}) REFERENCES t{target} (id)"
            for column, target in (("a", max(number - 1, 0)), ("b", 0))
        )
        statements.append(
            f"CREATE TABLE t{number} (id integer NOT NULL, {plain}, a integer, b integer, "
            f"CONSTRAINT pk_{number} PRIMARY KEY (id), {keys})"
        )
        statements += [f"CREATE INDEX ix_{number}_{column} ON t{number} (c{column})" for column in range(3)]
    return statements


def measure(database: Database, reader: ModuleType) -> Measured:
    """Time first looks, looks after one change, and reflections, in turns."""
    engine = sa.create_engine(database.url)
    first, again, reflect = [], [], []
    with database.connect() as fetch, engine.connect() as connection:

        def look_first() -> Snapshot:
            parse_table.cache_clear()  # nothing is known of the schema
            snapshot: Snapshot = reader.read(fetch)
            return snapshot

        look = reader.Looks() if hasattr(reader, "Looks") else reader.read
        objects = len(look(fetch).objects)
        for turn in range(TURNS):
            first += [timed(look_first) for _ in range(LOOKS_A_TURN)]
            for number in range(LOOKS_A_TURN):
                fetch(f"ALTER TABLE t7 ADD COLUMN added_{turn}_{number} integer")
                again.append(timed(lambda: look(fetch)))
            reflect.append(timed(lambda: sa.MetaData().reflect(connection)))
            connection.rollback()
    engine.dispose()
    return Measured(min(first), min(again), min(reflect), objects)


def timed(action: Callable[[], object]) -> float:
    """Give the seconds that something takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
