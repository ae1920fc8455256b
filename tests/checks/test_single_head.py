"""AP101: two heads stop the deployment that follows the merge."""

from pathlib import Path

from alembic_proof.testing import PlantedProject
from tests.checks.copies import Planted

CHECKS = ("single-head", "history-is-connected")


def three_heads(root: Path, settings: str) -> PlantedProject:
    """A history with the heads a, b and c, of which some are expected."""
    project = PlantedProject(root).file("pyproject.toml", f"[tool.alembic_proof]\n{settings}\n")
    project.revision("root")
    project.revision("a", down="root", header='branch_labels = ("billing",)').revision("b", down="root")
    return project.revision("c", down="root")


def test_the_printed_command_makes_one_head(planted: Planted) -> None:
    """`alembic merge` as it is printed leaves one head, and every check is content."""
    copy = planted("single_head", "bad")
    [finding] = copy.verify(checks=CHECKS).findings

    assert copy.run(finding.fix).returncode == 0
    assert copy.verify().findings == ()


def test_expected_heads_are_no_finding(tmp_path: Path) -> None:
    """Heads that the settings name, by id or by label, are meant to exist."""
    project = three_heads(tmp_path, 'expected_heads = ["billing", "b", "c"]')

    assert project.findings(checks=CHECKS) == ()


def test_one_head_more_than_expected(tmp_path: Path) -> None:
    """One unexpected head is named, and what to expect instead is printed; the expected ones are not merged."""
    project = three_heads(tmp_path, 'expected_heads = ["billing", "b"]')
    [finding] = project.findings(checks=CHECKS)

    assert (finding.revision, finding.file) == ("c", "migrations/versions/c_planted.py")
    assert finding.what == "The history had 3 heads: a and b and c. Of these, c was not expected."
    assert finding.fix == "in [tool.alembic_proof]:  expected_heads = ['a', 'b', 'c']"
    assert three_heads(tmp_path, finding.fix.partition(":  ")[2]).findings(checks=CHECKS) == ()


def test_only_unexpected_heads_are_merged(tmp_path: Path) -> None:
    """Where several heads are too many, the command merges these and leaves the expected one alone."""
    [finding] = three_heads(tmp_path, 'expected_heads = ["a"]').findings(checks=CHECKS)

    assert finding.what.endswith("Of these, b and c were not expected.")
    assert finding.fix == 'alembic merge -m "merge heads" b c'


def test_an_expected_head_that_is_none(tmp_path: Path) -> None:
    """A setting that names something else than a head is told, with what it should say."""
    project = three_heads(tmp_path, 'expected_heads = ["a", "b", "c", "root"]')
    [finding] = project.findings(checks=CHECKS)

    assert finding.what == "expected_heads named root, and the history had no such head. Its heads: a and b and c."
    assert three_heads(tmp_path, finding.fix.partition(":  ")[2]).findings(checks=CHECKS) == ()
