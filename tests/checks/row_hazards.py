"""What goes wrong with rows, planted: the part that is wrong, and what it is in the clean twin."""

from dataclasses import dataclass
from pathlib import Path

from alembic_proof.findings import Finding
from alembic_proof.testing import ENV_PY, PlantedProject

ROW_CHECKS = ("AP501", "AP502", "AP503", "AP504")
ALL = ("sqlite", "postgresql", "mariadb")
FOREIGN_KEYS_ON = ENV_PY.replace(
    "    with connectable.connect() as connection:\n",
    "    with connectable.connect() as connection:\n"
    "        if connection.dialect.name == 'sqlite':\n"
    "            connection.exec_driver_sql('PRAGMA foreign_keys=ON')\n",
)


@dataclass(frozen=True, kw_only=True)
class RowHazard:
    """Two revisions: the first makes tables, the second is `bad` or `clean`, each (upgrade, downgrade).

    `codes` are those of the bad one; None as a downgrade leaves it out: declared one-way.
    """

    name: str
    codes: set[str]
    first: str
    bad: tuple[str, str | None]
    clean: tuple[str, str | None]
    on: tuple[str, ...] = ALL


def plant_all(root: Path, database: str, *, is_bad: bool) -> PlantedProject:
    """One history of all hazards that a database can show, each after the tables of the one before are dropped."""
    project = PlantedProject(root, env_py=FOREIGN_KEYS_ON)
    for number, hazard in enumerate(on(database)):
        project.revision(f"{number:02}a", upgrade=f"{DROP_ALL}\n{hazard.first}", downgrade=None)
        upgrade, downgrade = hazard.bad if is_bad else hazard.clean
        project.revision(f"{number:02}b", upgrade=upgrade, downgrade=downgrade)
    return project


def on(database: str) -> list[RowHazard]:
    """The hazards that a database can show, in the order of their revisions."""
    return [hazard for hazard in ROW_HAZARDS if database in hazard.on]


def told(findings: tuple[Finding, ...]) -> list[str]:
    """What was found, a line each."""
    return [f"{finding.code} {finding.object}: {finding.what}" for finding in findings]


def table(columns: str, name: str = "t") -> str:
    """A table with a counted key."""
    return f'op.create_table("{name}", sa.Column("id", sa.Integer(), primary_key=True), {columns})'


def batch(code: str, name: str = "t") -> str:
    """Operations of one batch: SQLite rebuilds the table, others alter it."""
    return f'with op.batch_alter_table("{name}") as b:\n    {code}'


def numbered(window: str) -> str:
    """Rows are given numbers, in the order of a window or in none."""
    numbers = f"SELECT id, row_number() {window} AS place FROM t"
    update = f"UPDATE t SET n = numbered.place FROM ({numbers}) AS numbered WHERE numbered.id = t.id"
    return f'op.add_column("t", sa.Column("n", sa.Integer()))\nop.execute("{update}")'


DROP_ALL = """
for name in ("c", "t", "u", "p"):
    op.execute(f"DROP TABLE IF EXISTS {name}")
"""
TEXT = 'sa.Column("s", sa.String(50), nullable=True)'
LOST = None
ROW_HAZARDS = (
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
            "for row in op.get_bind().execute(sa.text('SELECT id, s FROM t LIMIT 500')).all():\n    (row.s or '').strip()",
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
            "found = list(op.get_bind().scalars(sa.text('SELECT s FROM t LIMIT 500')))\nassert len(found) >= len(set(found))",
            "pass",
        ),
    ),
    RowHazard(
        name="a data migration in Python that loads the whole table",
        codes={"AP501"},
        first=table(TEXT),
        bad=("op.get_bind().execute(sa.text('SELECT id, s FROM t ORDER BY id')).all()", "pass"),
        clean=(
            """
last = -(2**31) - 1
part = sa.text("SELECT id, s FROM t WHERE id > :last ORDER BY id LIMIT 10")
while rows := op.get_bind().execute(part, {"last": last}).all():
    last = rows[-1].id
""",
            "pass",
        ),
    ),
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
        clean=('op.rename_table("t", "u")', LOST),
    ),
    RowHazard(
        name="a column moved to a table of its own",
        codes={"AP502"},
        first=table(TEXT),
        bad=(table('sa.Column("t_id", sa.Integer()), sa.Column("s", sa.String(50))', "u") + '\nop.drop_column("t", "s")', LOST),
        clean=(
            table('sa.Column("t_id", sa.Integer()), sa.Column("s", sa.String(50))', "u")
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
        clean=("op.execute('INSERT INTO u (t_id, s) SELECT id, s FROM t')\n" + 'op.drop_column("t", "s")', LOST),
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
            table('sa.Column("s", sa.String(50))', "u")
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
)
