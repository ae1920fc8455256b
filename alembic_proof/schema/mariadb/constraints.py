"""Keys, CHECK constraints and indexes of MariaDB and MySQL. A unique index and a unique constraint are one thing here."""

from collections import defaultdict
from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from alembic_proof.schema.mariadb.tables import Objects, text
from alembic_proof.schema.snapshot import Fetch, Key, Value

_FIRST, _THIRD = itemgetter(0), itemgetter(2)
_STATISTICS = """
SELECT s.SEQ_IN_INDEX, s.TABLE_NAME, s.INDEX_NAME, s.NON_UNIQUE, s.COLUMN_NAME, s.COLLATION, s.SUB_PART, s.INDEX_TYPE,
       s.INDEX_COMMENT, {hidden}, {expression}
FROM information_schema.STATISTICS s WHERE s.TABLE_SCHEMA = DATABASE()"""
# What information_schema joins and sorts by itself takes several times as long as reading it; so that is done here.
_KEY_COLUMNS = """
SELECT TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION, COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME,
       REFERENCED_COLUMN_NAME, DATABASE()
FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL"""
_RULES = """
SELECT TABLE_NAME, CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE
FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = DATABASE()"""
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
    hidden, expression = ("s.IGNORED", "NULL") if is_mariadb else ("IF(s.IS_VISIBLE = 'YES', 'NO', 'YES')", "s.EXPRESSION")
    indexes: defaultdict[tuple[str, str], list[list[str | None]]] = defaultdict(list)
    for row in sorted(fetch(_STATISTICS.format(hidden=hidden, expression=expression)), key=_FIRST):
        _, *values = map(text, row)
        indexes[str(values[0]), str(values[1])].append(values[2:])
    objects: Objects = {}
    for (table, name), terms in indexes.items():
        kind = "primary key" if name == "PRIMARY" else "unique" if terms[0][0] == "0" else "index"
        objects[Key(kind, None, table, name)] = _index(terms)
    objects |= _foreign_keys(fetch)
    for row in fetch(_CHECKS_OF_MARIADB if is_mariadb else _CHECKS_OF_MYSQL):
        checked, constraint, clause, last = map(text, row)
        properties: dict[str, Value] = {"expression": clause}
        properties |= {"of_column": last == "Column"} if is_mariadb else {"enforced": last == "YES"}
        objects[Key("check", None, str(checked), str(constraint))] = properties
    return objects


def _index(terms: list[list[str | None]]) -> Mapping[str, Value]:
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


def _foreign_keys(fetch: Fetch) -> Objects:
    rules = {(text(table), text(name)): (text(update), text(delete)) for table, name, update, delete in fetch(_RULES)}
    rows: defaultdict[tuple[str, str], list[list[Any]]] = defaultdict(list)
    for row in sorted(fetch(_KEY_COLUMNS), key=_THIRD):
        table, name, _, *values = map(text, row)
        rows[str(table), str(name)].append(values)
    objects: Objects = {}
    for (table, name), columns in rows.items():
        _, schema, referred, _, database = columns[0]
        on_update, on_delete = rules[table, name]
        objects[Key("foreign key", None, table, name)] = {
            "columns": tuple(column[0] for column in columns),
            "referred_table": referred if schema == database else f"{schema}.{referred}",
            "referred_columns": tuple(column[3] for column in columns),
            "on_delete": on_delete,
            "on_update": on_update,
        }
    return objects
