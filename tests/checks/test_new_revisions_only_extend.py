"""AP104: a released revision stays where it is, under its name, and nothing is put below it."""

from pathlib import Path

import pytest

from alembic_proof.findings import Finding
from alembic_proof.testing import PlantedProject
from tests.checks.copies import Copy, Planted
from tests.doors.door import run

CHECKS = ("new-revisions-only-extend",)


def apply(copy: Copy, finding: Finding) -> None:
    """Paste each "in FILE:  down_revision = ..." of the fix."""
    for line in finding.fix.splitlines():
        file, _, code = line.removeprefix("in ").partition(":  ")
        copy.assign(file, code)


def test_the_printed_lines_silence_it(planted: Planted) -> None:
    """The released revision goes back to where it stood and the inserted one onto the head: every check is content."""
    copy = planted("new_revisions_only_extend", "bad")
    [finding] = copy.verify().findings
    apply(copy, finding)

    assert copy.verify().findings == ()


@pytest.fixture
def locked(tmp_path: Path) -> PlantedProject:
    """Three revisions, locked."""
    project = PlantedProject(tmp_path).revision("a").revision("b", header="B = 1").revision("c", header="C = 1")
    assert run(tmp_path, "lock").status == 0
    return project


def test_a_deleted_head(locked: PlantedProject) -> None:
    """A database that stands there would not find its revision."""
    Copy(locked.root).file_of("c").unlink()
    [finding] = locked.findings(checks=CHECKS)

    assert finding.what == "Released revision c was not there any more."
    assert finding.effect == 'A database that stands at this revision stops with "Can\'t locate revision identified by".'
    assert finding.fix == "restore migrations/versions/c_planted.py"
    assert (finding.revision, finding.file, finding.line) == ("c", "migrations/versions/c_planted.py", None)


@pytest.mark.parametrize("file", ["c_planted.py", "c_of_another_name.py"])
def test_a_new_id(locked: PlantedProject, file: str) -> None:
    """The same code or the same file under another id is told as that, and the old id printed puts it right."""
    copy = Copy(locked.root)
    copy.replace("migrations/versions/c_planted.py", "revision = 'c'", "revision = 'x'")
    copy.file_of("c").rename(copy.file_of("c").with_name(file))
    [finding] = locked.findings(checks=CHECKS)
    assert finding.what == "Released revision c was there under another id: x."
    apply(copy, finding)

    assert locked.findings(checks=CHECKS) == ()


def test_two_inserted_below(locked: PlantedProject) -> None:
    """The lowest of the inserted ones goes onto the head, with what stands on it."""
    locked.revision("n1", down="a").revision("n2").revision("b", header="B = 1", down="n2")
    [finding] = locked.findings(checks=CHECKS)

    assert finding.what == "n2 was put below released revision b."
    assert finding.seen == (
        "b <- a  (migrations/versions/b_planted.py, in alembic-proof.lock)", "b <- n2  (migrations/versions/b_planted.py)",
    )  # fmt: skip
    apply(Copy(locked.root), finding)
    assert locked.findings(checks=(*CHECKS, "single-head", "history-is-connected")) == ()


def test_moved_among_the_released(locked: PlantedProject) -> None:
    """Another order of the released revisions is told of each that stands elsewhere; pasting their fixes puts them back."""
    locked.revision("c", header="C = 1", down="a").revision("b", header="B = 1")
    found = locked.findings(checks=CHECKS)

    assert [finding.what for finding in found] == [
        f"Released revision {one} stood on another revision than before." for one in "bc"
    ]
    for finding in found:
        apply(Copy(locked.root), finding)
    assert locked.findings(checks=CHECKS) == ()


def test_a_file_of_another_name_is_the_same_revision(locked: PlantedProject) -> None:
    """Alembic knows a revision by its id: its file may be called otherwise."""
    copy = Copy(locked.root)
    copy.file_of("b").rename(copy.file_of("b").with_name("0002_b.py"))

    assert locked.findings(checks=CHECKS) == ()
