"""Tables as rows see them: what refers to what, and what can be filled first."""

import sqlite3

from alembic_proof.rows.tables import Table, in_dependency_order, tables_of, with_relatives
from alembic_proof.schema import sqlite


def tables(*statements: str) -> dict[str, Table]:
    """The tables of a SQLite database in memory."""
    connection = sqlite3.connect(":memory:")
    for statement in statements:
        connection.execute(statement)
    return tables_of(sqlite.read(lambda sql: connection.execute(sql).fetchall()))


def test_what_a_row_needs() -> None:
    """Defaults, counted keys, generated columns, uniques of constraints and indexes, checks by the columns they mention."""
    [table] = tables(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(9) NOT NULL DEFAULT 'x' CHECK (a <> 'b'), b TEXT DEFAULT NULL,"
        " c INT AS (id + 1), UNIQUE (a, b))",
        "CREATE UNIQUE INDEX i ON t (b DESC)",
    ).values()
    key, a, b, c = table.columns

    assert (key.is_counted, key.nullable) == (True, False)
    assert (a.fills_itself, a.checks, b.fills_itself, b.nullable, c.is_generated) == (True, ("a <> 'b'",), False, True, True)
    assert set(table.uniques) == {("id",), ("a", "b"), ("b",)}


def test_parents_come_first_and_circles_are_cut_where_null_is_allowed() -> None:
    """A circle of two tables begins with the one that may leave its reference empty; a table may refer to itself."""
    found = tables(
        "CREATE TABLE a (id INTEGER PRIMARY KEY, b INT NOT NULL REFERENCES b (id))",
        "CREATE TABLE b (id INTEGER PRIMARY KEY, a INT REFERENCES a (id), up INT REFERENCES b)",
        "CREATE TABLE c (id INTEGER PRIMARY KEY, a INT NOT NULL REFERENCES a (id))",
    )

    assert [table.name for table in in_dependency_order(found)] == ["b", "a", "c"]
    assert [key.referred_columns for key in found["b"].foreign_keys] == [("id",), ("id",)]


def test_relatives_are_children_and_all_parents() -> None:
    """A table's rows need its ancestors, and its children show what becomes of them."""
    found = tables(
        "CREATE TABLE top (id INTEGER PRIMARY KEY)",
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, top INT REFERENCES top)",
        "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INT REFERENCES parent, other INT REFERENCES other)",
        "CREATE TABLE other (id INTEGER PRIMARY KEY)",
        "CREATE TABLE far (id INTEGER PRIMARY KEY, child INT REFERENCES child)",
    )

    assert set(with_relatives(found, ["parent"])) == {"top", "parent", "child", "other"}
