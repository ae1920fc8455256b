"""--shard and `report merge`: the parts together say what one run says."""

from pathlib import Path

import pytest

from alembic_proof.reports.report import Report
from alembic_proof.reports.stored import read_report
from alembic_proof.testing import PlantedProject
from tests.doors.door import run, run_anew

SETTINGS = """
[tool.alembic_proof]
databases = ["sqlite", "postgresql"]
accept = [
    {check = "AP303", revision = "b", object = "gone", reason = "why"},
    {check = "AP902", object = "gone", reason = "another's"},
]
"""
LEAVES = "op.create_table('left', sa.Column('id', sa.Integer()))"


@pytest.fixture
def project(tmp_path: Path) -> PlantedProject:
    """Five revisions: one leaves a table behind, one has no way back. What is accepted is not there."""
    project = PlantedProject(tmp_path).revision("a").revision("b", LEAVES).revision("c", "pass", None)
    project.file("pyproject.toml", SETTINGS)
    return project.revision("d").revision("e")


def said(report: Report) -> tuple[object, ...]:
    """What a report says, but for the time that it took."""
    outcomes = {(one.check, one.database, one.revision): (one.outcome, one.reason) for one in report.outcomes}
    rest = (report.revisions, report.databases, report.not_compared, report.checks, report.project, report.unused_acceptances)
    return outcomes, set(report.findings), *rest


def test_the_parts_say_what_the_whole_says(project: PlantedProject) -> None:
    """Three parts on two databases, cut by what the whole recorded, merged: the same outcomes, findings, revisions and status."""
    root, on = project.root, ("--on", "sqlite", "--on", "postgresql")
    whole = run(root, "verify", *on, "--format", "json=whole.json")
    files = [f"part{number}.json" for number in (1, 2, 3)]
    for number, file in enumerate(files, 1):
        run(root, "verify", *on, "--shard", f"{number}/3", "--costs", "whole.json", "--format", f"json={file}")
    merged = run(root, "report", "merge", *reversed(files), "--format", "json=merged.json")

    assert whole.status == merged.status == 1
    assert said(read_report(root / "merged.json")) == said(read_report(root / "whole.json"))
    assert [one.object for one in read_report(root / "merged.json").unused_acceptances] == ["gone"]
    for number, file in enumerate(files, 1):
        part = read_report(root / file)
        assert part.unused_acceptances == ()
        assert part.project.shard == f"{number}/3"
        assert 0 < len(part.outcomes) < len(read_report(root / "whole.json").outcomes)

    incomplete = run(root, "report", "merge", *files[:2])
    assert incomplete.status == 2
    assert incomplete.errors == ("alembic-proof: Cannot merge: shard 3/3 is missing. Give the report of every one.",)


def test_a_database_that_is_not_there(project: PlantedProject) -> None:
    """What a part cannot prove for want of a server is not proved, as in one run; it is no error of the part."""
    arguments = ("verify", "--on", "mariadb", "--on", "sqlite", "--checks", "AP301,AP307")
    nothing = {"PATH": ""}
    run(project.root, *arguments, "--format", "json=whole.json", environment=nothing)
    for number in (1, 2):
        ended = run(
            project.root, *arguments, "--shard", f"{number}/2", "--format", f"json=part{number}.json", environment=nothing
        )
        assert ended.status == 0, ended.errors
    assert run_anew(project.root, "report", "merge", "part1.json", "part2.json", "--format", "json=merged.json").status == 0

    assert said(read_report(project.root / "merged.json")) == said(read_report(project.root / "whole.json"))
