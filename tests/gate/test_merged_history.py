"""The gate judges the history that the merge makes."""

from pathlib import Path

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.findings import Outcome
from alembic_proof.reports.report import Report
from tests.checks.copies import Copy
from tests.gate.branches import Branched, git


def outcomes(report: Report, check: str) -> list[tuple[str | None, Outcome]]:
    """What a check said of which revision."""
    return [(verdict.revision, verdict.outcome) for verdict in report.outcomes if verdict.check == check]


def parted(root: Path) -> Branched:
    """Two revisions; main adds `theirs`, the branch `feature` adds `mine` and `more` beside it."""
    project = Branched(root).revision("a").revision("b").branch("feature")
    project.revision("mine", down="b").revision("more").to("main")
    project.revision("theirs", down="b").to("feature")
    return project


def test_only_what_the_branch_adds_is_judged(tmp_path: Path) -> None:
    """New revisions are judged on a database, with the checks of the whole; the released ones are only run."""
    project = Branched(tmp_path).revision("a").revision("b", "op.create_table('left', sa.Column('id', sa.Integer()))")
    project.branch("feature")
    project.revision("c").commit()
    report = project.gate("sqlite", checks=("AP301", "AP303", "AP307", "AP401"))

    assert [revision.id for revision in report.revisions] == ["c"]
    assert report.findings == (), "the sin of b is old"
    assert outcomes(report, "downgrade-restores-schema") == [("c", Outcome.PROVED)]
    assert outcomes(report, "upgrade-reaches-head") == [(None, Outcome.PROVED)]
    assert report.project.base == f"main {git(tmp_path, 'rev-parse', '--short', 'main')}"


def test_two_heads_that_only_the_merge_makes(tmp_path: Path) -> None:
    """Each branch has one head. The first new revision is told, with the line to re-point; merged and re-pointed all is well."""
    project = parted(tmp_path)
    [finding] = project.gate().findings

    assert (finding.code, finding.revision, finding.file, finding.line) == (
        "AP101",
        "mine",
        "migrations/versions/mine_planted.py",
        7,
    )
    assert finding.what == "The merge with main left 2 heads: theirs and more. On main it is theirs."
    command, line = finding.fix.splitlines()
    git(tmp_path, *command.split()[1:])
    file, _, code = line.removeprefix("in ").partition(":  ")
    Copy(tmp_path).assign(file, code)
    assert project.gate().findings == ()
    assert [revision.id for revision in project.gate().revisions] == ["mine", "more"]
    Copy(tmp_path).assign(file, "down_revision = 'b'")
    [again] = project.gate().findings
    assert again.fix == line, "what is merged already need not be merged"


def test_heads_that_were_there_before(tmp_path: Path) -> None:
    """Where the branch itself has two heads, or main has, the usual command is printed."""
    project = parted(tmp_path).revision("second", down="b")
    [finding] = project.gate().findings

    assert finding.fix.startswith("alembic merge ")


def test_a_branch_behind_its_base(tmp_path: Path) -> None:
    """What the base branch added meanwhile, deleted or moved is its own matter: nothing is told of it here."""
    project = Branched(tmp_path).revision("a").revision("b").revision("c").branch("feature").commit().to("main")
    Copy(tmp_path).file_of("c").unlink()
    project.revision("d", down="b").to("feature").revision("mine", down="c")
    report = project.gate()

    assert [(finding.code, finding.what) for finding in report.findings] == [
        ("AP102", "Revision mine named c as its parent, and no file had that revision.")
    ]


def test_a_revision_that_the_base_moved(tmp_path: Path) -> None:
    """Its new place on the base branch counts, because nobody moved it here; what is moved here counts from here."""
    project = Branched(tmp_path).revision("a").revision("b").revision("c").branch("feature").commit().to("main")
    project.revision("n", down="b").revision("c", down="n").to("feature")
    assert project.gate().findings == ()

    project.revision("c", down="a")
    assert {finding.code for finding in project.gate().findings} == {"AP101", "AP104"}


def test_the_same_id_on_both_sides(tmp_path: Path) -> None:
    """Two files with one id that only the merge brings together are told; the same file on both sides is one revision."""
    project = Branched(tmp_path).revision("a").branch("feature").revision("b").to("main")
    project.revision("b", down="a").file("of_main_alone.txt", "").to("feature")
    assert project.gate().findings == ()

    Copy(tmp_path).file_of("b").rename(tmp_path / "migrations/versions/another_b.py")
    [finding] = [one for one in project.gate().findings if one.code == "AP102"]
    assert finding.what == "Revision b stood in 2 files."


def test_nothing_is_new(tmp_path: Path) -> None:
    """On the base branch itself no revision is judged, and the whole is: heads, models."""
    project = Branched(tmp_path).revision("a").revision("b").commit()
    report = project.gate("sqlite", checks=())

    assert report.revisions == ()
    assert report.findings == ()
    assert outcomes(report, "models-match-migrations") == [(None, Outcome.NOT_PROVED)]


def test_what_is_not_committed_counts(tmp_path: Path) -> None:
    """A revision that git does not know yet is new, and an edit that is not committed is an edit."""
    project = Branched(tmp_path).revision("a").branch("feature").commit().revision("b")
    assert [revision.id for revision in project.gate().revisions] == ["b"]

    project.revision("a", "op.execute('SELECT 1')", down=None)
    report = project.gate()
    assert [revision.id for revision in report.revisions] == ["a", "b"]
    assert [finding.code for finding in report.findings] == ["AP103"]


def test_a_mended_downgrade_is_judged_and_allowed(tmp_path: Path) -> None:
    """A released revision whose downgrade() was mended is proved again, and is no edit of history."""
    project = (
        Branched(tmp_path)
        .revision("a")
        .revision("b")
        .branch("feature")
        .revision("b", down="a", downgrade="op.execute('SELECT 1')")
    )
    report = project.gate()

    assert [revision.id for revision in report.revisions] == ["b"]
    assert report.findings == ()


def test_a_file_that_states_by_more_than_literals(tmp_path: Path) -> None:
    """Where it is the same here it was loaded here; one that is on the base branch alone is told, with what to write."""
    computed = "x = 'a'\ndown_revision = x + ''"
    project = Branched(tmp_path).revision("a").revision("b", down="a", header=computed).branch("feature").revision("c").to("main")
    assert project.revision("d", down="b").to("feature").gate().findings[0].code == "AP101"

    project.to("main").revision("e", down="d", header=computed).file("migrations/versions/no_python.py", "def").to("feature")
    with pytest.raises(ProofError, match=r"^Cannot read migrations/versions/e_planted\.py of the base branch: .* as literals\.$"):
        project.gate()


def test_the_base_may_hold_what_cannot_be_imported_here(tmp_path: Path) -> None:
    """A revision of the base branch is read, not imported: the module that it imports may be there only."""
    project = Branched(tmp_path).revision("a").branch("feature").revision("mine", down="a").to("main")
    project.revision("theirs", down="a", header="import a_module_of_main").to("feature")

    [finding] = project.gate().findings
    assert finding.code == "AP101"
