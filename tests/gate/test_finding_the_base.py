"""Which branch is the base, where this one left it, and what to fetch when git does not know."""

import re
import shutil
from pathlib import Path

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.project import find_project
from alembic_proof.releases.base import find_base
from alembic_proof.releases.git import find_repository
from alembic_proof.testing import ALEMBIC_INI
from tests.doors.door import run, run_anew
from tests.gate.branches import Branched, gated, git


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with two revisions on main and a third on feature."""
    (tmp_path / "origin").mkdir()
    project = Branched(tmp_path / "origin").revision("a").revision("b").branch("feature").revision("c").commit()
    project.to("main")
    return project.root


def cloned(origin: Path, *options: str) -> Path:
    """A clone beside it."""
    clone = origin.parent / "clone"
    git(origin.parent, "clone", *options, origin.as_uri(), str(clone))
    return clone


@pytest.mark.parametrize(
    ("environment", "name"),
    [
        ({}, "origin/main"),
        ({"GITHUB_BASE_REF": "feature"}, "origin/feature"),
        ({"CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main"}, "origin/main"),
        ({"SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/feature"}, "origin/feature"),
        ({"GITHUB_BASE_REF": "", "GITHUB_REF": "refs/heads/gh-readonly-queue/feature/pr-7-0a1b2c"}, "origin/feature"),
        ({"GITHUB_REF": "refs/heads/feature"}, "origin/main"),
    ],
)
def test_the_base_is_found(origin: Path, environment: dict[str, str], name: str) -> None:
    """What the CI system says goes before what the remote calls its own branch."""
    base = find_base(find_repository(cloned(origin)), None, environment)

    assert (base.name, base.tip) == (name, git(origin, "rev-parse", name.removeprefix("origin/")))


def test_a_detached_head(origin: Path) -> None:
    """A CI system checks out a commit, no branch: here the merge of the pull request, as GitHub makes it."""
    clone = cloned(origin)
    git(clone, "checkout", "--detach", "origin/main")
    git(clone, "merge", "--no-ff", "--message=merge", "origin/feature")
    report = gated(find_project(root=clone), base=None)

    assert [revision.id for revision in report.revisions] == ["c"]
    assert report.findings == ()


def test_a_shallow_clone_says_what_to_fetch(origin: Path) -> None:
    """One commit of one branch is too little; the command that is printed fetches enough."""
    clone = cloned(origin, "--depth=1", "--branch=feature")
    with pytest.raises(ProofError, match=r"^Cannot find origin/main: the clone is shallow") as missing:
        gated(find_project(root=clone), base="origin/main")
    git(clone, "fetch", "--depth=1", "origin", "main:refs/remotes/origin/main")
    with pytest.raises(ProofError, match=r"^Cannot tell where this branch left origin/main: the clone is shallow") as parted:
        gated(find_project(root=clone), base="origin/main")
    for error in (missing, parted):
        assert "fetch-depth: 0" in str(error.value)
    [command] = re.findall(r"git (fetch .*?) \(in GitHub", str(parted.value))
    git(clone, *command.split())

    assert [revision.id for revision in gated(find_project(root=clone), base="origin/main").revisions] == ["c"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (
            "nowhere",
            "Cannot find nowhere: no such branch is here. Fetch it (git fetch origin nowhere:",
        ),
        ("--output=x", "Cannot find --output=x: no such branch is here."),
        ("alone", "Cannot tell where this branch left alone: they have no commit in common. Name another with --base."),
    ],
)
def test_a_base_that_is_not_one(origin: Path, asked: str, words: str) -> None:
    """A name that is no commit, or one that has nothing to do with this branch: one line."""
    git(origin, "checkout", "--orphan", "alone")
    git(origin, "commit", "--message=alone")
    git(origin, "checkout", "feature")

    with pytest.raises(ProofError, match=f"^{re.escape(words)}"):
        gated(find_project(root=origin), base=asked)


def test_a_repository_of_another_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a container the checkout is often somebody else's, and git refuses it: the line says how to trust it."""
    project = Branched(tmp_path).revision("a").commit()
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    words = f"If you trust it: git config --global --add safe.directory {tmp_path}, or judge all: --all."

    with pytest.raises(ProofError, match=re.escape(words)):
        project.gate()


def test_no_base_at_all(tmp_path: Path) -> None:
    """Where no usual name is a branch, the names that were tried are told."""
    project = Branched(tmp_path).revision("a").commit()
    git(tmp_path, "branch", "--move", "main", "work")

    with pytest.raises(ProofError, match=r"^Cannot find a base branch: none of origin/main, origin/master, main, master is"):
        project.gate(base=None)


def test_no_git_is_a_line_and_a_way_out(tmp_path: Path) -> None:
    """Outside of a repository the gate cannot tell what is new; --all judges everything."""
    Branched(tmp_path).revision("a")
    with pytest.raises(ProofError, match=r"has no commit yet\. Judge all: --all\.$"):
        gated(find_project(root=tmp_path))
    shutil.rmtree(tmp_path / ".git")
    ended = run(tmp_path, "gate", "--checks", "AP101")

    assert (ended.status, ended.output) == (2, "")
    assert re.match(r"alembic-proof: Cannot tell which revisions are new: git says of .*: not a git repository", ended.errors[0])
    assert run_anew(tmp_path, "gate", "--all", "--checks", "AP101").status == 0


def test_without_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without git is told so."""
    project = Branched(tmp_path).revision("a").commit()
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ProofError, match=r"^Cannot tell which revisions are new: there is no git on PATH\."):
        project.gate()


def test_below_the_top_and_in_several_folders(tmp_path: Path) -> None:
    """The project may lie anywhere in the repository, its revisions in several folders, one of them outside of it."""
    folders = "%(here)s/migrations/versions %(here)s/more %(here)s/../shared"
    ini = f"{ALEMBIC_INI}version_locations = {folders}\npath_separator = space\n"
    project = Branched(tmp_path, below="services/shop", ini=ini).revision("a").revision("b", folder="more")
    project.revision("s", folder="../shared").branch("feature").revision("c", folder="more").revision("d", folder="../shared")
    project.revision("s", "op.execute('SELECT 1')", down="b", folder="../shared")
    report = project.gate()

    assert [revision.id for revision in report.revisions] == ["s", "c", "d"]
    [finding] = report.findings
    assert finding.fix.splitlines()[0].endswith(" -- ../shared/s_planted.py")
    git(project.root, *finding.fix.splitlines()[0].split()[1:])
    assert project.gate().findings == ()
    project.revision("s", "op.execute('SELECT 2')", down="b", folder="../shared")
    [compared] = project.gate("sqlite", checks=("AP103", "AP301")).findings
    assert "The schema that it left on sqlite was the same" in compared.what


def test_the_repository_is_only_read(tmp_path: Path) -> None:
    """Not a byte below .git is another one afterwards."""
    project = Branched(tmp_path).revision("a").branch("feature").commit().revision("a", header="A = 1", down=None).revision("b")
    (tmp_path / "migrations/env.py").touch()  # an index that is not up to date: `git status` would refresh it

    def content() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in (tmp_path / ".git").rglob("*") if path.is_file()}

    before = content()
    project.gate("sqlite", checks=("AP103", "AP301"))
    assert content() == before


def test_the_command_line(tmp_path: Path) -> None:
    """`gate --base main` has the status of what is new, and its last line says since when."""
    project = Branched(tmp_path).revision("a").branch("feature").revision("b").commit()
    clean = run(tmp_path, "gate", "--base", "main", "--checks", "AP101,AP301")
    assert (clean.status, clean.errors) == (0, ())
    assert re.search(r"\(1 revision new or edited since main [0-9a-f]+, on sqlite .*\)\.$", clean.output)

    project.revision("c", "op.drop_table('none')")
    assert run(tmp_path, "gate", "--base", "main", "--checks", "AP101,AP301").status == 1


def test_a_repository_that_cannot_be_read(tmp_path: Path) -> None:
    """Where git's own files are damaged, its words are told in one line."""
    project = Branched(tmp_path).revision("a").branch("feature").commit()
    tree = git(tmp_path, "rev-parse", "HEAD:migrations/versions")
    (tmp_path / ".git/objects" / tree[:2] / tree[2:]).unlink()

    with pytest.raises(ProofError, match=r"^Cannot read .* with git: .*\. See that `git ls-tree` works there\.$"):
        project.gate()
