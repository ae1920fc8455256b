"""AP503: rows of the new release, and the rollback after them."""

from pathlib import Path

from alembic_proof.findings import Outcome
from alembic_proof.testing import PlantedProject
from tests.checks.row_hazards import batch, table

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
