"""Equal schemas made in different ways do not differ: the twin of the models, their first migration, a batch rebuild."""

import enum
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import mysql, postgresql

from alembic_proof.schema.diff import compare
from alembic_proof.schema.sentences import line
from alembic_proof.schema.snapshot import Snapshot

CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Mood(enum.Enum):
    SAD = "sad"
    FINE = "fine"


GENERIC: tuple[Any, ...] = (
    sa.BigInteger, sa.Boolean, sa.Date, sa.DateTime, sa.DateTime(timezone=True), sa.Double, sa.Float, sa.Float(24), sa.Integer,
    sa.Interval, sa.JSON, sa.LargeBinary, sa.Numeric, sa.Numeric(10, 2), sa.SmallInteger, sa.String(30), sa.Text, sa.Time,
    sa.Unicode(30), sa.UnicodeText, sa.Uuid, sa.Enum(Mood, name="mood"), sa.Enum("a", "b", name="letters", native_enum=False),
    sa.Enum("c", "d", name="checked", native_enum=False, create_constraint=True), sa.Boolean(create_constraint=True, name="flag"),
    sa.CHAR(3), sa.VARCHAR(9), sa.NUMERIC(5), sa.REAL, sa.TIMESTAMP, sa.String(5, collation="{}"),
)  # fmt: skip
COLLATIONS = {"sqlite": "NOCASE", "postgresql": "C", "mariadb": "utf8mb4_bin"}
OWN: dict[str, tuple[Any, ...]] = {
    "sqlite": (sa.BINARY(4), sa.VARBINARY(4)),
    "postgresql": (
        postgresql.ARRAY(sa.Integer), postgresql.ARRAY(sa.String(5)), postgresql.BIT(3), postgresql.BIT(3, varying=True),
        postgresql.BYTEA, postgresql.CIDR, postgresql.DATERANGE, postgresql.INET, postgresql.INT4MULTIRANGE, postgresql.INT4RANGE,
        postgresql.INTERVAL(fields="DAY TO SECOND", precision=3), postgresql.JSONB, postgresql.MACADDR, postgresql.MACADDR8,
        postgresql.MONEY, postgresql.NUMRANGE, postgresql.OID, postgresql.REGCLASS, postgresql.TIME(precision=3),
        postgresql.TIMESTAMP(timezone=True, precision=3), postgresql.TSQUERY, postgresql.TSRANGE, postgresql.TSTZRANGE,
        postgresql.TSVECTOR, postgresql.ENUM("x", "y", name="letter"),
        postgresql.DOMAIN("positive", sa.Integer, check="VALUE > 0", default="1"),
    ),
    "mariadb": (
        sa.BINARY(4), sa.VARBINARY(4),
        mysql.BIGINT(unsigned=True), mysql.BIT(4), mysql.CHAR(4, charset="latin1"), mysql.DATETIME(fsp=3), mysql.DECIMAL(8, 3),
        mysql.DOUBLE(8, 3), mysql.ENUM("x", "it's"), mysql.FLOAT(8, 3), mysql.INTEGER(display_width=5, zerofill=True),
        mysql.LONGBLOB, mysql.LONGTEXT, mysql.MEDIUMINT, mysql.MEDIUMTEXT, mysql.SET("a", "b"), mysql.TIME(fsp=2),
        mysql.TIMESTAMP(fsp=6), mysql.TINYBLOB, mysql.TINYINT(1), mysql.TINYTEXT,
        mysql.VARCHAR(9, collation="latin1_bin"), mysql.YEAR,
    ),
}  # fmt: skip


def models(kind: str, convention: dict[str, str]) -> sa.MetaData:
    """Every type and every option of a constraint that the database takes."""
    metadata = sa.MetaData(naming_convention=convention)
    types = (*GENERIC, *OWN[kind])
    typed = sa.Table("types", metadata, sa.Column("id", sa.Integer, primary_key=True))
    for number, type_ in enumerate(types):
        made = type_() if isinstance(type_, type) else type_
        if isinstance(made, sa.String) and made.collation == "{}":
            made = sa.String(5, collation=COLLATIONS[kind])
        typed.append_column(sa.Column(f"c{number}", made, comment=None if number % 7 else f"it's number {number}"))
    parent = sa.Table(
        "parent",
        metadata,
        sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("second", sa.String(10), primary_key=True),
        sa.Column("code", sa.String(10), unique=True, nullable=False, index=True),
        sa.Column("order", sa.Integer, index=True, server_default="5"),
        sa.Column("text", sa.String(20), server_default="it's :x"),
        sa.Column("now", sa.DateTime, server_default=sa.func.now()),
        sa.Column("sum", sa.Integer, server_default=sa.text("(1 + 1)")),
        sa.Column("flag", sa.Boolean, server_default=sa.false()),
        sa.Column("double", sa.Integer, sa.Computed('"order" * 2' if kind != "mariadb" else "`order` * 2", persisted=True)),
        sa.CheckConstraint("code <> 'a:b' AND (code LIKE 'x' OR code <> '')", name="code" if convention else None),
        sa.CheckConstraint("first > 0", name="first"),
        sa.Index("ix_two", "code", "text" if kind == "sqlite" else sa.desc("text")),
        comment="the parent's",
    )
    child = sa.Table(
        "child",
        metadata,
        sa.Column("id", sa.BigInteger, sa.Identity(start=5)) if kind == "postgresql" else sa.Column("id", sa.Integer),
        sa.Column("first", sa.Integer),
        sa.Column("second", sa.String(10)),
        sa.Column("code", sa.String(10), sa.ForeignKey("parent.code", ondelete="SET NULL", onupdate="CASCADE")),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["first", "second"], ["parent.first", "parent.second"], name="fk_both", ondelete="CASCADE"),
        sa.UniqueConstraint("first", "code", name="uq_named"),
        sa.UniqueConstraint("second", "code"),
    )
    if kind == "postgresql":
        sa.Index("ix_lower", sa.func.lower(parent.c.code), unique=True)
    if kind != "mariadb":
        child.append_constraint(
            sa.ForeignKeyConstraint(["id"], ["types.id"], name="fk_late", deferrable=True, initially="DEFERRED")
        )
    if kind == "postgresql":
        sa.Index("ix_part", parent.c.text, postgresql_where=parent.c.order > 5, postgresql_include=["code"])
        sa.Index("ix_gin", typed.c[f"c{len(GENERIC)}"], postgresql_using="gin")
        sa.Index("ix_ops", parent.c.code, postgresql_ops={"code": "varchar_pattern_ops"}, postgresql_with={"fillfactor": 50})
        sa.Table(
            "far", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("c", sa.Integer, index=True), schema="app"
        )
        sa.Table(
            "booking",
            metadata,
            sa.Column("during", postgresql.TSRANGE),
            sa.Column("room", sa.Integer),
            postgresql.ExcludeConstraint(("during", "&&"), where=sa.text("room > 0"), using="gist", name="ex_booking"),
            sa.UniqueConstraint("room", name="uq_room", postgresql_nulls_not_distinct=True, postgresql_include=["during"]),
        )
    if kind == "sqlite":
        sa.Index("ix_part", parent.c.text, sqlite_where=parent.c.order > 5)
        sa.Table("counted", metadata, sa.Column("id", sa.Integer, primary_key=True), sqlite_autoincrement=True)
        sa.Table("keyed", metadata, sa.Column("id", sa.Text, primary_key=True), sqlite_with_rowid=False, sqlite_strict=True)
    if kind == "mariadb":
        sa.Index("ix_full", parent.c.text, mariadb_prefix="FULLTEXT")
        sa.Index("ix_length", parent.c.text, mariadb_length=5)
    return metadata


def told(expected: Snapshot, actual: Snapshot) -> list[str]:
    """Each difference in lines, for a failure that can be read."""
    return [text for difference in compare(expected, actual) for text in line(difference)]


@pytest.mark.parametrize("convention", [{}, CONVENTION], ids=["no convention", "convention"])
@pytest.mark.parametrize("server", ["sqlite", "postgresql", "postgresql:16", "mariadb"])
def test_the_twin_equals_the_first_migration(server: str, convention: dict[str, str], new_sheet: Callable[[str], Any]) -> None:
    """What create_all() makes and what the autogenerated first migration makes are told to be equal."""
    twin, migrated = new_sheet(server), new_sheet(server)
    metadata = models(twin.kind, convention)
    if twin.kind == "postgresql":
        twin.draw("CREATE SCHEMA app")
        migrated.draw("CREATE SCHEMA app")
    with twin.engine.begin() as connection:
        metadata.create_all(connection)
    with migrated.engine.begin() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_schemas": migrated.kind == "postgresql", "target_metadata": metadata}
        )
        script = produce_migrations(context, metadata)
        assert script.upgrade_ops is not None
        code = render_python_code(script.upgrade_ops, migration_context=context)
    migrated.paste("from sqlalchemy import Text\nfrom sqlalchemy.dialects import mysql, postgresql\nif True:\n" + code, metadata)
    assert told(twin.look(), migrated.look()) == []


REBUILT = """
CREATE TABLE parents (id INTEGER NOT NULL, name VARCHAR(20) DEFAULT 'x' NOT NULL, born DATE DEFAULT CURRENT_DATE, n NUMERIC(10,2),
  CONSTRAINT pk_parents PRIMARY KEY (id), CONSTRAINT uq_name UNIQUE (name), CONSTRAINT ck_n CHECK (n > 0 and name != ''));
CREATE TABLE children (id INTEGER PRIMARY KEY NOT NULL, parent INTEGER, "order" INTEGER DEFAULT (1+1),
  CONSTRAINT fk_parent FOREIGN KEY(parent) REFERENCES parents (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED);
CREATE INDEX ix_name ON parents (name, born)
"""


def test_a_batch_rebuild_gives_no_difference(new_sheet: Callable[[str], Any]) -> None:
    """Tables that Alembic's batch mode made anew, and that SQLite now stores as another text, are equal to what they were."""
    sheet = new_sheet("sqlite").draw(REBUILT)
    before = sheet.look()
    for table in ("parents", "children"):
        sheet.paste(f"with op.batch_alter_table({table!r}, recreate='always') as batch:\n    pass")
    assert told(before, sheet.look()) == []


SPELLINGS = (
    ("CREATE TABLE t (a INTEGER, CHECK (a > 0 AND (a <> 5)))", 'create table "t" ([a] integer , check ( ((a)>0) and a != 5 ))'),
    ("CREATE TABLE t (a TEXT DEFAULT ('x'))", "CREATE TABLE t (a text DEFAULT 'x' /* a comment */)"),
    ("CREATE TABLE t (a INT, b INT AS (a + 1))", "CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS ((a) + 1) VIRTUAL)"),
    ("CREATE TABLE t (a INTEGER PRIMARY KEY)", "CREATE TABLE t (a INTEGER, PRIMARY KEY (a))"),
    ("CREATE TABLE t (a INT CONSTRAINT u UNIQUE)", "CREATE TABLE t (a INT, CONSTRAINT u UNIQUE (a))"),
    (
        "CREATE TABLE t (a INT); CREATE INDEX i ON t (a) WHERE a IS NOT NULL",
        'CREATE TABLE t (a INT); create index "i" on "t" ( "a" asc ) where (a is not null)',
    ),
)


@pytest.mark.parametrize(("one", "other"), SPELLINGS)
def test_two_spellings_of_one_sqlite_schema(one: str, other: str, new_sheet: Callable[[str], Any]) -> None:
    """Quotes, case, spaces, comments, needless parentheses and the place of a constraint make no difference."""
    first, second = (new_sheet("sqlite").draw(text.split("; ")).look() for text in (one, other))
    assert told(first, second) == []


DIFFERENT = (
    ("(a OR b) AND c", "a OR b AND c"),
    ("a - (b - c)", "a - b - c"),
    ("NOT (a AND b)", "NOT a AND b"),
    ("-(a || b)", "-a || b"),
    ("a IN (1, 2)", "a IN (1, 3)"),
    ("a = 'x'", "a = 'X'"),
    ("(a = b) = c", "a = (b = c)"),
    ("a BETWEEN (b AND c) AND d", "a BETWEEN b AND (c AND d)"),
    ("CASE WHEN a THEN b ELSE c END + 1", "CASE WHEN a THEN b ELSE c + 1 END"),
)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_parentheses_that_matter_stay(one: str, other: str, new_sheet: Callable[[str], Any]) -> None:
    """Two CHECKs that mean different things differ."""
    first, second = (
        new_sheet("sqlite").draw(f"CREATE TABLE t (a, b, c, d, CONSTRAINT k CHECK ({text}))").look() for text in (one, other)
    )
    assert [item.key.name for item in compare(first, second)] == ["k"]
