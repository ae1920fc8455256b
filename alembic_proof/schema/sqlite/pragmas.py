"""What SQLite's pragmas tell of tables, in one query for each kind of row, whatever the number of tables."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any

import msgspec

from alembic_proof.schema.snapshot import Fetch

_MANY = 50  # from here on, all tables are asked for at once: a long list of names is slower than reading them all

_table = itemgetter(0)

_TABLES = """
SELECT l.name, l.type, l.wr, l.strict FROM pragma_table_list l WHERE l.schema = 'main'"""
_COLUMNS = """
SELECT m.name, p.name, p.type, p."notnull", p.dflt_value, p.pk, p.hidden
FROM main.sqlite_master m, pragma_table_xinfo(m.name, 'main') p
WHERE m.type = 'table' AND substr(m.sql, 1, 14) <> 'CREATE VIRTUAL'"""
_INDEXES = """
SELECT m.name, l.name, l."unique", l.origin, l.partial, x.cid, x.name, x."desc", x.coll
FROM main.sqlite_master m, pragma_index_list(m.name, 'main') l, pragma_index_xinfo(l.name, 'main') x
WHERE m.type = 'table' AND x.key AND substr(m.sql, 1, 14) <> 'CREATE VIRTUAL'"""
_FOREIGN_KEYS = """
SELECT m.name, p.id, p."table", p."from", p."to", p.on_update, p.on_delete, p.match
FROM main.sqlite_master m, pragma_foreign_key_list(m.name, 'main') p
WHERE m.type = 'table' AND substr(m.sql, 1, 14) <> 'CREATE VIRTUAL'"""


class IndexRows(msgspec.Struct):
    """One index: `terms` holds (column's number, name or None, descending, collation) in order."""

    unique: bool
    origin: str
    partial: bool
    terms: list[tuple[int, str | None, bool, str]] = msgspec.field(default_factory=list)


class ForeignKeyRows(msgspec.Struct):
    """One foreign key. `referred_columns` is empty when it refers to the other table's primary key by silence."""

    referred_table: str
    on_update: str
    on_delete: str
    match: str
    columns: list[str] = msgspec.field(default_factory=list)
    referred_columns: list[str] = msgspec.field(default_factory=list)


class TableRows(msgspec.Struct):
    """All that the pragmas say of one table. `columns` holds (table, name, type, not null, default, pk, hidden) in order."""

    kind: str = "table"
    without_rowid: bool = False
    strict: bool = False
    columns: list[tuple[Any, ...]] = msgspec.field(default_factory=list)
    indexes: dict[str, IndexRows] = msgspec.field(default_factory=dict)
    foreign_keys: dict[int, ForeignKeyRows] = msgspec.field(default_factory=dict)


def read_tables(fetch: Fetch, names: Iterable[str]) -> dict[str, TableRows]:
    """Ask for the tables named, in four queries."""
    wanted = set(names)
    tables: defaultdict[str, TableRows] = defaultdict(TableRows)
    only_listed, only = "", ""
    if len(wanted) < _MANY:
        listed = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(wanted))
        only_listed, only = f" AND l.name IN ({listed})", f" AND m.name IN ({listed})"
    for name, kind, without_rowid, strict in fetch(_TABLES + only_listed):
        table = tables[name]
        table.kind, table.without_rowid, table.strict = kind, bool(without_rowid), bool(strict)
    for name, columns in groupby(fetch(_COLUMNS + only), _table):
        tables[name].columns.extend(columns)
    for name, index, unique, origin, partial, number, column, descending, collation in fetch(_INDEXES + only):
        indexes = tables[name].indexes
        rows = indexes.get(index)
        if rows is None:
            rows = indexes[index] = IndexRows(bool(unique), origin, bool(partial), [])
        rows.terms.append((number, column, bool(descending), collation))
    for name, number, referred, column, referred_column, on_update, on_delete, match in fetch(_FOREIGN_KEYS + only):
        keys = tables[name].foreign_keys
        key = keys.get(number)
        if key is None:
            key = keys[number] = ForeignKeyRows(referred, on_update, on_delete, match, [], [])
        key.columns.append(column)
        if referred_column is not None:
            key.referred_columns.append(referred_column)
    return {name: tables[name] for name in wanted}
