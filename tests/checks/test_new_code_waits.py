"""AP602: which of schema and code goes first."""

from pathlib import Path

from alembic_proof.findings import Outcome, Severity
from alembic_proof.reports.text import render
from alembic_proof.testing import PlantedProject
from tests.checks.copies import Planted

CHECKS = ("old-code-still-runs", "new-code-waits")


def test_a_note_breaks_nothing(planted: Planted) -> None:
    """What new code waits for is a note beside a proved revision."""
    report = planted("new_code_waits", "bad").verify("sqlite", checks=CHECKS)

    assert [finding.severity for finding in report.findings] == [Severity.NOTE]
    assert {verdict.outcome for verdict in report.outcomes} == {Outcome.PROVED}


def test_the_summary_lists_the_order(tmp_path: Path) -> None:
    """Each revision stands in the row of its order, the rows that ask for care first."""
    project = PlantedProject(tmp_path)
    columns = 'sa.Column("id", sa.Integer(), primary_key=True), sa.Column("v", sa.String(9))'
    project.revision("0001", upgrade=f'op.create_table("t", {columns})')
    project.revision("0002", upgrade='op.create_index("ix", "t", ["id"])')
    project.revision("0003", upgrade='op.execute("ALTER TABLE t RENAME COLUMN v TO w")')
    project.revision("0004", upgrade='op.drop_column("t", "w")')
    lines = render(project.verify(checks=CHECKS)).splitlines()
    start = lines.index("deploy               revisions")

    assert [line.split("   ")[0] + ":" + line.split()[-1] for line in lines[start + 1 : start + 5]] == [
        "needs two releases:0003", "code first:0004", "schema first:0001", "either:0002",
    ]  # fmt: skip


def test_without_the_checks_no_order_is_given(tmp_path: Path) -> None:
    """What was not tried is not listed, neither in the text nor in the document."""
    report = PlantedProject(tmp_path).revision("0001").verify(checks=("upgrade-runs",))

    assert [revision.deploy for revision in report.revisions] == [""]
    assert "deploy" not in render(report)


def test_what_lies_above_a_failure_is_not_proved(tmp_path: Path) -> None:
    """A revision that was not reached has the reason that the walk gives."""
    project = PlantedProject(tmp_path).revision("0001", upgrade="raise ValueError").revision("0002")
    report = project.verify(checks=("new-code-waits",))

    assert {verdict.revision: verdict.reason for verdict in report.outcomes} == {
        "0001": "its upgrade failed",
        "0002": "the upgrade of 0001 below it did not succeed",
    }


def test_a_key_that_grows_is_told_where_it_grew(tmp_path: Path, postgresql_url: str) -> None:
    """New code's rows refer to each other by a column that the old schema lacks; there they refer by what is left of the key."""
    project = PlantedProject(tmp_path)
    project.revision(
        "a",
        upgrade="""
        op.execute("CREATE TABLE g (name text PRIMARY KEY)")
        op.execute("CREATE TABLE p (name text CONSTRAINT fk_p REFERENCES g, v int, PRIMARY KEY (name, v))")
        op.execute("CREATE TABLE c (name text, v int, key text, PRIMARY KEY (name, v, key))")
        op.execute("ALTER TABLE c ADD CONSTRAINT fk_c FOREIGN KEY (name, v) REFERENCES p")
        """,
    )
    project.revision(
        "b",
        upgrade="""
        op.execute("ALTER TABLE c DROP CONSTRAINT fk_c")
        op.execute("ALTER TABLE p DROP CONSTRAINT fk_p")
        for name, key in (("g", "name"), ("p", "name, v"), ("c", "name, v, key")):
            op.execute(f"ALTER TABLE {name} ADD w text NOT NULL DEFAULT 'here'")
            op.execute(f"ALTER TABLE {name} DROP CONSTRAINT {name}_pkey, ADD PRIMARY KEY (w, {key})")
        op.execute("ALTER TABLE p ADD CONSTRAINT fk_g FOREIGN KEY (w, name) REFERENCES g")
        op.execute("ALTER TABLE c ADD CONSTRAINT fk_w FOREIGN KEY (w, name, v) REFERENCES p")
        """,
    )

    assert [one.object for one in project.verify(postgresql_url, checks=CHECKS).findings] == ["g.g_pkey", "p.p_pkey"]
