"""The pytest door on GitHub: annotations in the log, and the step summary."""

from pathlib import Path

import pytest

from alembic_proof.testing import PlantedProject
from tests.doors.door import NO_OTHER_PLUGINS

pytest_plugins = ["pytester"]


@pytest.fixture
def summary(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose downgrade forgets a table, in a checkout on GitHub; the file that its summary goes to."""
    pytester.makefile(".ini", pytest=f"[pytest]\naddopts = -p no:cacheprovider --color=no {NO_OTHER_PLUGINS}\n")
    project = PlantedProject(pytester.path)
    project.revision("0001", 'op.create_table("users", sa.Column("name", sa.String(50)))')
    file = pytester.path / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    monkeypatch.setenv("GITHUB_WORKSPACE", str(pytester.path.parent))
    return file


@pytest.mark.parametrize("more", [(), ("-p", "xdist", "-n", "2")], ids=["one process", "xdist"])
def test_findings_are_annotations(pytester: pytest.Pytester, summary: Path, more: tuple[str, ...]) -> None:
    """Once in the log, with the repository's paths, and once in the summary; under pytest-xdist too."""
    result = pytester.runpytest_subprocess("--proof", "--proof-on", "sqlite", "-k", "upgrade-runs or restores", *more)
    errors = [line for line in result.outlines if line.startswith("::error ")]

    assert len(errors) == 1
    assert errors[0].startswith(f"::error file={pytester.path.name}/migrations/versions/0001_planted.py,line=")
    assert summary.read_text(encoding="utf-8").count("### ❌ alembic-proof") == 1


def test_a_session_without_proof_says_nothing(pytester: pytest.Pytester, summary: Path) -> None:
    """A project's other tests get no summary of ours."""
    pytester.makepyfile("def test_it(): pass")
    result = pytester.runpytest_subprocess()

    assert result.ret == 0
    assert not summary.exists()
