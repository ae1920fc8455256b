"""AP303: what a downgrade leaves behind, and what it does not bring back."""

from pathlib import Path

import pytest

from alembic_proof.testing import PlantedProject
from tests.checks.copies import Copy, Planted

CHECKS = ("downgrade-runs", "downgrade-restores-schema", "upgrade-repeats")
TABLE = """
op.create_table(
    "goods",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("name", sa.String(50), nullable=False, server_default="x"),
    sa.Column("price", sa.Numeric(8, 2), nullable=False),
)
op.create_index("ix_goods_name", "goods", ["name"])
"""


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_the_printed_line_restores(planted: Planted, database: str, request: pytest.FixtureRequest) -> None:
    """Pasted where it says, the line silences the finding and makes the upgrade repeat."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    copy = planted("downgrade_restores_schema", "bad")
    [finding] = copy.verify(url, checks=CHECKS).findings
    copy.paste(finding)

    assert copy.verify(url, checks=CHECKS).findings == ()


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_one_paste_settles_what_belongs_together(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    """Where much differs, the first finding of a table has the lines that settle all of it, and the others point there."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    project = PlantedProject(tmp_path).revision("a", upgrade=TABLE, downgrade='op.drop_table("goods")')
    project.revision(
        "b",
        upgrade="""
op.drop_index("ix_goods_name", "goods")
with op.batch_alter_table("goods") as batch:
    batch.alter_column("name", existing_type=sa.String(50), nullable=True, server_default=None, existing_nullable=False)
    batch.alter_column("price", existing_type=sa.Numeric(8, 2), type_=sa.Integer(), existing_nullable=False)
    batch.add_column(sa.Column("colour", sa.String(20)))
op.create_table("shelf", sa.Column("id", sa.Integer()), sa.Column("at", sa.Enum("low", "high", name="height")))
""",
    )
    findings = project.findings(url, checks=CHECKS)
    objects = [finding.object for finding in findings]

    assert {finding.code for finding in findings} == {"AP303"}
    assert set(objects) >= {"goods.colour", "goods.name", "goods.price", "goods.ix_goods_name", "shelf"}
    with_lines = [finding for finding in findings if "settle this too" not in finding.fix]
    assert sorted((finding.object or "").partition(".")[0] for finding in with_lines) == ["goods", "shelf"]
    for finding in with_lines:
        Copy(tmp_path).paste(finding)
    assert project.findings(url, checks=CHECKS) == ()


def test_the_next_upgrade_is_told_where_it_stops(tmp_path: Path) -> None:
    """The effect of something left behind is what the second upgrade said; of something lost, that the old release misses it."""
    project = PlantedProject(tmp_path).revision("a", upgrade=TABLE, downgrade='op.drop_table("goods")')
    project.revision("b", upgrade='op.create_table("shelf", sa.Column("id", sa.Integer()))')
    project.revision("c", upgrade='op.drop_index("ix_goods_name", "goods")', downgrade="pass")
    left, lost = project.findings(checks=CHECKS)

    assert (left.object, left.effect) == ("shelf", "The next upgrade of this revision stops: table shelf already exists")
    assert (lost.object, lost.effect) == (
        "goods.ix_goods_name",
        "After a rollback the database is not what the previous release expects.",
    )


def test_revisions_that_depend_on_each_other_go_down_together(tmp_path: Path) -> None:
    """What one revision makes and another one, tied by depends_on, takes away is no finding."""
    project = PlantedProject(tmp_path).revision("a")
    project.revision("b", upgrade='op.create_table("t", sa.Column("id", sa.Integer()))', down="a")
    project.revision("c", down="a", downgrade='op.drop_table("t")', header='depends_on = "b"')

    assert project.findings(checks=("downgrade-restores-schema",)) == ()


def test_the_order_of_columns_counts_where_it_is_asked_for(tmp_path: Path) -> None:
    """A column that comes back at the end is as it was, unless column_order says otherwise."""
    project = PlantedProject(tmp_path).revision("a", upgrade=TABLE, downgrade='op.drop_table("goods")')
    add = 'op.add_column("goods", sa.Column("name", sa.String(50), nullable=False, server_default="x"))'
    index = 'op.create_index("ix_goods_name", "goods", ["name"])'
    project.revision(
        "b", upgrade='op.drop_index("ix_goods_name", "goods")\nop.drop_column("goods", "name")', downgrade=f"{add}\n{index}"
    )

    assert project.findings(checks=CHECKS) == ()
    project.file("pyproject.toml", "[tool.alembic_proof]\ncolumn_order = true\n")
    assert {(finding.code, finding.object) for finding in project.findings(checks=CHECKS)} == {
        ("AP303", "goods.name"),
        ("AP303", "goods.price"),
    }


def test_a_column_comes_back_with_the_constraint_on_it(tmp_path: Path) -> None:
    """On SQLite a constraint takes a batch and a column does not: together they are put back in one, as pasted."""
    columns = 'sa.Column("id", sa.Integer(), primary_key=True), sa.Column("n", sa.Integer()), sa.Column("o", sa.Integer())'
    project = PlantedProject(tmp_path)
    project.revision("a", f'op.create_table("t", {columns}, sa.UniqueConstraint("n", "o"))', 'op.drop_table("t")')
    drop = 'with op.batch_alter_table("t") as batch_op:\n    batch_op.drop_column("o")'
    first, *_ = project.revision("b", drop, "pass").findings(checks=("AP303",))
    project.revision("b", drop, first.fix.partition(":\n")[2], down="a")

    assert project.findings(checks=("AP302", "AP303")) == ()


def test_what_a_rebuild_lost_on_the_way_up_is_said_of_the_upgrade(tmp_path: Path) -> None:
    """SQLite's batch mode drops triggers and indexes on expressions: the lines go where they are lost, and keep them there."""
    trigger = "CREATE TRIGGER stamp AFTER UPDATE ON t BEGIN SELECT 1; END"
    made = ['op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("s", sa.String(9)))']
    made += ['op.create_index("ix_small", "t", [sa.text("lower(s)")])', f'op.execute("{trigger}")']
    rebuild = 'with op.batch_alter_table("t", recreate="always") as batch_op:\n    '
    up, down = rebuild + 'batch_op.add_column(sa.Column("n", sa.Integer()))', rebuild + 'batch_op.drop_column("n")'
    project = PlantedProject(tmp_path).revision("a", "\n".join(made), 'op.drop_table("t")').revision("b", up, down)
    first, second = project.findings(checks=CHECKS)

    assert [(one.object, one.direction) for one in (first, second)] == [("t.ix_small", "upgrade"), ("t.stamp", "upgrade")]
    assert second.what.startswith("Trigger stamp on table t was lost when upgrade() made the table anew")
    lines = first.fix.partition(":\n")[2]
    project.revision("b", f"{up}\n{lines}", f"{down}\n{lines}", down="a")
    assert project.findings(checks=CHECKS) == ()
    project.revision("b", f"op.drop_index('ix_small', 't')\nop.execute('DROP TRIGGER stamp')\n{up}", down, down="a")
    assert {one.direction for one in project.findings(checks=CHECKS)} == {"downgrade"}
