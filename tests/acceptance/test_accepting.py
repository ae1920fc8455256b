"""Accepting in a project: in the file, in pyproject.toml, for a beginning."""

import re
import tomllib
from pathlib import Path

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.findings import Outcome
from alembic_proof.reports.report import Report
from alembic_proof.reports.text import render
from alembic_proof.testing import PlantedProject
from alembic_proof.verify import Request, verify
from tests.doors.door import run, run_anew

CHECKS = ("upgrade-runs", "downgrade-runs", "downgrade-restores-schema")
LEAVES = 'op.create_table("left", sa.Column("id", sa.Integer()))'


def leaving(root: Path, header: str = "") -> PlantedProject:
    """A project whose one revision leaves a table behind."""
    return PlantedProject(root).revision("a1", LEAVES, "pass", header=header)


def proved(project: PlantedProject, *databases: str, accepting: bool = True) -> Report:
    """The report on these databases, or on those of the settings."""
    return verify(Request(project=project.project, databases=databases, checks=CHECKS, forking=True, accepting=accepting))


def test_accepted_in_the_file(tmp_path: Path) -> None:
    """The finding is counted and shown with its reason, breaks nothing, and is broken again with `accepting` off."""
    project = leaving(tmp_path, "# proof: accept AP303 left -- nobody goes back past this")
    report = proved(project)

    assert (report.findings, report.unused_acceptances) == ((), ())
    assert [(one.finding.object, one.acceptance.line) for one in report.accepted] == [("left", 8)]
    [outcome] = [verdict for verdict in report.outcomes if verdict.outcome is Outcome.ACCEPTED]
    assert (outcome.check, outcome.revision, outcome.reason) == (
        "downgrade-restores-schema", "a1", "nobody goes back past this",
    )  # fmt: skip
    text = render(report)
    assert "Accepted\n  downgrade-restores-schema: nobody goes back past this\n    a1 left\n" in text
    assert "Nothing broken; 2 proved, 0 not proved, 1 accepted (1 revision" in text
    shown = proved(project, accepting=False)
    assert [finding.object for finding in shown.findings] == ["left"]
    assert (shown.accepted, shown.unused_acceptances) == ((), ())


@pytest.mark.parametrize(
    ("accept", "broken", "unused"),
    [
        ('check = "AP303"\nobject = "left"\nreason = "why"', 0, 0),
        ('check = "AP303"\nrevision = "a1"\nreason = "why"\nuntil = 2999-01-01', 0, 0),
        ('check = "AP303"\nobject = "left"\nreason = "why"\nuntil = 2020-01-01', 1, 0),
        ('check = "AP303"\nobject = "lef"\nreason = "why"', 1, 1),
        ('check = "AP303"\nrevision = "b2"\nreason = "why"', 1, 1),
    ],
)
def test_accepted_in_the_settings(tmp_path: Path, accept: str, broken: int, unused: int) -> None:
    """By revision, by object, up to a day; what matches nothing is told with its place."""
    project = leaving(tmp_path).file("pyproject.toml", f"[project]\nname = 'x'\n\n[[tool.alembic_proof.accept]]\n{accept}\n")
    report = proved(project)

    assert (len(report.findings), len(report.unused_acceptances)) == (broken, unused)
    assert [(one.file, one.line) for one in report.unused_acceptances] == [("pyproject.toml", 4)] * unused
    assert ("Accepted, and not found" in render(report)) is bool(unused)


def test_a_run_on_some_databases_tells_of_nothing_unused(tmp_path: Path) -> None:
    """What may be accepted for another database than those of this run is left in peace."""
    project = leaving(tmp_path, "# proof: accept AP303 other -- on the server")
    settings = 'databases = ["sqlite", "mariadb"]'
    project.file("pyproject.toml", f"[tool.alembic_proof]\n{settings}\n")

    assert proved(project, "sqlite").unused_acceptances == ()
    project.file("pyproject.toml", '[tool.alembic_proof]\ndatabases = ["sqlite"]\n')
    assert [one.object for one in proved(project, "sqlite").unused_acceptances] == ["other"]


@pytest.mark.parametrize(
    ("accept", "words"),
    [
        ('check = "AP303"\nobject = "left"', 'Cannot accept AP303 in pyproject.toml:2: it gives no reason. Add reason = "..."'),
        (
            'check = "AP303"\nreason = "why"',
            "Cannot accept AP303 in pyproject.toml:2: it names neither a revision nor an object.",
        ),
        ('check = "AP33"\nobject = "t"\nreason = "why"', 'Cannot accept AP33 in pyproject.toml:2: there is no check "AP33".'),
    ],
)
def test_a_table_that_is_not_right(tmp_path: Path, accept: str, words: str) -> None:
    """No reason, nothing named, no such check: one line with the place, before anything runs."""
    project = leaving(tmp_path).file("pyproject.toml", f"\n# ours\n[[tool.alembic_proof.accept]]\n{accept}\n")

    with pytest.raises(ProofError, match=f"^{re.escape(words)}"):
        proved(project)


def test_tables_in_another_form_have_no_line(tmp_path: Path) -> None:
    """An inline list is read as well; TOML does not tell its lines."""
    accept = '[tool.alembic_proof]\naccept = [{check = "AP303", object = "gone", reason = "why"}]\n'

    [unused] = proved(leaving(tmp_path).file("pyproject.toml", accept)).unused_acceptances
    assert (unused.file, unused.line) == ("pyproject.toml", None)


def test_the_command_line(tmp_path: Path) -> None:
    """`baseline` accepts what is there, once; `verify` is clean, `--no-accept` is not, a new sin is told."""
    project = leaving(tmp_path)
    checks = ("--checks", ",".join(CHECKS))
    assert run(tmp_path, "verify", *checks).status == 1

    first = run_anew(tmp_path, "baseline", *checks)
    assert (first.status, first.output) == (0, "Accepted in pyproject.toml: 1 finding. Give each its own reason in time.\n")
    written = (tmp_path / "pyproject.toml").read_bytes()
    assert tomllib.loads(written.decode())["tool"]["alembic_proof"]["accept"] == [
        {"check": "downgrade-restores-schema", "revision": "a1", "object": "left", "reason": "before adoption"}
    ]
    assert run(tmp_path, "verify", "--strict", *checks).status == 0
    assert run(tmp_path, "verify", "--no-accept", *checks).status == 1

    again = run(tmp_path, "baseline", *checks)
    assert (again.status, again.output) == (0, "Nothing to accept: pyproject.toml is as it was.\n")
    assert (tmp_path / "pyproject.toml").read_bytes() == written

    project.revision("b2", LEAVES.replace("left", "right"), "pass")
    assert run(tmp_path, "verify", *checks).status == 1
    project.revision("b2", "pass", "pass", down="a1")
    project.revision("a1", LEAVES, 'op.drop_table("left")', down=None)
    assert run(tmp_path, "verify", *checks).status == 0
    assert run(tmp_path, "verify", "--strict", *checks).status == 1
