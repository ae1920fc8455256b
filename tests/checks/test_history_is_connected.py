"""AP102: a parent that is missing, a cycle, one id in two files."""

import re
from pathlib import Path

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.reports.report import Report
from alembic_proof.testing import PlantedProject
from alembic_proof.verify import GraphError
from tests.checks.copies import Copy, Planted

CHECKS = ("history-is-connected",)


def report_of(project: PlantedProject) -> Report:
    """The report of a history that Alembic itself refuses to load."""
    with pytest.raises(GraphError, match="Cannot prove the history: ") as caught:
        project.verify(checks=CHECKS)
    return caught.value.report


def assign(project: PlantedProject, fix: str) -> None:
    """Put the assignment that a fix ends with into the file that it names."""
    named = re.findall(r"migrations/versions/\w+\.py", fix)
    Copy(project.root).assign(named[-1], fix.rpartition(":  ")[2])


def test_the_printed_parent_connects(planted: Planted) -> None:
    """The assignment as it is printed makes a history that runs; the models tell what the missing file did."""
    copy = planted("history_is_connected", "bad")
    [finding] = copy.verify(checks=CHECKS).findings
    file, _, code = finding.fix.partition(", or in ")[2].partition(":  ")
    copy.assign(file, code)

    assert copy.verify().findings == ()


def test_a_child_is_never_advised_as_the_parent(tmp_path: Path) -> None:
    """The parent that is advised does not stand on the revision that lost its own: that would be a cycle."""
    project = PlantedProject(tmp_path)
    project.revision("a").revision("c", down="b").revision("d").revision("e")
    [finding] = report_of(project).findings
    assign(project, finding.fix)

    assert finding.fix.endswith("down_revision = 'a'")
    assert project.findings(checks=CHECKS) == ()


def test_a_merge_keeps_its_other_parents(tmp_path: Path) -> None:
    """Of a merge's parents only the missing one is left out."""
    project = PlantedProject(tmp_path)
    project.revision("a").revision("b", down="a").revision("c", down="a").revision("d", down=("b", "c", "lost"))
    [finding] = report_of(project).findings
    assign(project, finding.fix)

    assert finding.fix.endswith("down_revision = ('b', 'c')")
    assert project.findings(checks=CHECKS) == ()


def test_a_dependency_that_is_missing(tmp_path: Path) -> None:
    """A missing revision of depends_on is told as such, and the parents stay."""
    project = PlantedProject(tmp_path)
    project.revision("a").revision("b", header='depends_on = "lost"')
    [finding] = report_of(project).findings
    assign(project, finding.fix)

    assert finding.what == "Revision b named lost as its parent, and no file had that revision."
    assert finding.fix.endswith("in migrations/versions/b_planted.py:  depends_on = None")
    assert project.findings(checks=CHECKS) == ()


def test_a_cycle_is_told_in_its_order(tmp_path: Path) -> None:
    """The revisions of a cycle are listed child before parent, without those that merely stand on it."""
    project = PlantedProject(tmp_path)
    project.revision("root").revision("a", down="c").revision("b", down="a").revision("c", down="b").revision("above", down="b")
    [finding] = report_of(project).findings
    assign(project, finding.fix)

    assert finding.what == "The revisions a, c, b were each other's ancestors."
    assert finding.seen[0] == "a <- c <- b <- a"
    assert finding.fix.endswith("down_revision = 'root'")
    assert project.findings(checks=CHECKS) == ()


def test_a_revision_that_is_its_own_parent(tmp_path: Path) -> None:
    """The smallest cycle: Alembic refuses to make such a revision, and its words are shown in one line."""
    with pytest.raises(ProofError, match=r"^Cannot .* Self-loop is detected in revisions \(a\)"):
        PlantedProject(tmp_path).revision("a", down="a").verify(checks=CHECKS)


def test_one_id_in_two_files(tmp_path: Path) -> None:
    """Alembic takes one file silently; the other is told, with an id and a parent to give it."""
    project = PlantedProject(tmp_path).revision("a").revision("b")
    twin = tmp_path / "migrations/versions/b_twin.py"
    twin.write_text((tmp_path / "migrations/versions/b_planted.py").read_text(encoding="utf-8"), encoding="utf-8")
    [finding] = project.findings(checks=CHECKS)

    assert finding.what == "Revision b stood in 2 files."
    assert finding.seen == ("migrations/versions/b_planted.py", "migrations/versions/b_twin.py")
    assert finding.fix.startswith("in migrations/versions/b_twin.py:\n")
    Copy(tmp_path).assign("migrations/versions/b_twin.py", finding.fix.partition(":\n")[2])
    assert project.findings(checks=(*CHECKS, "single-head")) == ()
