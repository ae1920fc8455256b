"""AP504: rows from before the upgrade, after the way back."""

from pathlib import Path

import pytest

from alembic_proof.findings import Outcome
from alembic_proof.testing import PlantedProject
from tests.checks.copies import Planted
from tests.checks.row_hazard import table

CHECKS = ("downgrade-keeps-rows",)


def test_the_printed_comment_accepts_the_loss(planted: Planted) -> None:
    """Above downgrade(), the printed comment turns the finding into an accepted one."""
    copy = planted("downgrade_keeps_rows", "bad")
    [finding] = copy.verify(checks=CHECKS).findings
    comment = finding.fix[finding.fix.index("# proof:") :]
    copy.replace(str(finding.file), "def downgrade", f"{comment}\ndef downgrade")
    report = copy.verify(checks=CHECKS)

    assert report.findings == ()
    assert [outcome.outcome for outcome in report.outcomes if outcome.revision == "0002"] == [Outcome.ACCEPTED]


def test_values_are_compared_by_what_they_mean(tmp_path: Path) -> None:
    """A document with its keys in another order and a moment in another spelling have come back."""
    project = PlantedProject(tmp_path)
    project.revision("a", table('sa.Column("d", sa.JSON()), sa.Column("at", sa.DateTime())'), 'op.drop_table("t")')
    project.revision(
        "b",
        "op.execute('UPDATE t SET d = json(d)')",
        "op.execute(\"UPDATE t SET d = replace(d, ':', ' : '), at = replace(at, ' ', 'T')\")",
    )

    assert project.findings(checks=CHECKS) == ()


def test_rows_that_vanish_are_named(tmp_path: Path) -> None:
    """Rows that the upgrade deleted, or the downgrade, are shown with one of them."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.String(9))'), 'op.drop_table("t")')
    project.revision("b", "op.execute('UPDATE t SET s = s')", "op.execute('DELETE FROM t WHERE id = 1')")
    [finding] = project.findings(checks=CHECKS)

    assert finding.what.startswith("Rows of t did not come back: 1 of ")
    assert finding.seen == ("t(id=1, s='a')",)
    assert finding.object == "t"


def test_a_downgrade_that_fails_on_old_rows_alone(tmp_path: Path) -> None:
    """What the upgrade makes of old rows can stop a downgrade that takes all new ones."""
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.String(9))'), 'op.drop_table("t")')
    project.revision(
        "b",
        "op.execute(\"UPDATE t SET s = '(old)'\")",
        "found = op.get_bind().execute(sa.text(\"SELECT count(*) FROM t WHERE s = '(old)'\")).scalar_one()\nassert not found",
    )
    [finding] = project.findings(checks=CHECKS)

    assert finding.what == "The downgrade failed on one row of t, written before the upgrade; else it passes."
    assert finding.line == 16


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_schema_that_is_not_restored_has_nothing_to_compare(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Where the downgrade leaves a table or a column out, AP303 tells; this check is not proved."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    project = PlantedProject(tmp_path).revision("a", table('sa.Column("s", sa.String(9))'), 'op.drop_table("t")')
    project.revision("b", 'op.drop_table("t")')
    [outcome] = [one for one in project.verify(url, checks=CHECKS).outcomes if one.revision == "b"]

    assert (outcome.outcome, outcome.reason) == (Outcome.NOT_PROVED, "its downgrade did not restore the schema")
