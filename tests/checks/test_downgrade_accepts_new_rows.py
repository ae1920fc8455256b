"""AP503: rows of the new release, and the rollback after them."""

from pathlib import Path

from alembic_proof.findings import Outcome
from alembic_proof.testing import PlantedProject
from tests.checks.row_hazard import batch, table

CHECKS = ("downgrade-accepts-new-rows",)


def test_the_printed_line_lets_the_rollback_through(tmp_path: Path) -> None:
    """Pasted before the line that failed, with a value chosen, the line silences the finding."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("phone", sa.Text(), nullable=False)'), 'op.drop_table("t")')
    change = 'b.alter_column("phone", existing_type=sa.Text(), nullable={})'
    project.revision("b", batch(change.format("True")), batch(change.format("False")))
    [finding] = project.findings(checks=CHECKS)
    code = finding.fix.splitlines()[0].partition(":  ")[2].partition("    #")[0].replace("= ...", "= ''")
    path = tmp_path / str(finding.file)
    path.write_text(
        path.read_text(encoding="utf-8").replace("def downgrade():", f"def downgrade():\n    {code}"), encoding="utf-8"
    )

    assert finding.object == "t.phone"
    assert project.findings(checks=CHECKS) == ()


def test_duplicates_that_only_the_new_schema_admits(tmp_path: Path) -> None:
    """A constraint that the upgrade drops is met by rows that break it when the downgrade makes it again."""
    project = PlantedProject(tmp_path)
    project.revision(
        "a", table('sa.Column("s", sa.String(20), nullable=False), sa.UniqueConstraint("s", name="uq_s")'), 'op.drop_table("t")'
    )
    project.revision("b", batch('b.drop_constraint("uq_s")'), batch('b.create_unique_constraint("uq_s", ["s"])'))
    [finding] = project.findings(checks=CHECKS)

    assert finding.what == "The downgrade failed on two rows of t, written after the upgrade; else it passes."
    assert finding.fix.endswith("before you roll back, on production:  SELECT s, count(*) FROM t GROUP BY s HAVING count(*) > 1")


def test_a_revision_that_is_declared_one_way_is_not_proved(tmp_path: Path) -> None:
    """Its words are the reason."""
    project = PlantedProject(tmp_path).revision(
        "a", table('sa.Column("s", sa.Text())'), 'raise NotImplementedError("no way back")'
    )
    [outcome] = project.verify(checks=CHECKS).outcomes

    assert outcome.outcome is Outcome.NOT_PROVED
    assert "no way back" in str(outcome.reason)


def test_a_check_that_has_changed_is_asked_for(tmp_path: Path) -> None:
    """A CHECK that keeps its name and admits less again: the query is about it, not about the UNIQUE that changed beside it."""
    columns = 'sa.Column("s", sa.String(9), nullable=False), sa.Column("n", sa.Integer())'
    constraints = """sa.CheckConstraint("s IN ('a', 'b')", name="ck_s"), sa.UniqueConstraint("n", name="uq_n")"""
    project = PlantedProject(tmp_path).revision("a", table(f"{columns}, {constraints}"), 'op.drop_table("t")')
    change = """
with op.batch_alter_table("t") as b:
    b.drop_constraint("ck_s", type_="check")
    b.create_check_constraint("ck_s", "s IN ('a', 'b'{})")
    b.drop_constraint("{}")
    b.create_unique_constraint("{}", [{}])
"""
    up, down = change.format(", 'c'", "uq_n", "uq_both", '"id", "n"'), change.format("", "uq_both", "uq_n", '"n"')
    project.revision("b", up, f"op.execute('UPDATE t SET n = id')\n{down}")
    [finding] = project.findings(checks=CHECKS)

    assert finding.seen[0].startswith("t(id=1, s='c'")
    assert finding.fix.endswith("SELECT count(*) FROM t WHERE NOT (s IN ('a', 'b'))")


def test_rows_that_a_revision_refuses_by_itself_are_not_proved(tmp_path: Path) -> None:
    """A raise of its own, with the words for those who meet such rows, says that somebody thought of them."""
    refuse = """
if op.get_bind().execute(sa.text("SELECT count(*) FROM t WHERE s IS NULL")).scalar():
    raise RuntimeError("fill t.s first")
"""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.Text())'), 'op.drop_table("t")')
    project.revision("b", refuse, "pass").revision("c", "op.execute('UPDATE t SET s = s')", refuse)
    report = project.verify(checks=("AP501", "AP503"))
    reasons = {(one.revision, one.check): str(one.reason) for one in report.outcomes if one.outcome is Outcome.NOT_PROVED}

    assert report.findings == ()
    assert reasons["b", "upgrade-accepts-rows"] == "it refuses one row of t by a raise of its own: RuntimeError: fill t.s first"
    assert reasons["c", "downgrade-accepts-new-rows"].startswith("it refuses one row of t by a raise of its own")
