"""Upgrades that rows stop: AP501."""

from tests.checks.row_hazard import (
    LOST,
    MOODS,
    NEW_ENUM,
    ONLINE,
    TEXT,
    TEXT_TYPE,
    RowHazard,
    batch,
    kept_old,
    new_labels,
    table,
    to_lax,
    to_strict,
    to_type,
)

ORM = """
from sqlalchemy.orm import Session, declarative_base

class Row(declarative_base()):
    __tablename__ = "t"
    id = sa.Column(sa.Integer, primary_key=True)
    s = sa.Column(sa.String)

with Session(op.get_bind()) as session:
    for row in session.scalars(sa.select(Row).order_by(Row.id).limit(500)):
        row.s = row.s if {value}.strip() else row.s
    session.flush()
"""
LIVE_ONCE = """
twin = "SELECT 1 FROM t AS o WHERE o.gone_at IS NULL AND {same} AND o.id < t.id"
op.execute(f"UPDATE t SET gone_at = '2024-01-01 00:00:00' WHERE gone_at IS NULL AND EXISTS ({{twin}})")
live = sa.text("gone_at IS NULL")
op.create_index("ix_s", "t", [sa.text("lower(s)")], unique=True, sqlite_where=live, postgresql_where=live)
"""
REFUSED = (
    RowHazard(
        name="NOT NULL column without default over rows",
        codes={"AP501"},
        first=table(TEXT),
        bad=(batch('b.add_column(sa.Column("n", sa.Integer(), nullable=False))'), batch('b.drop_column("n")')),
        clean=(
            batch('b.add_column(sa.Column("n", sa.Integer(), nullable=False, server_default="0"))'),
            batch('b.drop_column("n")'),
        ),
        on=("sqlite", "postgresql"),  # MariaDB fills in a 0 by itself
    ),
    RowHazard(
        name="unique over duplicates",
        codes={"AP501"},
        first=table(TEXT),
        bad=('op.create_index("ix_s", "t", ["s"], unique=True)', 'op.drop_index("ix_s", "t")'),
        clean=('op.create_index("ix_s", "t", ["s"])', 'op.drop_index("ix_s", "t")'),
    ),
    RowHazard(
        name="unique among rows that are not deleted softly, whose twins in case were left",
        codes={"AP501"},
        first=table('sa.Column("s", sa.String(50), nullable=False), sa.Column("gone_at", sa.DateTime())'),
        bad=(LIVE_ONCE.format(same="o.s = t.s"), LOST),
        clean=(kept_old("t.ix_s") + LIVE_ONCE.format(same="lower(o.s) = lower(t.s)"), LOST),
        on=("sqlite", "postgresql"),
    ),
    RowHazard(
        name="a CHECK that old rows break",
        codes={"AP501"},
        first=table('sa.Column("n", sa.Integer(), nullable=False)'),
        bad=(batch('b.create_check_constraint("ck_n", "n > 0")'), batch('b.drop_constraint("ck_n", type_="check")')),
        clean=(batch('b.create_check_constraint("ck_n", "n = n")'), batch('b.drop_constraint("ck_n", type_="check")')),
    ),
    RowHazard(
        name="a foreign key that old rows break",
        codes={"AP501"},
        first=table(TEXT, "p") + "\n" + table('sa.Column("p_id", sa.Integer())'),
        bad=(batch('b.create_foreign_key("fk_p", "p", ["p_id"], ["id"])'), None),
        clean=(batch('b.create_index("ix_p", ["p_id"])'), batch('b.drop_index("ix_p")')),
        on=("postgresql", "mariadb"),
    ),
    RowHazard(
        name="a shorter text",
        codes={"AP501"},
        first=table(TEXT),
        bad=('op.alter_column("t", "s", type_=sa.String(10), existing_type=sa.String(50))', None),
        clean=('op.alter_column("t", "s", type_=sa.String(90), existing_type=sa.String(50))', None),
        on=("postgresql", "mariadb"),
    ),
    RowHazard(
        name="a data migration in Python that dies on a NULL",
        codes={"AP501"},
        first=table(TEXT),
        bad=("for row in op.get_bind().execute(sa.text('SELECT id, s FROM t LIMIT 500')).all():\n    row.s.strip()", "pass"),
        clean=(
            ONLINE
            + "for row in op.get_bind().execute(sa.text('SELECT id, s FROM t LIMIT 500')).all():\n    (row.s or '').strip()",
            "pass",
        ),
    ),
    RowHazard(
        name="a data migration in Python that dies on duplicates",
        codes={"AP501"},
        first=table('sa.Column("s", sa.String(50), nullable=False)'),
        bad=(
            "found = list(op.get_bind().scalars(sa.text('SELECT s FROM t LIMIT 500')))\nassert len(found) == len(set(found))",
            "pass",
        ),
        clean=(
            ONLINE
            + "found = list(op.get_bind().scalars(sa.text('SELECT s FROM t LIMIT 500')))\nassert len(found) >= len(set(found))",
            "pass",
        ),
    ),
    RowHazard(
        name="a data migration in Python that loads the whole table",
        codes={"AP501"},
        first=table(TEXT),
        bad=("op.get_bind().execute(sa.text('SELECT id, s FROM t ORDER BY id')).all()", "pass"),
        clean=(
            ONLINE
            + """
last = -(2**31) - 1
part = sa.text("SELECT id, s FROM t WHERE id > :last ORDER BY id LIMIT 10")
while rows := op.get_bind().execute(part, {"last": last}).all():
    last = rows[-1].id
""",
            "pass",
        ),
    ),
    RowHazard(
        name="NOT NULL over NULLs",
        codes={"AP501"},
        first=table(TEXT),
        bad=(batch(to_strict(TEXT_TYPE)), batch(to_lax(TEXT_TYPE))),
        clean=(kept_old("t.s") + "op.execute(\"UPDATE t SET s = '' WHERE s IS NULL\")\n" + batch(to_strict(TEXT_TYPE)), LOST),
    ),
    RowHazard(
        name="a smaller integer",
        codes={"AP501"},
        first=table('sa.Column("n", sa.Integer(), nullable=False)'),
        bad=(batch(to_type("n", "sa.Integer()", "sa.SmallInteger()")), LOST),
        clean=(batch(to_type("n", "sa.Integer()", "sa.BigInteger()")), LOST),
        on=("postgresql", "mariadb"),  # SQLite has one kind of integer
    ),
    RowHazard(
        name="an enum without one of its labels",
        codes={"AP501"},
        first="op.execute(\"CREATE TYPE mood AS ENUM ('glad', 'sad')\")\n" + MOODS,
        bad=(NEW_ENUM.format(labels="'glad'"), LOST),
        clean=("op.execute(\"ALTER TYPE mood ADD VALUE 'calm'\")", LOST),
        on=("postgresql",),
    ),
    RowHazard(
        name="an ENUM without one of its labels",
        codes={"AP501"},
        first="op.execute(\"CREATE TABLE t (id int PRIMARY KEY, v enum('glad', 'sad'))\")",
        bad=("op.execute(\"ALTER TABLE t MODIFY v enum('glad')\")", LOST),
        clean=("op.execute(\"ALTER TABLE t MODIFY v enum('glad', 'sad', 'calm')\")", LOST),
        on=("mariadb",),
    ),
    RowHazard(
        name="a CHECK of labels without one of them",
        codes={"AP501"},
        first=table('sa.Column("v", sa.String(9)), sa.CheckConstraint("v IN (\'glad\', \'sad\')", name="ck_v")'),
        bad=(new_labels("'glad'"), LOST),
        clean=(new_labels("'glad', 'sad', 'calm'"), LOST),
    ),
    RowHazard(
        name="a data migration through an ORM session that dies on a NULL",
        codes={"AP501"},
        first=table(TEXT),
        bad=(ORM.format(value="row.s"), "pass"),
        clean=(ONLINE + ORM.format(value="(row.s or '')"), "pass"),
    ),
)
