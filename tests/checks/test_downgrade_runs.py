"""AP302: a downgrade that fails, and one that is not meant to exist."""

from pathlib import Path

import pytest

from alembic_proof.findings import Outcome
from alembic_proof.testing import PlantedProject
from tests.checks.copies import Planted

CHECKS = ("downgrade-runs", "downgrade-restores-schema", "upgrade-repeats")


def test_the_printed_line_is_the_one_to_correct(planted: Planted) -> None:
    """The place that is named is the one at fault."""
    copy = planted("downgrade_runs", "bad")
    [finding] = copy.verify(checks=CHECKS).findings
    lines = copy.file_of("0002").read_text(encoding="utf-8").splitlines()

    assert (finding.file, finding.line) == (
        "migrations/versions/0002_email_index.py",
        lines.index('    op.drop_index("ix_customer_mail", table_name="customer")') + 1,
    )
    assert finding.fix.startswith(f"correct {finding.file}:{finding.line}, or")
    copy.replace(str(finding.file), "ix_customer_mail", "ix_customer_email")
    assert copy.verify().findings == ()


def test_the_printed_raise_declares_it_one_way(planted: Planted) -> None:
    """Pasted, the raise turns the finding into "not proved", with its words."""
    copy = planted("downgrade_runs", "bad")
    [finding] = copy.verify(checks=CHECKS).findings
    copy.paste(finding)
    report = copy.verify(checks=CHECKS)

    assert report.findings == ()
    assert {verdict.reason for verdict in report.outcomes if verdict.revision == "0002"} == {
        "declared one-way. downgrade() begins with: raise NotImplementedError('why there is no way back')"
    }


@pytest.mark.parametrize(
    ("downgrade", "words"),
    [
        (None, "The revision has no downgrade()."),
        ('raise RuntimeError("restore a backup")', "downgrade() begins with: raise RuntimeError('restore a backup')"),
        ('"""No way back."""\nraise NotImplementedError', "downgrade() begins with: raise NotImplementedError"),
    ],
)
def test_one_way_is_not_proved_with_its_words(tmp_path: Path, downgrade: str | None, words: str) -> None:
    """A revision that says that there is no way back is neither broken nor proved."""
    project = PlantedProject(tmp_path).revision(
        "a", upgrade='op.create_table("t", sa.Column("id", sa.Integer()))', downgrade=downgrade
    )
    report = project.verify(checks=CHECKS)

    assert report.findings == ()
    assert {(verdict.outcome, verdict.reason) for verdict in report.outcomes} == {
        (Outcome.NOT_PROVED, f"declared one-way. {words}")
    }


def test_a_raise_further_down_is_a_failure(tmp_path: Path) -> None:
    """Only a first statement declares: an exception after it is a downgrade that failed half-way."""
    project = PlantedProject(tmp_path).revision("a", downgrade='op.execute("SELECT 1")\nraise RuntimeError("half-way")')

    assert [finding.code for finding in project.findings(checks=CHECKS)] == ["AP302"]
