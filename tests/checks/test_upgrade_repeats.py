"""AP304: an upgrade that runs once and not a second time."""

from pathlib import Path

import pytest

from alembic_proof.findings import Outcome
from alembic_proof.testing import PlantedProject
from tests.checks.copies import Planted

CHECKS = ("downgrade-runs", "downgrade-restores-schema", "upgrade-repeats")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_printed_delete_lets_it_repeat(planted: Planted, database: str, request: pytest.FixtureRequest) -> None:
    """Pasted, with the rows that it leaves to the reader filled in, the line silences the finding."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    copy = planted("upgrade_repeats", "bad")
    [finding] = copy.verify(url, checks=CHECKS).findings
    copy.paste(finding)
    copy.replace(str(finding.file), "WHERE ...", "WHERE id = 1")

    assert copy.verify(url, checks=CHECKS).findings == ()


def test_a_failure_that_is_no_insert(tmp_path: Path) -> None:
    """Where no rows are at fault, the fix says what downgrade() is for."""
    flag = tmp_path / "flag"
    project = PlantedProject(tmp_path).revision(
        "a", upgrade=f'from pathlib import Path\nflag = Path({str(flag)!r})\nassert not flag.exists(), "once only"\nflag.touch()'
    )
    [finding] = project.findings(checks=CHECKS)

    assert (finding.code, finding.line) == ("AP304", 13)
    assert finding.what == "The second upgrade, after a downgrade, failed: AssertionError: once only"
    assert "let downgrade() take back what upgrade() did" in finding.fix


def test_another_schema_the_second_time(tmp_path: Path) -> None:
    """An upgrade that decides by rows which it left itself makes two kinds of databases."""
    project = PlantedProject(tmp_path)
    project.revision("a", upgrade='op.create_table("t", sa.Column("id", sa.Integer()))', downgrade='op.drop_table("t")')
    project.revision(
        "b",
        upgrade="""
if op.get_bind().execute(sa.text("SELECT count(*) FROM t")).scalar_one() == 0:
    op.create_index("ix_t_id", "t", ["id"])
    op.execute("INSERT INTO t (id) VALUES (1)")
""",
        downgrade='op.execute("DROP INDEX IF EXISTS ix_t_id")',
    )
    [finding] = project.findings(checks=CHECKS)

    assert finding.what == "Index ix_t_id on table t was there after the first upgrade and not after the second upgrade."
    assert finding.effect == "Two databases at the same revision have different schemas."


def test_a_schema_that_was_not_restored_is_told_once(tmp_path: Path) -> None:
    """Where AP303 says why the second upgrade stops, this check is not proved and silent."""
    project = PlantedProject(tmp_path).revision("a", upgrade='op.create_table("t", sa.Column("id", sa.Integer()))')
    report = project.verify(checks=CHECKS)

    assert [finding.code for finding in report.findings] == ["AP303"]
    [verdict] = [verdict for verdict in report.outcomes if verdict.check == "upgrade-repeats"]
    assert (verdict.outcome, verdict.reason) == (Outcome.NOT_PROVED, "its downgrade did not restore the schema")
