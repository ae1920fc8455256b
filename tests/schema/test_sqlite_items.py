"""The way through a stored CREATE TABLE that leaves out what tells nothing finds what a walk over all of it finds."""

import pytest

from alembic_proof.schema.sqlite.lexer import items, tokens
from alembic_proof.schema.sqlite.stored_table import StoredTable, _Parser, _plain_key, parse_table

TELLING = ("CHECK", "CO", "REFERENCES")
STATEMENTS = {
    "plain": ("CREATE TABLE t (a integer, b text COLLATE nocase, c text)", ["b text COLLATE nocase"]),
    "the first": ("CREATE TABLE t (a text COLLATE nocase)", ["a text COLLATE nocase"]),
    "nothing": ("CREATE TABLE t (a integer, b varchar(5) DEFAULT 'x, (y')", []),
    "a type with two numbers before it": (
        "CREATE TABLE t (a NUMERIC(8, 2) CHECK (a > 1), b int)",
        ["a NUMERIC(8, 2) CHECK (a > 1)"],
    ),
    "parentheses in others": (
        "CREATE TABLE t (a int DEFAULT (1 + (2)), CHECK (f(a, (1)) > 0), b int)",
        ["CHECK (f(a, (1)) > 0)"],
    ),
    "quoted names": (
        'CREATE TABLE "a (b" ("x, y" int, [co, d] int REFERENCES `r,s` (a), e int)',
        ["[co, d] int REFERENCES `r,s` (a)"],
    ),
    "comments": ("CREATE TABLE t (a int, -- CHECK, (\n b int /* , */ CHECK (b), c int)", ["b int CHECK (b)"]),
    "strings": (
        "CREATE TABLE t (a text DEFAULT 'it''s CHECK, (', b int REFERENCES r)",
        ["a text DEFAULT 'it''s CHECK, ('", "b int REFERENCES r"],
    ),
    "a minus": ("CREATE TABLE t (a int DEFAULT -1, b int CHECK (b > -1), c int)", ["b int CHECK (b > -1)"]),
    "what stands behind": ("CREATE TABLE t (a int CHECK (a)) STRICT, WITHOUT ROWID", ["a int CHECK (a)"]),
    "other spaces and letters": ("create  table t(a int,b int check(b),c int)", ["b int check(b)"]),
    "a letter that grows in upper case": ("CREATE TABLE straße (ßß int, b int CHECK (b), c int)", ["b int CHECK (b)"]),
    "the name in a temporary schema": ("CREATE TABLE IF NOT EXISTS t (a int, b int CHECK (b))", ["b int CHECK (b)"]),
}


@pytest.mark.parametrize("statement", STATEMENTS)
def test_items(statement: str) -> None:
    """What has a telling word in it is found whole, in order; what has none is left out, whatever it looks like."""
    sql, found = STATEMENTS[statement]
    assert list(items(sql, TELLING)) == [tokens(text) for text in found]


def test_parentheses_that_do_not_close() -> None:
    """A statement that ends in the middle is an error, not a loop."""
    for sql in ("CREATE TABLE t (a int, b int CHECK (b)", "CREATE TABLE t (a int, b int", 'CREATE TABLE "t" ("a" int CHECK ('):
        with pytest.raises(IndexError):
            list(items(sql, TELLING))


@pytest.mark.parametrize(
    "text",
    [
        "CONSTRAINT pk PRIMARY KEY (id)", "constraint fk foreign key (a) references b (c)", "CONSTRAINT uq UNIQUE (id, a)",
        "CONSTRAINT fk FOREIGN KEY (a) REFERENCES key (c)", "CONSTRAINT ck CHECK (a > 1)",
        'CONSTRAINT "fk 1" FOREIGN KEY ("a,b") REFERENCES "r" ("c")',
    ],
)  # fmt: skip
def test_plain_keys_are_read_as_the_parser_reads_them(text: str) -> None:
    """The short way for a key of one column comes to what the whole parser comes to, or leaves it to that."""
    table = StoredTable()
    _Parser(tokens(text), table).parse()
    assert _plain_key(tokens(text)) in (None, *table.constraints)
    assert parse_table(f"CREATE TABLE t (x int, {text})").constraints == table.constraints
