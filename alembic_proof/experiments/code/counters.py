"""The counters of tables: what a rolled back row has counted stays counted, and the migrations above would meet other keys."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from alembic_proof.rows.literals import identifier, literal
from alembic_proof.rows.tables import Table
from alembic_proof.schema.snapshot import Fetch

_FAR = 30_000
"""Where PostgreSQL's sequences count meanwhile: beyond the keys that rows are given, and within a smallint."""


@contextmanager
def counters_kept(fetch: Fetch, kind: str, tables: Sequence[Table]) -> Iterator[None]:
    """Put the counters of tables back at the end. SQLite's are part of the transaction."""
    counted = [table for table in tables if any(column.is_counted for column in table.columns)]
    if kind == "postgresql":
        names = [name for table in counted for name in _sequences(fetch, table)]
        before = {name: fetch(f"SELECT last_value, is_called FROM {name}")[0] for name in names}  # noqa: S608 - from the catalog
        for name in names:
            _try(fetch, f"SELECT setval({literal(name, kind)}, {_FAR})")  # a short sequence has its end before that
    try:
        yield
    finally:
        if kind == "postgresql":
            for name, (value, is_called) in before.items():
                fetch(f"SELECT setval({literal(name, kind)}, {value}, {is_called})")
        elif kind in ("mariadb", "mysql"):
            for table in counted:
                # It goes to the next free one; a table with system versioning takes no ALTER, and has a gap.
                _try(fetch, f"ALTER TABLE {identifier(table.name, kind)} AUTO_INCREMENT = 1")


def _try(fetch: Fetch, statement: str) -> None:
    with suppress(Exception):  # every driver has its own
        fetch(statement)


def _sequences(fetch: Fetch, table: Table) -> Iterator[str]:
    full = ".".join(identifier(part, "postgresql") for part in (table.schema, table.name) if part is not None)
    for column in table.columns:
        if column.is_counted:
            asked = f"SELECT pg_get_serial_sequence({literal(full, 'postgresql')}, {literal(column.name, 'postgresql')})"
            name = fetch(asked)[0][0]
            if name is not None:
                yield str(name)
