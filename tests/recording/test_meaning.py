"""What a recorded statement is about."""

import pytest

from alembic_proof.recording.meaning import meaning_of


def columns(text: str, dialect: str = "postgresql") -> list[str]:
    """The column of each value, with a star where it is written."""
    return [
        f"{'.'.join(filter(None, slot.column)) if slot.column else slot.position if slot.position is not None else '?'}"
        f"{'*' if slot.is_written else ''}"
        for slot in meaning_of(text, dialect).slots
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("INSERT INTO t (a, b) VALUES ({int}::INTEGER, lower({str}))", ["a*", "b*"]),
        ("INSERT INTO t VALUES ({int}, {str})", ["0*", "1*"]),
        ("INSERT INTO t (a) VALUES ({int}) ON CONFLICT (a) DO UPDATE SET b = {int} WHERE t.c > {int}", ["a*", "b*", "t.c"]),
        ("UPDATE s.t SET a={str}, b=(s.t.b + {int}) WHERE s.t.id = {int} AND {int} < t.c", ["a*", "b", "t.id", "t.c"]),
        ("SELECT a FROM t WHERE a IN ({int}) AND b NOT IN ({int}) AND c BETWEEN {int} AND {int}", ["a", "b", "c", "c"]),
        ("SELECT a FROM t WHERE lower(t.a) LIKE {str} AND b = ANY ({list}::INTEGER[]) LIMIT {int}", ["t.a", "b", "?"]),
        ("SELECT a FROM t WHERE b AND {int} = {int}", ["?", "?"]),
        ("SELECT a FROM t WHERE a = (SELECT max(b) FROM u WHERE u.c = {int})", ["u.c"]),
        ("SELECT coalesce({str}) FROM t WHERE {int} = s.t.a", ["?", "t.a"]),
    ],
)
def test_what_values_are_for(text: str, expected: list[str]) -> None:
    """A value is for the column that it is written to or compared with, where the statement tells."""
    assert columns(text) == expected


@pytest.mark.parametrize(
    ("text", "tables", "verb", "writes"),
    [
        ("SELECT a FROM t AS x, s.u y JOIN v USING (id) WHERE EXTRACT(year FROM x.d) = {int} FOR UPDATE OF x", "s.u t v",
         "SELECT", ""),
        ("WITH c AS (SELECT id FROM u), d (x) AS MATERIALIZED (SELECT 1) DELETE FROM ONLY t USING c, w WHERE c.id = t.id",
         "t u w", "DELETE", "t"),
        ("(SELECT a FROM t) UNION SELECT a FROM (SELECT a FROM u) AS v", "t u", "SELECT", ""),
        ('INSERT INTO "Order" SELECT * FROM generate_series({int}, {int})', "order", "INSERT", "order"),
        ("UPDATE t SET a = u.a FROM u WHERE t.x IS DISTINCT FROM u.x", "t u", "UPDATE", "t"),
        ("REPLACE INTO t (a) VALUES ({int})", "t", "REPLACE", "t"),
        ("EXPLAIN SELECT {int}", "", "EXPLAIN", ""),
        ("", "", "", ""),
    ],
)  # fmt: skip
def test_tables(text: str, tables: str, verb: str, writes: str) -> None:
    """Tables are found in every part of a statement; what WITH names, and functions, are none."""
    meaning = meaning_of(text, "postgresql")
    assert sorted(".".join(filter(None, table)) for table in meaning.tables) == tables.split()
    assert (meaning.verb, meaning.writes[1] if meaning.writes else "") == (verb, writes)


def test_aliases_and_what_comes_back() -> None:
    """A column is told by its table's other name too; a star gives what cannot be told."""
    meaning = meaning_of("SELECT DISTINCT x.a AS b, count(*) AS n, c FROM t AS x JOIN u ON true", "sqlite")
    assert dict(meaning.aliases) == {"t": (None, "t"), "x": (None, "t"), "u": (None, "u")}
    assert meaning.gives == (("x", "a"), None, (None, "c"))
    assert meaning_of("SELECT *, a FROM t", "sqlite").gives == ()
    assert meaning_of("INSERT INTO t (a) VALUES ({int}) RETURNING id, t.b", "sqlite").gives == ((None, "id"), ("t", "b"))
    assert meaning_of("DELETE FROM t", "sqlite").gives == ()


@pytest.mark.parametrize(
    ("text", "is_of_the_catalog"),
    [
        ("SELECT name FROM sqlite_master", True),
        ("SELECT 1 FROM pg_catalog.pg_class c JOIN information_schema.tables t ON true", True),
        ("SELECT 1 FROM pg_class, users", False),
    ],
)
def test_the_catalog_is_nobodys(text: str, *, is_of_the_catalog: bool) -> None:
    """A statement that reads the catalog alone is not the application's."""
    assert meaning_of(text, "postgresql").is_of_the_catalog is is_of_the_catalog
