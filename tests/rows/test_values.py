"""Values that fit a column: each database takes them, at the limits too."""

import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import strategies as st

from alembic_proof.databases.opening import open_server
from alembic_proof.rows.drawing import drawn_from
from alembic_proof.rows.hooks import forget, strategies_for
from alembic_proof.rows.literals import Value, identifier, literal, shown
from alembic_proof.rows.tables import Column, tables_of
from alembic_proof.rows.types import taken_apart
from alembic_proof.rows.values import values_of
from alembic_proof.schema import mariadb, postgresql, sqlite
from alembic_proof.schema.snapshot import Fetch

EVERYWHERE = (
    "SMALLINT", "INTEGER", "BIGINT", "NUMERIC(8, 2)", "NUMERIC(3)", "FLOAT", "REAL", "BOOLEAN", "CHAR(5)", "VARCHAR(1)",
    "CHAR(32)", "CHAR(36)", "VARCHAR(50)", "TEXT", "DATE", "TIME",
)  # fmt: skip
TYPES = {
    "sqlite": (*EVERYWHERE, "", "DATETIME", "TIMESTAMP", "BLOB", "JSON", "FLOATING POINT", "BIG INT", "ANYTHING", "CLOB"),
    "postgresql": (
        *EVERYWHERE, "NUMERIC", "DOUBLE PRECISION", "MONEY", "BYTEA", "UUID", "TIMESTAMP", "TIMESTAMP(0)", "TIMESTAMPTZ",
        "TIMESTAMP(3) WITH TIME ZONE", "TIMETZ", "INTERVAL",
        "JSON", "JSONB", "INET", "CIDR", "MACADDR", "MACADDR8", "TSVECTOR",
        "TSQUERY", "INT4RANGE", "NUMRANGE", "DATERANGE", "TSTZRANGE", "INT8MULTIRANGE", "POINT", "LINE", "LSEG", "BOX", "PATH",
        "POLYGON", "CIRCLE", "BIT(3)", "VARBIT(5)", "PG_LSN", "OID", "NAME", '"char"', "INTEGER[]", "TEXT[]", "VARCHAR(2)[]",
        "TIMESTAMPTZ[]", "BOOLEAN[]", "BYTEA[]", "JSONB[]", "mood", "mood[]", '"Odd ""Mood"', "short", "BIGSERIAL", "REGCLASS",
    ),
    "mariadb": (
        *EVERYWHERE, "TINYINT", "TINYINT UNSIGNED", "MEDIUMINT", "INT UNSIGNED", "BIGINT UNSIGNED", "DECIMAL(65,30)", "DOUBLE",
        "DECIMAL(4,2) UNSIGNED", "DATETIME", "DATETIME(6)", "TIMESTAMP", "TIME(3)", "YEAR", "TINYTEXT", "LONGTEXT", "BLOB",
        "VARBINARY(16)", "BINARY(16)", "JSON", "UUID", "INET6", "BIT(3)", "ENUM('a','it''s')", "SET('a','b')",
    ),
}  # fmt: skip
READERS = {"sqlite": sqlite.read, "postgresql": postgresql.read, "mariadb": mariadb.read}
PREPARE = {
    "postgresql": """CREATE TYPE mood AS ENUM ('sad', 'it''s "ok"'); CREATE TYPE "Odd ""Mood" AS ENUM ('odd');
        CREATE DOMAIN short AS varchar(3) CHECK (VALUE IN ('abc', 'de'))"""
}


@pytest.fixture
def fetch(kind: str, request: pytest.FixtureRequest) -> Iterator[Fetch]:
    """A connection to a scratch database of a kind."""
    server = open_server(kind if kind == "sqlite" else request.getfixturevalue(f"{kind}_url"))
    try:
        with server.create().connect() as connection:
            yield connection
    finally:
        server.close()


@pytest.mark.parametrize("kind", list(TYPES))
def test_the_database_takes_every_value(kind: str, fetch: Fetch) -> None:
    """For every type the plain value, the limits, different ones and drawn ones go in, all as SQL text."""
    for statement in PREPARE.get(kind, "").split(";"):
        if statement:
            fetch(statement)
    mark = identifier("c", kind)
    columns = ", ".join(f"{mark[0]}c{number}{mark[0]} {type_}" for number, type_ in enumerate(TYPES[kind]))
    fetch(f"CREATE TABLE t ({columns})")
    [table] = tables_of(READERS[kind](fetch)).values()

    refused = {}
    for column, declared in zip(table.columns, TYPES[kind], strict=True):
        values = values_of(column, kind)
        assert values is not None, column
        drawn = drawn_from(values.strategy(), 5)
        for value in (values.plain, *values.limits, values.nth(1), values.nth(2), *drawn):
            try:
                fetch(f"INSERT INTO t ({identifier(column.name, kind)}) VALUES ({literal(value, kind)})")
            except Exception as error:  # noqa: BLE001 - each driver has its own
                refused[declared, str(value)[:20]] = str(error)
    named_by_a_check = {key for key in refused if key[0] == "short"}

    assert {key: words for key, words in refused.items() if key not in named_by_a_check} == {}


def column(type_: str, **more: object) -> Column:
    """A column alone."""
    return Column(table="users", name="c", type=type_, nullable=True, **more)  # type: ignore[arg-type]  # any of its fields


@pytest.mark.parametrize(
    ("type_", "check", "first"),
    [
        (
            "character varying(20)",
            "(status)::text = ANY (ARRAY['active'::character varying, 'gone'::character varying]::text[])",
            "active",
        ),
        ("VARCHAR(20)", "c IN ('it''s', 'b')", "it's"),
        ("TEXT", "c LIKE '%@%'", "a@a"),
        ("TEXT", "length(c) = 3", "aaa"),
        ("INTEGER", "c > 17", 18),
        ("NUMERIC(8, 2)", "c >= 0.5", Decimal("1.5")),
    ],
)
def test_what_a_check_names_comes_first(type_: str, check: str, first: Value) -> None:
    """The constants of a CHECK are tried before everything else: often it admits nothing else."""
    values = values_of(column(type_, checks=(check,)), "sqlite")

    assert values is not None
    assert values.plain == first


def test_limits_are_those_of_the_type() -> None:
    """Full length, the ends of an integer, the smallest fraction, twins in case, in accents, and but for what is cut off."""
    text, number, price, moment = (
        values_of(column(type_), "postgresql") for type_ in ("character varying(9)", "smallint", "numeric(4,1)", "timestamp")
    )

    assert text is not None
    assert number is not None
    assert price is not None
    assert moment is not None
    assert {"", "A", "\u00e1", "a\u0301", "x" * 9, "x" * 8 + "y"} <= set(text.limits)
    assert {"2024-02-29 00:00:00", "2024-02-29 12:34:56", "2024-02-29 12:34:56.123456"} <= set(moment.limits)
    assert {-32768, 32767, 0} <= set(number.limits)
    assert {Decimal("0.1"), Decimal("999.9"), Decimal("-999.9")} <= set(price.limits)
    assert len({text.nth(n) for n in range(1, 50)}) == 49


def test_an_unknown_type_is_said() -> None:
    """Nothing is guessed for a type that is not known, but on SQLite every name has an affinity."""
    assert values_of(column("geometry"), "postgresql") is None
    assert values_of(column("geometry"), "sqlite") is not None


def test_a_project_knows_better() -> None:
    """What was said with strategies_for goes before what the type would give."""
    strategies_for("users.c", st.sampled_from(["x@example.org", "y@example.org"]))
    try:
        values = values_of(column("geometry"), "postgresql")
    finally:
        forget()

    assert values is not None
    assert {values.plain, *values.limits} <= {"x@example.org", "y@example.org"}


def test_draws_are_the_same_in_every_run() -> None:
    """Nothing is random about a proof."""
    values = values_of(column("TEXT"), "sqlite")

    assert values is not None
    assert drawn_from(values.strategy(), 8) == drawn_from(values.strategy(), 8)


def test_draws_know_nothing_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hypothesis mixes in the constants of loaded modules; an edited application is no reason for other rows."""
    before = drawn_from(st.text(), 100)
    code = tmp_path / "shop.py"
    code.write_text("WORDS = [" + ", ".join(f"'!{number}'" for number in range(400)) + "]\n")
    shop = ModuleType("shop")
    shop.__file__ = str(code)
    monkeypatch.setitem(sys.modules, "shop", shop)

    assert drawn_from(st.text(), 100) == before


def test_types_are_taken_apart() -> None:
    """Arguments may stand in the middle."""
    taken = taken_apart("timestamp(3) with time zone")

    assert (taken.name, taken.number(), taken.suffix) == ("timestamp", 3, "with time zone")


def test_long_values_are_cut_for_a_person() -> None:
    """A value of a thousand characters is told by its beginning and its length."""
    assert shown("x" * 1000) == "'xxxxxxxx...' (1000 characters)"
    assert shown(b"\0" * 50) == "X'0000000000000000...' (50 bytes)"
    assert shown(None) == "NULL"


def test_hypothesis_is_loaded_only_to_draw() -> None:
    """Importing the package, the rows and the command line loads no Hypothesis."""
    code = "import sys, alembic_proof.rows.values, alembic_proof.verify; sys.exit('hypothesis' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_identifiers_differ_where_random_ones_do() -> None:
    """In their first digits and in their last: what is made of a part of one is another for each."""
    for type_ in ("uuid", "CHAR(32)", "CHAR(36)"):
        values = values_of(Column(table="t", name="id", type=type_, nullable=False), "postgresql")
        assert values is not None
        every = [str(values.nth(n)) for n in range(1, 400)]

        assert len({one[:8] for one in every}) == len({one[-8:] for one in every}) == len(every)


def test_what_cannot_be_printed_is_shown_escaped() -> None:
    """A value for a person stands on one line."""
    assert [shown(value) for value in ("a\nb", "é 'x'", "\x00" * 50)] == [
        r"'a\nb'",
        "'é ''x'''",
        r"'\x00\x00\x00\x00\x00\x00\x00\x00...' (50 characters)",
    ]
