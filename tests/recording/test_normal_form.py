"""The form in which statements are recorded."""

import pytest

from alembic_proof.recording.normal import normal_form, parameter_sets, with_types


def normal(statement: str, parameters: object = None, dialect: str = "sqlite", paramstyle: str = "qmark") -> str:
    """Write a statement in its normal form."""
    return with_types(*normal_form(statement, dialect, paramstyle).sent(parameters))


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT a,  b -- why\n  FROM t\n/* where */ WHERE a = 1 ;", "SELECT a, b FROM t WHERE a = {int}"),
        ("SELECT a FROM t WHERE a IN (1, 2, 3)", "SELECT a FROM t WHERE a IN ({int})"),
        ("SELECT a FROM t WHERE a IN (1, 'x', lower('y'))", "SELECT a FROM t WHERE a IN ({int|str}, lower('y'))"),
        ("SELECT a FROM t WHERE (a, b) IN ((1, 'x'), (2, 'y'))", "SELECT a FROM t WHERE (a, b) IN (({int}, {str}))"),
        ("SELECT a FROM t WHERE a IN (SELECT 1 FROM u)", "SELECT a FROM t WHERE a IN (SELECT 1 FROM u)"),
        ("INSERT INTO t (a, b) VALUES (1, x'00'), (-2.5, NULL)", "INSERT INTO t (a, b) VALUES ({int}, {bytes}), ({float}, NULL)"),
        ("INSERT INTO t VALUES (1, 'it''s'), (2, 'b')", "INSERT INTO t VALUES ({int}, {str})"),
        ("SELECT a FROM t WHERE b BETWEEN 1 AND 2 AND c LIKE 'x%' LIMIT 5 OFFSET -1",
         "SELECT a FROM t WHERE b BETWEEN {int} AND {int} AND c LIKE {str} LIMIT {int} OFFSET {int}"),
        ("SELECT strftime('%Y', d), 7, a ->> '$.k' FROM t ORDER BY 1",
         "SELECT strftime('%Y', d), 7, a ->> '$.k' FROM t ORDER BY 1"),
        ('SELECT "a b", `c` FROM "t-1" WHERE "a b"<>-3', 'SELECT "a b", `c` FROM "t-1" WHERE "a b"<>{int}'),
        ("SELECT a FROM t WHERE (b = 1", "SELECT a FROM t WHERE (b = {int})"),
    ],
)  # fmt: skip
def test_values_are_places(statement: str, expected: str) -> None:
    """What differs from one sending to the next is folded; what is part of the statement stays."""
    assert normal(statement) == expected
    again, _ = normal_form(expected, "sqlite", "normal").sent(None)
    assert again == normal_form(statement, "sqlite", "qmark").sent(None)[0], "what is in normal form stays as it is"


@pytest.mark.parametrize(
    ("statement", "parameters", "dialect", "paramstyle", "expected"),
    [
        ("SELECT a FROM t WHERE a = ? AND b IN (?, ?)", (1, "x", None), "sqlite", "qmark",
         "SELECT a FROM t WHERE a = {int} AND b IN ({None|str})"),
        ("INSERT INTO t (a) VALUES (%(a)s::VARCHAR) RETURNING t.id", {"a": "x"}, "postgresql", "pyformat",
         "INSERT INTO t (a) VALUES ({str}::VARCHAR) RETURNING t.id"),
        ("UPDATE t SET a=%(a)s WHERE b %% 2 = %(b)s AND j ? 'k'", {"a": 1.5, "b": 1}, "postgresql", "pyformat",
         "UPDATE t SET a={float} WHERE b % 2 = {int} AND j ? 'k'"),
        ("SELECT a FROM t WHERE a = $2::INTEGER AND b = $1", ("x", 1), "postgresql", "numeric_dollar",
         "SELECT a FROM t WHERE a = {int}::INTEGER AND b = {str}"),
        ("SELECT $tag$it's$tag$, E'\\'' FROM t WHERE a = %s", [True], "postgresql", "format",
         "SELECT $tag$it's$tag$, E'\\'' FROM t WHERE a = {bool}"),
        ('SELECT `a` FROM t # why\nWHERE a = "q" AND b = \'\\\'\' AND c = %s', (b"x",), "mariadb", "format",
         "SELECT `a` FROM t WHERE a = {str} AND b = {str} AND c = {bytes}"),
        ("SELECT date_trunc(%(u)s::VARCHAR, d), lower(%(a)s) FROM t", {"u": "it's", "a": "x"}, "postgresql", "pyformat",
         "SELECT date_trunc('it''s'::VARCHAR, d), lower({str}) FROM t"),
        ("SELECT strftime(?, d, ?) FROM t", ("%Y", 1), "sqlite", "qmark", "SELECT strftime('%Y', d, {int}) FROM t"),
        ("SELECT a FROM t WHERE a = :a AND b = ':b'", {"a": 1}, "sqlite", "named",
         "SELECT a FROM t WHERE a = {int} AND b = {str}"),
    ],
)  # fmt: skip
def test_parameters_of_every_style(statement: str, parameters: object, dialect: str, paramstyle: str, expected: str) -> None:
    """Each driver's placeholders become places with the types of what was given."""
    assert normal(statement, parameters, dialect, paramstyle) == expected


def test_rows_of_an_executemany() -> None:
    """Of many rows some are asked, of one row that one; a driver that was given none has none."""
    assert parameter_sets([(1,), (2,)], is_many=True) == [(1,), (2,)]
    assert parameter_sets((1, 2), is_many=False) == [(1, 2)]
    assert len(parameter_sets([(1,)] * 1000, is_many=True)) < 100
    assert normal("SELECT a FROM t WHERE a = ?", ()) == "SELECT a FROM t WHERE a = {None}"
