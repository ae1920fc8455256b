"""AP601's two halves of a column's new name or type: what stood on the column stands on the one that takes its place."""

from pathlib import Path

import pytest

from alembic_proof.pictures import difference_between
from alembic_proof.reports.text import render_findings
from alembic_proof.schema.diff import Difference
from alembic_proof.testing import PlantedProject
from tests.checks.halves import halves

REFERRED = """
op.create_table("shop", sa.Column("id", sa.Integer(), primary_key=True))
op.create_table(
    "t",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("v", sa.Integer(), nullable=False),
    sa.Column("x", sa.Integer()),
    sa.UniqueConstraint("v", name="uq_t_v"),
    sa.UniqueConstraint("x", "v", name="uq_t_x_v"),
    sa.ForeignKeyConstraint(["v"], ["shop.id"], name="fk_t_shop", ondelete="CASCADE"),
    sa.CheckConstraint("x > 0", name="ck_t_x"),
)
op.create_index("ix_t_v_x", "t", ["v", "x"])
op.create_table(
    "child",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("ref", sa.Integer()),
    sa.ForeignKeyConstraint(["ref"], ["t.v"], name="fk_child_t"),
)
"""
ALONE = """
op.create_table(
    "t",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("v", sa.Integer(), nullable=False),
    sa.Column("x", sa.Integer()),
    sa.UniqueConstraint("v", name="uq_t_v"),
    sa.CheckConstraint("v IS NOT NULL OR x IS NOT NULL", name="ck_t_v"),
)
op.create_index("ix_t_v_x", "t", ["v", "x"])
"""
KEY = """
op.create_table("t", sa.Column("v", sa.Integer(), primary_key=True), sa.Column("x", sa.String(9)))
op.create_table("child", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("ref", sa.Integer()),
    sa.ForeignKeyConstraint(["ref"], ["t.v"], name="fk_child_t"))
"""
LOOKED_AT = """
op.create_table(
    "t",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("v", sa.Integer(), server_default="7", nullable=False),
    sa.Column("x", sa.Integer(), sa.Computed("v + 1", persisted=True)),
)
op.create_index("ix_t_some", "t", ["id"], sqlite_where=sa.text("v > 1"), postgresql_where=sa.text("v > 1"))
op.create_index("ix_t_v", "t", ["v"])
op.execute("CREATE VIEW seen AS SELECT id, v FROM t")
"""
RENAME = 'op.execute("ALTER TABLE t RENAME COLUMN v TO w")'
RETYPE = """
with op.batch_alter_table("t") as batch_op:
    batch_op.alter_column("v", existing_type=sa.Integer(), existing_nullable=False, type_=sa.String(9))
"""
RENAME_UNSEEN = f"""
op.execute("DROP VIEW seen")
op.drop_index("ix_t_v", "t")
{RENAME}
op.create_index("ix_t_w", "t", ["w"])
op.execute("CREATE VIEW seen AS SELECT id, w FROM t")
"""
IDENTITY = 'op.create_table("t", sa.Column("v", sa.Integer(), sa.Identity(), primary_key=True), sa.Column("x", sa.Text()))'


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
@pytest.mark.parametrize(("tables", "change"), [(REFERRED, RENAME), (ALONE, RETYPE)], ids=["renamed", "retyped"])
def test_both_halves_leave_what_the_revision_leaves(
    tmp_path: Path, kind: str, tables: str, change: str, request: pytest.FixtureRequest
) -> None:
    """Keys, indexes, checks, references of its own and of others are as wanted; code minds what is accepted, and no more."""
    url = kind if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    project = in_halves(tmp_path, url, tables, change)

    assert left_by_both(project, url) == ()
    (tmp_path / "migrations/versions/b_planted.py").unlink()
    report = project.verify(url, checks=("AP301", "AP601"))
    assert report.findings == (), render_findings(report.findings)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
@pytest.mark.parametrize(("tables", "change"), [(KEY, RENAME), (LOOKED_AT, RENAME_UNSEEN)], ids=["key", "looked at"])
def test_what_holds_a_column_back(tmp_path: Path, kind: str, tables: str, change: str, request: pytest.FixtureRequest) -> None:
    """A counted key that others refer to; a default, a computed column, a view, a predicate, an index of another name."""
    url = kind if kind == "sqlite" else request.getfixturevalue(f"{kind}_url")
    project = in_halves(tmp_path, url, tables, change)

    assert left_by_both(project, url) == ()


def test_a_new_identity_counts_on(tmp_path: Path, postgresql_url: str) -> None:
    """Rows that were there keep their numbers, and the next one gets the number after them."""
    rows = """op.execute("INSERT INTO t (x) VALUES ('a'), ('b')")"""
    project = in_halves(tmp_path, postgresql_url, f"{IDENTITY}\n{rows}", RENAME)
    reads = "assert op.get_bind().execute(sa.text('SELECT array_agg(w ORDER BY w) FROM t')).scalar() == [1, 2, 3]"
    project.revision("d", f"""op.execute("INSERT INTO t (x) VALUES ('c')")\n{reads}""", down="contract")

    assert left_by_both(project, postgresql_url, "d") == ()


def in_halves(root: Path, url: str, tables: str, change: str) -> PlantedProject:
    """Plant a revision, and beside it both halves of its change, the second one with its acceptance."""
    project = PlantedProject(root).revision("a", tables).revision("b", change)
    finding = next(one for one in project.verify(url, checks=("AP601",)).findings if one.object == "t.v")
    expand, contract, accept = halves(finding)
    return project.revision("expand", expand, down="a").revision("contract", contract, header=accept.replace("...", "expand"))


def left_by_both(project: PlantedProject, url: str, head: str = "contract") -> tuple[Difference, ...]:
    """What is otherwise after both halves than after the revision itself."""
    return difference_between(project.project, "b", head, url, lambda *_: None).differences
