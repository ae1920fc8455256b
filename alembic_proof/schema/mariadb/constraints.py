"""Keys, CHECK constraints and indexes of MariaDB and MySQL. A unique index and a unique constraint are one thing here."""

from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache

from alembic_proof.schema.mariadb.packed import Row, rows, text
from alembic_proof.schema.mariadb.tables import Objects
from alembic_proof.schema.snapshot import Fetch, Key, Value

_IN_DATABASE = "WHERE TABLE_SCHEMA = DATABASE()"
_STATISTICS = (
    "TABLE_NAME", "INDEX_NAME", "SEQ_IN_INDEX", "NON_UNIQUE", "COLUMN_NAME", "COLLATION", "SUB_PART", "INDEX_TYPE",
    "INDEX_COMMENT",
)  # fmt: skip
# What information_schema joins by itself takes several times as long as reading it; so that is done here.
_KEY_COLUMNS = (
    "TABLE_NAME", "CONSTRAINT_NAME", "ORDINAL_POSITION", "COLUMN_NAME", "REFERENCED_TABLE_SCHEMA", "REFERENCED_TABLE_NAME",
    "REFERENCED_COLUMN_NAME", "DATABASE()",
)  # fmt: skip
_RULES = ("TABLE_NAME", "CONSTRAINT_NAME", "UPDATE_RULE", "DELETE_RULE")
_CHECKS_OF_MARIADB = """
SELECT TABLE_NAME, CONSTRAINT_NAME, CHECK_CLAUSE, LEVEL FROM information_schema.CHECK_CONSTRAINTS
WHERE CONSTRAINT_SCHEMA = DATABASE()"""
_CHECKS_OF_MYSQL = """
SELECT t.TABLE_NAME, c.CONSTRAINT_NAME, c.CHECK_CLAUSE, t.ENFORCED FROM information_schema.CHECK_CONSTRAINTS c
JOIN information_schema.TABLE_CONSTRAINTS t
  ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND t.CONSTRAINT_TYPE = 'CHECK'
WHERE c.CONSTRAINT_SCHEMA = DATABASE()"""


def constraint_objects(fetch: Fetch, *, is_mariadb: bool) -> Objects:
    """Read them all in four queries."""
    hidden, expression = ("IGNORED", "NULL") if is_mariadb else ("IF(IS_VISIBLE = 'YES', 'NO', 'YES')", "EXPRESSION")
    indexes: defaultdict[tuple[str, str], list[tuple[str | None, ...]]] = defaultdict(list)
    for table, name, _, *values in rows(
        fetch, (*_STATISTICS, hidden, expression), f"STATISTICS {_IN_DATABASE}", order=2, is_mariadb=is_mariadb
    ):
        indexes[str(table), str(name)].append(tuple(values))
    objects: Objects = {}
    for (owner, index), terms in indexes.items():
        kind = "primary key" if index == "PRIMARY" else "unique" if terms[0][0] == "0" else "index"
        objects[Key(kind, None, owner, index)] = _index(tuple(terms))
    objects |= _foreign_keys(fetch, is_mariadb=is_mariadb)
    for row in fetch(_CHECKS_OF_MARIADB if is_mariadb else _CHECKS_OF_MYSQL):
        checked, constraint, clause, last = map(text, row)
        properties: dict[str, Value] = {"expression": clause}
        properties |= {"of_column": last == "Column"} if is_mariadb else {"enforced": last == "YES"}
        objects[Key("check", None, str(checked), str(constraint))] = properties
    return objects


@lru_cache(maxsize=8192)  # the same few indexes stand on table after table
def _index(terms: tuple[tuple[str | None, ...], ...]) -> Mapping[str, Value]:
    columns = []
    for _, column, order, length, _, _, _, expression in terms:
        more = (f"({length})" if length else "") + (" DESC" if order == "D" else "")
        term = f"({expression})" if column is None else column
        if more and not term.replace("_", "a").isalnum():
            term = "`" + term.replace("`", "``") + "`" if column is not None else term
        columns.append(term + more)
    _, _, _, _, method, comment, hidden, _ = terms[0]
    return {
        "columns": tuple(columns),
        "method": method,
        "ignored": hidden == "YES",
        "comment": comment or None,
    }


def _foreign_keys(fetch: Fetch, *, is_mariadb: bool) -> Objects:
    source = "REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()"
    rules = {
        (table, name): (update, delete) for table, name, update, delete in rows(fetch, _RULES, source, is_mariadb=is_mariadb)
    }
    keys: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    source = f"KEY_COLUMN_USAGE {_IN_DATABASE} AND REFERENCED_TABLE_NAME IS NOT NULL"
    for row in rows(fetch, _KEY_COLUMNS, source, order=2, is_mariadb=is_mariadb):
        keys[str(row[0]), str(row[1])].append(row[3:])
    objects: Objects = {}
    for (table, name), columns in keys.items():
        _, schema, referred, _, database = columns[0]
        on_update, on_delete = rules[table, name]
        objects[Key("foreign key", None, table, name)] = {
            "columns": tuple(str(column[0]) for column in columns),
            "referred_table": referred if schema == database else f"{schema}.{referred}",
            "referred_columns": tuple(str(column[3]) for column in columns),
            "on_delete": on_delete,
            "on_update": on_update,
        }
    return objects
