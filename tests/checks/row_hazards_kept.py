"""Rows that upgrades lose, that stop downgrades, and that do not come back: AP502 to AP504."""

from tests.checks.row_hazard import (
    LOST,
    MOODS,
    NEW_ENUM,
    TEXT,
    TEXT_TYPE,
    RowHazard,
    batch,
    kept_old,
    numbered,
    table,
    to_lax,
    to_strict,
    to_type,
)

PRICE = table('sa.Column("price", sa.Numeric(8, 2), nullable=False)')
WHOLE = (batch(to_type("price", "sa.Numeric(8, 2)", "sa.Integer()")), LOST)
FINER = (batch(to_type("price", "sa.Numeric(8, 2)", "sa.Numeric(10, 2)")), LOST)
OLD_STATE = NEW_ENUM.format(labels="'on'").replace("mood", "state")
NOT_KEPT = (
    RowHazard(
        name="a data migration that depends on the order of rows",
        codes={"AP502"},
        first=table(TEXT),
        bad=(numbered("OVER ()"), 'op.drop_column("t", "n")'),
        clean=(numbered("OVER (ORDER BY id)"), 'op.drop_column("t", "n")'),
        on=("postgresql",),  # others keep rows in the order of their keys
    ),
    RowHazard(
        name="a data migration that comes to something else each time",
        codes={"AP502"},
        first=table(TEXT),
        bad=(
            """
import uuid
op.add_column("t", sa.Column("token", sa.String(36)))
op.execute(f"UPDATE t SET token = '{uuid.uuid4()}'")
""",
            'op.drop_column("t", "token")',
        ),
        clean=(
            batch('b.add_column(sa.Column("made_at", sa.DateTime(), server_default=sa.func.now(), nullable=False))')
            + "\nop.execute('UPDATE t SET s = s')",
            batch('b.drop_column("made_at")'),
        ),
    ),
    RowHazard(
        name="a column with data dropped and added again, empty",
        codes={"AP502", "AP504"},
        first=table(TEXT),
        bad=('op.drop_column("t", "s")', 'op.add_column("t", sa.Column("s", sa.String(50), nullable=True))'),
        clean=('op.add_column("t", sa.Column("x", sa.String(50), nullable=True))', 'op.drop_column("t", "x")'),
    ),
    RowHazard(
        name="fractions cut off",
        codes={"AP502"},
        first=table('sa.Column("price", sa.Numeric(8, 2), nullable=False)'),
        bad=(
            batch('b.alter_column("price", type_=sa.Numeric(8, 0), existing_type=sa.Numeric(8, 2), existing_nullable=False)'),
            LOST,
        ),
        clean=(
            batch('b.alter_column("price", type_=sa.Numeric(9, 2), existing_type=sa.Numeric(8, 2), existing_nullable=False)'),
            LOST,
        ),
        on=("postgresql", "mariadb"),
    ),
    RowHazard(
        name="small letters",
        codes={"AP502"},
        first=table(TEXT),
        bad=("op.execute('UPDATE t SET s = lower(s)')", LOST),
        clean=("op.execute('UPDATE t SET s = s')", LOST),
    ),
    RowHazard(
        name="a table dropped with its rows",
        codes={"AP502"},
        first=table(TEXT),
        bad=('op.drop_table("t")', LOST),
        clean=(kept_old("t") + 'op.rename_table("t", "u")', LOST),
    ),
    RowHazard(
        name="a column moved to a table of its own",
        codes={"AP502"},
        first=table(TEXT),
        bad=(table('sa.Column("t_id", sa.Integer()), sa.Column("s", sa.String(50))', "u") + '\nop.drop_column("t", "s")', LOST),
        clean=(
            kept_old("t.s")
            + table('sa.Column("t_id", sa.Integer()), sa.Column("s", sa.String(50))', "u")
            + "\nop.execute('INSERT INTO u (t_id, s) SELECT id, s FROM t')"
            + '\nop.drop_column("t", "s")',
            LOST,
        ),
    ),
    RowHazard(
        name="a column moved to a table that was there, but for some rows",
        codes={"AP502"},
        first=table(TEXT) + "\n" + table('sa.Column("t_id", sa.Integer()), sa.Column("s", sa.String(50))', "u"),
        bad=(
            "op.execute('INSERT INTO u (t_id, s) SELECT id, s FROM t WHERE length(s) > 1')\n" + 'op.drop_column("t", "s")',
            LOST,
        ),
        clean=(
            kept_old("t.s") + "op.execute('INSERT INTO u (t_id, s) SELECT id, s FROM t')\n" + 'op.drop_column("t", "s")',
            LOST,
        ),
    ),
    RowHazard(
        name="the wrong column moved to a table of its own",
        codes={"AP502"},
        first=table(TEXT) + "\n" + table(TEXT, "p"),
        bad=(
            table('sa.Column("s", sa.String(50))', "u")
            + "\nop.execute('INSERT INTO u (s) SELECT s FROM p')\n"
            + 'op.drop_column("t", "s")',
            LOST,
        ),
        clean=(
            kept_old("t.s")
            + table('sa.Column("s", sa.String(50))', "u")
            + "\nop.execute('INSERT INTO u (s) SELECT s FROM t')\n"
            + 'op.drop_column("t", "s")',
            LOST,
        ),
    ),
    RowHazard(
        name="rows deleted",
        codes={"AP502"},
        first=table('sa.Column("s", sa.String(50), nullable=False)'),
        bad=("op.execute('DELETE FROM t WHERE id > 1')", LOST),
        clean=("op.execute('DELETE FROM t WHERE id < 0')", LOST),
    ),
    RowHazard(
        name="a batch rebuild that deletes the children of its table",
        codes={"AP502"},
        first=table(TEXT, "p")
        + "\n"
        + table('sa.Column("p_id", sa.Integer(), sa.ForeignKey("p.id", ondelete="CASCADE"), nullable=False)', "c"),
        bad=(batch('b.alter_column("s", type_=sa.String(60), existing_type=sa.String(50))', "p"), LOST),
        clean=('op.add_column("p", sa.Column("x", sa.Integer()))', LOST),
        on=("sqlite",),
    ),
    RowHazard(
        name="downgrade fails on a longer text",
        codes={"AP503"},
        first=table(TEXT),
        bad=(
            'op.alter_column("t", "s", type_=sa.String(90), existing_type=sa.String(50))',
            'op.alter_column("t", "s", type_=sa.String(50), existing_type=sa.String(90))',
        ),
        clean=(
            'op.alter_column("t", "s", type_=sa.String(90), existing_type=sa.String(50))',
            """
op.execute("UPDATE t SET s = substr(s, 1, 50)")
op.alter_column("t", "s", type_=sa.String(50), existing_type=sa.String(90))
""",
        ),
        on=("postgresql", "mariadb"),
    ),
    RowHazard(
        name="downgrade of data is pass",
        codes={"AP504"},
        first=table('sa.Column("s", sa.Text(), nullable=False)'),
        bad=(
            "op.execute(sa.update(sa.table('t', sa.column('s'))).values(s=sa.literal('<') + sa.column('s', sa.Text())))",
            "pass",
        ),
        clean=(
            "op.execute(sa.update(sa.table('t', sa.column('s'))).values(s=sa.literal('<') + sa.column('s', sa.Text())))",
            "op.execute('UPDATE t SET s = substr(s, 2)')",
        ),
    ),
    RowHazard(
        name="prices as whole numbers",
        codes={"AP502"},
        first=PRICE,
        bad=WHOLE,
        clean=FINER,
        on=("sqlite", "mariadb"),
    ),
    RowHazard(
        name="prices as whole numbers, which PostgreSQL's NaN is not",
        codes={"AP501", "AP502"},
        first=PRICE,
        bad=WHOLE,
        clean=FINER,
        on=("postgresql",),
    ),
    RowHazard(
        name="texts cut short",
        codes={"AP502"},
        first=table('sa.Column("s", sa.String(50), nullable=False)'),
        bad=("op.execute('UPDATE t SET s = substr(s, 1, 40)')", LOST),
        clean=("op.execute('UPDATE t SET s = substr(s, 1, 50)')", LOST),
    ),
    RowHazard(
        name="moments cut to seconds",
        codes={"AP502"},
        first=table('sa.Column("at", sa.DateTime(), nullable=False)'),
        bad=(batch(to_type("at", "sa.DateTime()", "sa.dialects.postgresql.TIMESTAMP(precision=0)")), LOST),
        clean=(batch(to_type("at", "sa.DateTime()", "sa.DateTime(timezone=True)")) + "\n" + kept_old("t.at"), LOST),
        on=("postgresql",),
    ),
    RowHazard(
        name="moments cut to days",
        codes={"AP502"},
        first=table('sa.Column("at", sa.DateTime(), nullable=False)'),
        bad=(batch(to_type("at", "sa.DateTime()", "sa.Date()")), LOST),
        clean=("op.execute('UPDATE t SET at = at')", LOST),
    ),
    RowHazard(
        name="a rename written as a drop and an add",
        codes={"AP502"},
        first=table(TEXT),
        bad=('op.drop_column("t", "s")\nop.add_column("t", sa.Column("full_text", sa.String(50)))', LOST),
        clean=(
            kept_old("t.s")
            + 'op.alter_column("t", "s", new_column_name="full_text", existing_type=sa.String(50), existing_nullable=True)',
            LOST,
        ),
    ),
    RowHazard(
        name="downgrade forbids NULLs again",
        codes={"AP503"},
        first=table('sa.Column("s", sa.String(50), nullable=False)'),
        bad=(batch(to_lax(TEXT_TYPE)), batch(to_strict(TEXT_TYPE))),
        clean=(batch(to_lax(TEXT_TYPE)), "op.execute(\"UPDATE t SET s = '' WHERE s IS NULL\")\n" + batch(to_strict(TEXT_TYPE))),
    ),
    RowHazard(
        name="downgrade forbids duplicates again",
        codes={"AP503"},
        first=table(TEXT) + '\nop.create_index("ix_s", "t", ["s"], unique=True)',
        bad=('op.drop_index("ix_s", "t")', 'op.create_index("ix_s", "t", ["s"], unique=True)'),
        clean=('op.drop_index("ix_s", "t")', LOST),
    ),
    RowHazard(
        name="downgrade takes a label away",
        codes={"AP503"},
        first="op.execute(\"CREATE TYPE state AS ENUM ('on')\")\n" + MOODS.replace("mood", "state"),
        bad=("op.execute(\"ALTER TYPE state ADD VALUE 'off'\")", OLD_STATE),
        clean=(
            "op.execute(\"ALTER TYPE state ADD VALUE 'off'\")",
            "op.execute(\"UPDATE t SET v = 'on' WHERE v = 'off'\")\n" + OLD_STATE,
        ),
        on=("postgresql",),
    ),
    RowHazard(
        name="downgrade takes a label of a column away",
        codes={"AP503"},
        first="op.execute(\"CREATE TABLE t (id int PRIMARY KEY, v enum('on'))\")",
        bad=("op.execute(\"ALTER TABLE t MODIFY v enum('on', 'off')\")", "op.execute(\"ALTER TABLE t MODIFY v enum('on')\")"),
        clean=(
            "op.execute(\"ALTER TABLE t MODIFY v enum('on', 'off')\")",
            "op.execute(\"UPDATE t SET v = 'on' WHERE v = 'off'\")\nop.execute(\"ALTER TABLE t MODIFY v enum('on')\")",
        ),
        on=("mariadb",),
    ),
)
