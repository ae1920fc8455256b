"""Which tables a revision touches: what differs in the schema, and what its statements name."""

import re
from collections.abc import Iterator, Mapping

from alembic_proof.experiments.rows.passage import Observed
from alembic_proof.rows.tables import Table
from alembic_proof.schema.diff import Difference, compare
from alembic_proof.schema.snapshot import Key

_WORD = re.compile(r"\w+")
_LOOKING = re.compile(
    r"\s*(PRAGMA|SHOW|DESCRIBE)\b|.*\b(sqlite_master|pg_catalog|information_schema)\b", re.IGNORECASE | re.DOTALL
)
_DROPPED = re.compile(r"\s*DROP TABLE (?:IF EXISTS )?[\"`]?(\w+)", re.IGNORECASE)
_DELETED = re.compile(r"\s*DELETE FROM [\"`]?(\w+)", re.IGNORECASE)


def touched_tables(observed: Observed, below: Mapping[str, Table], above: Mapping[str, Table]) -> frozenset[str]:
    """Name them in full, those that only one side has too."""
    known = {**below, **above}
    assert observed.after is not None, "a revision that fails on empty tables touches nothing"
    found = {name for difference in compare(observed.before, observed.after) for name in _tables_of(difference)}
    found.update(_named(observed, known))
    return frozenset(found & known.keys())


def rebuilt_tables(observed: Observed, below: Mapping[str, Table], above: Mapping[str, Table]) -> frozenset[str]:
    """Name the tables that were dropped with foreign keys on and are there again: SQLite's batch mode."""
    dropped = (_DROPPED.match(statement) for statement in observed.acting_drops)
    return frozenset(found[1] for found in dropped if found and found[1] in below and found[1] in above)


def deleted_from(observed: Observed) -> frozenset[str]:
    """Name the tables whose rows the revision deletes by statements of its own."""
    return frozenset(found[1] for statement in observed.statements if (found := _DELETED.match(statement)))


def _tables_of(difference: Difference) -> Iterator[str]:
    for key in (difference.key, *difference.parts):
        table = key if key.kind == "table" else key.owner
        if table is not None:
            yield table.full_name
    if difference.key.kind == "table" and difference.renamed_to is not None:
        yield Key("table", difference.key.schema, None, difference.renamed_to).full_name


def _named(observed: Observed, known: Mapping[str, Table]) -> Iterator[str]:
    words = {word for sql in observed.statements if not _LOOKING.match(sql) for word in _WORD.findall(sql)}
    return (full_name for full_name, table in known.items() if table.name in words)
