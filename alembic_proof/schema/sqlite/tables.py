"""A SQLite table as schema objects: pragmas for the structure, the stored statement for what they leave out."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import itemgetter

from alembic_proof.schema.snapshot import Key, Value
from alembic_proof.schema.sqlite.expressions import normal_text
from alembic_proof.schema.sqlite.lexer import quoted, tokens, written
from alembic_proof.schema.sqlite.pragmas import ForeignKeyRows, IndexRows, TableRows
from alembic_proof.schema.sqlite.stored_index import parse_index
from alembic_proof.schema.sqlite.stored_table import Constraint, StoredTable, parse_table

Objects = dict[Key, Mapping[str, Value]]

_EXPRESSION = -2  # the column number that pragma index_xinfo gives to an expression
_TELLTALE = ("CONSTRAINT", "CHECK", "COLLATE", "GENERATED", "AS", "AUTOINCREMENT", "DEFERRABLE", "CONFLICT")
_PLACE_IN_KEY = itemgetter(5)
_GENERATED = {2: "VIRTUAL", 3: "STORED"}  # pragma table_xinfo's column "hidden"
_TRUTH = {"TRUE": "1", "FALSE": "0"}  # two words for two integers, sqlite.org/lang_expr.html: Boolean Expressions


def stored_parts(sql: str) -> StoredTable:
    """Parse a stored CREATE TABLE, if a word in it says that it holds what the pragmas do not tell."""
    upper = sql.upper()
    for word in _TELLTALE:  # any() would make a generator for each table
        if word in upper:
            return parse_table(sql)
    return StoredTable()


def table_objects(name: str, rows: TableRows, stored: StoredTable, index_sql: Mapping[str, str]) -> Objects:
    """Turn one table's rows into its objects; `index_sql` holds the stored statements of its indexes by name."""
    objects: Objects = {}
    objects[Key("table", None, None, name)] = {
        "without_rowid": rows.without_rowid,
        "strict": rows.strict,
        "autoincrement": stored.autoincrement,
    }
    collations = {column.casefold(): collation for column, collation in stored.collations.items()}
    objects |= _columns(name, rows, stored, collations)
    written_down = _Written(stored.constraints)
    for kind, constraint_name, properties in (
        *_primary_key(rows, written_down),
        *_uniques(rows, written_down),
        *_foreign_keys(rows, written_down),
        *_checks(stored),
    ):
        objects[_unused(objects, Key(kind, None, name, constraint_name))] = properties
    for index, index_rows in rows.indexes.items():
        if index_rows.origin == "c":
            objects[Key("index", None, name, index)] = _index(index_rows, index_sql[index], collations)
    return objects


def unnamed(columns: tuple[str, ...]) -> str:
    """Name a constraint that has no name by what it stands on."""
    return f"({', '.join(columns)})"


class _Written:
    """The constraints as written, found by kind and columns, whatever the case of the names."""

    def __init__(self, constraints: list[Constraint]) -> None:
        self._found: dict[tuple[str, str], list[Constraint]] = {}
        for constraint in constraints:
            key = self._key(constraint.kind, constraint.columns, constraint.referred_table)
            self._found.setdefault(key, []).append(constraint)

    def take(self, kind: str, columns: tuple[str, ...], referred_table: str = "") -> list[Constraint]:
        return self._found.get(self._key(kind, columns, referred_table), [])

    def _key(self, kind: str, columns: tuple[str, ...], referred_table: str) -> tuple[str, str]:
        return kind, ",".join((*columns, referred_table)).casefold()


def _columns(table: str, rows: TableRows, stored: StoredTable, collations: Mapping[str, str]) -> Objects:
    objects: Objects = {
        Key("column", None, table, name): _plain_column(type_, not_null, default, position)
        for position, (_, name, type_, not_null, default, _, _) in enumerate(rows.columns, 1)
    }
    if not (collations or stored.generated or stored.not_null_conflicts):
        return objects
    generated = {column.casefold(): expression for column, expression in stored.generated.items()}
    conflicts = {column.casefold(): conflict for column, conflict in stored.not_null_conflicts.items()}
    for (key, properties), row in zip(objects.items(), rows.columns, strict=True):
        folded, hidden = key.name.casefold(), row[6]
        objects[key] = {
            **properties,
            "collation": collations.get(folded),
            "generated": f"{generated[folded]} {_GENERATED[hidden]}" if generated and hidden in _GENERATED else None,
            "on_conflict": conflicts.get(folded),
        }
    return objects


@lru_cache(maxsize=8192)  # the same few columns stand in table after table: one mapping for all that are alike
def _plain_column(type_: str, not_null: int, default: str | None, position: int) -> Mapping[str, Value]:
    return {
        "type": _type(type_),
        "nullable": not not_null,
        "default": None if default is None else _default(default),
        "collation": None,
        "generated": None,
        "on_conflict": None,
        "position": position,
    }


def _default(stored: str) -> str:
    text = normal_text(stored)
    return _TRUTH.get(text.upper(), text)


def _type(declared: str) -> str:
    return declared.upper() if declared.isalnum() else written(tokens(declared)).upper()


def _primary_key(rows: TableRows, written_down: _Written) -> Iterator[tuple[str, str, Mapping[str, Value]]]:
    columns = tuple([column[1] for column in sorted(filter(_PLACE_IN_KEY, rows.columns), key=_PLACE_IN_KEY)])
    if columns:
        constraint = next(iter(written_down.take("primary key", columns)), None)
        name = (constraint and constraint.name) or unnamed(columns)
        yield "primary key", name, {"columns": columns, "on_conflict": constraint and constraint.on_conflict}


def _uniques(rows: TableRows, written_down: _Written) -> Iterator[tuple[str, str, Mapping[str, Value]]]:
    for index in reversed(rows.indexes.values()):  # the pragma lists the newest first
        if index.origin == "u":
            columns = tuple(name or "" for _, name, _, _ in index.terms)
            for constraint in written_down.take("unique", columns) or (Constraint("unique", None, columns),):
                yield (
                    "unique",
                    constraint.name or unnamed(columns),
                    {"columns": columns, "on_conflict": constraint.on_conflict},
                )


def _foreign_keys(rows: TableRows, written_down: _Written) -> Iterator[tuple[str, str, Mapping[str, Value]]]:
    seen: dict[tuple[tuple[str, ...], str], int] = {}
    for _, key in sorted(rows.foreign_keys.items(), reverse=True):  # the pragma numbers the last one 0
        columns = tuple(key.columns)
        nth = seen.setdefault((columns, key.referred_table), 0)
        seen[columns, key.referred_table] += 1
        constraints = written_down.take("foreign key", columns, key.referred_table)
        constraint = constraints[nth] if nth < len(constraints) else None
        yield "foreign key", (constraint and constraint.name) or unnamed(columns), _foreign_key(key, constraint)


def _foreign_key(key: ForeignKeyRows, constraint: Constraint | None) -> Mapping[str, Value]:
    return {
        "columns": tuple(key.columns),
        "referred_table": key.referred_table,
        "referred_columns": tuple(key.referred_columns),
        "on_delete": key.on_delete,
        "on_update": key.on_update,
        "match": None if key.match == "NONE" else key.match,
        "deferrable": (constraint and constraint.text) or None,
    }


def _checks(stored: StoredTable) -> Iterator[tuple[str, str, Mapping[str, Value]]]:
    for constraint in stored.constraints:
        if constraint.kind == "check":
            yield "check", constraint.name or f"({constraint.text})", {"expression": constraint.text}


def _index(rows: IndexRows, sql: str, collations: Mapping[str, str]) -> Mapping[str, Value]:
    if not rows.partial and not collations and len(rows.terms) == 1 and rows.terms[0][1] is not None:
        return _plain_index(rows.unique, *rows.terms[0][1:])
    stored = parse_index(sql) if rows.partial or _has_expressions(rows) else None
    terms = []
    for position, (_, column, descending, collation) in enumerate(rows.terms):
        term = quoted(column) if column is not None else (stored.terms[position] if stored else "")
        own_collation = collations.get(column.casefold(), "BINARY") if column is not None else "BINARY"
        terms.append(_term(term, collation, own_collation, descending=descending))
    return {"columns": tuple(terms), "unique": rows.unique, "predicate": stored.predicate if stored else None}


@lru_cache(maxsize=8192)
def _plain_index(unique: bool, column: str, descending: bool, collation: str) -> Mapping[str, Value]:  # noqa: FBT001 - as cached
    term = _term(quoted(column), collation, "BINARY", descending=descending)
    return {"columns": (term,), "unique": unique, "predicate": None}


def _term(term: str, collation: str, own_collation: str, *, descending: bool) -> str:
    term += f" COLLATE {collation}" if collation.upper() != own_collation else ""
    return term + (" DESC" if descending else "")


def _has_expressions(rows: IndexRows) -> bool:
    return any(number == _EXPRESSION for number, *_ in rows.terms)


def _unused(objects: Objects, key: Key) -> Key:
    """Tell two unnamed constraints on the same columns apart."""
    count = 1
    unused = key
    while unused in objects:
        count += 1
        unused = Key(key.kind, key.schema, key.table, f"{key.name} #{count}")
    return unused
