"""How long a look at a large schema takes, against SQLAlchemy's reflection of the same database in the same run.

    python benchmarks/look.py [--on sqlite] [--on postgresql] [--tables 500]

Asserted: a look is at least 15 times as fast as MetaData.reflect(), and the look after one ALTER TABLE costs less than a fifth of
the first one. Each figure is the best of several, since other work on the machine only ever adds.
"""

import argparse
import time
from collections.abc import Callable
from contextlib import closing
from types import ModuleType

import sqlalchemy as sa

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Database
from alembic_proof.schema import postgresql, sqlite
from alembic_proof.schema.snapshot import Snapshot
from alembic_proof.schema.sqlite.stored_table import parse_table

RATIO, AGAIN = 15, 1 / 5
READERS = {"sqlite": sqlite, "postgresql": postgresql}


def main() -> None:
    """Measure each database asked for, print, and assert."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--on", action="append", choices=sorted(READERS))
    parser.add_argument("--tables", type=int, default=500)
    arguments = parser.parse_args()
    for name in arguments.on or sorted(READERS):
        with closing(open_server(name)) as server:
            database = server.create()
            database.run_script(schema(arguments.tables))
            first, again, reflect, objects = measure(database, READERS[name])
            print(
                f"{name} {server.version}: {arguments.tables} tables, {objects} objects: look {first * 1000:.0f} ms, "
                f"again after ALTER TABLE {again * 1000:.1f} ms ({again / first:.3f}), "
                f"reflect {reflect * 1000:.0f} ms ({reflect / first:.1f} times a look)"
            )
            assert reflect / first >= RATIO, f"a look is only {reflect / first:.1f} times as fast as reflection"
            assert again / first < AGAIN, f"a second look costs {again / first:.2f} of a first one"


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


def measure(database: Database, reader: ModuleType) -> tuple[float, float, float, int]:
    """Time a first look, a look after one change, and a reflection; count the objects seen."""
    with database.connect() as fetch:

        def first() -> Snapshot:
            parse_table.cache_clear()  # nothing is known of the schema
            snapshot: Snapshot = reader.read(fetch)
            return snapshot

        look = reader.Looks()
        objects = len(look(fetch).objects)
        times = []
        for number in range(15):
            database.run_script([f"ALTER TABLE t7 ADD COLUMN added_{number} integer"])
            times.append(timed(lambda: look(fetch)))
        engine = sa.create_engine(database.url)
        with engine.connect() as connection:
            reflect = min(timed(lambda: sa.MetaData().reflect(connection)) for _ in range(3))
        engine.dispose()
        return min(timed(first) for _ in range(15)), min(times), reflect, objects


def timed(action: Callable[[], object]) -> float:
    """Give the seconds that something takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
