"""The reader of SQLite, 3.40 and later: the main database's whole schema in at most five queries."""

from collections import defaultdict
from collections.abc import Mapping

import msgspec

from alembic_proof.schema.collector import paused_collector
from alembic_proof.schema.snapshot import Fetch, Key, Snapshot
from alembic_proof.schema.sqlite.lexer import tokens, written
from alembic_proof.schema.sqlite.pragmas import read_tables
from alembic_proof.schema.sqlite.stored_table import StoredTable, UnreadableError
from alembic_proof.schema.sqlite.tables import Objects, stored_parts, table_objects

__all__ = ["Looks", "read"]

_MASTER = "SELECT type, name, tbl_name, sql FROM main.sqlite_master WHERE sql IS NOT NULL"
_NOT_READ = ("attached databases", "temporary objects", "the tables behind virtual tables", "PRAGMA settings")


def read(fetch: Fetch) -> Snapshot:
    """Read the whole schema."""
    return Looks()(fetch)


class _Seen(msgspec.Struct, frozen=True):
    """One table as it was last read, and the statements that it was read from: all that its pragmas depend on."""

    statements: tuple[str, ...]
    objects: Objects
    silent_references: tuple[Key, ...]
    is_unreadable: bool


class Looks:
    """Look again and again, and read only the tables whose stored statements changed since the last look."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def __call__(self, fetch: Fetch) -> Snapshot:
        with paused_collector():
            return self._look(fetch)

    def _look(self, fetch: Fetch) -> Snapshot:
        tables: dict[str, str] = {}
        indexes: defaultdict[str, dict[str, str]] = defaultdict(dict)
        others: Objects = {}
        for kind, name, table, sql in fetch(_MASTER):
            if kind == "table":
                if not name.lower().startswith("sqlite_"):
                    tables[name] = sql
            elif kind == "index":
                indexes[table][name] = sql
            else:
                key = Key(kind, None, table if kind == "trigger" else None, name)
                others[key] = {"definition": written(tokens(sql))}
        self._read_what_changed(fetch, tables, indexes)
        objects: Objects = {}
        for seen in self._seen.values():
            objects.update(seen.objects)
        silent_references = [key for seen in self._seen.values() for key in seen.silent_references]
        if silent_references:
            objects.update(_spelt_out(objects, silent_references))
        objects.update(others)
        unreadable = tuple(
            f"names, CHECK constraints and collations of table {name}" for name, seen in self._seen.items() if seen.is_unreadable
        )
        return Snapshot(objects, (*_NOT_READ, *unreadable))

    def _read_what_changed(self, fetch: Fetch, tables: Mapping[str, str], indexes: Mapping[str, Mapping[str, str]]) -> None:
        statements = {name: (sql, *indexes.get(name, {}).values()) for name, sql in tables.items()}
        before, self._seen = self._seen, {}
        changed = [name for name, texts in statements.items() if name not in before or before[name].statements != texts]
        rows = read_tables(fetch, changed) if changed else {}
        for name, sql in tables.items():
            if name not in rows:
                self._seen[name] = before[name]
                continue
            table = rows[name]
            objects: Objects = {}
            is_unreadable = False
            if table.kind == "virtual":
                objects = {Key("virtual table", None, None, name): {"definition": written(tokens(sql))}}
            elif table.kind == "table":
                try:
                    stored = stored_parts(sql)
                except UnreadableError:
                    stored, is_unreadable = StoredTable(), True
                objects = table_objects(name, table, stored, indexes.get(name, {}))
            is_silent = any(not key.referred_columns for key in table.foreign_keys.values())
            silent = tuple(key for key in objects if _is_silent(key, objects)) if is_silent else ()
            self._seen[name] = _Seen(statements[name], objects, silent, is_unreadable)


def _is_silent(key: Key, objects: Objects) -> bool:
    return key.kind == "foreign key" and not objects[key]["referred_columns"]


def _spelt_out(objects: Objects, silent_references: list[Key]) -> Objects:
    """Spell out the columns of foreign keys that name only a table: they are its primary key."""
    primary = {str(key.table).casefold(): properties for key, properties in objects.items() if key.kind == "primary key"}
    spelt_out: Objects = {}
    for key in silent_references:
        referred = primary.get(str(objects[key]["referred_table"]).casefold())
        if referred is not None:
            spelt_out[key] = {**objects[key], "referred_columns": referred["columns"]}
    return spelt_out
