"""A long history under pytest-xdist: the workers prove it together."""

from pathlib import Path

import pytest

from alembic_proof.testing import PlantedProject
from tests.doors.door import NO_OTHER_PLUGINS

pytest_plugins = ["pytester"]

REVISIONS = [f"r{number:02}" for number in range(50)]
SETTINGS = """\
[tool.alembic_proof]
databases = ["sqlite"]

[[tool.alembic_proof.accept]]
check = "AP301"
revision = "r10"
object = "gone"
reason = "why"
"""
CHOSEN = ("--proof", "--proof-on", "sqlite", "-k", "downgrade-runs or single-head or upgrade-runs")


def noting(path: Path, revision: str) -> str:
    """A downgrade that says which process runs it: each part has one of its own."""
    return f"import os\nwith open({str(path)!r}, 'a') as log:\n    log.write(f'{{os.getpid()}} {revision}\\n')"


def test_workers_share_the_revisions(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two parts take a stretch of the history each, every revision once; each item has its outcome, the whole what it lacks."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    pytester.makefile(".ini", pytest=f"[pytest]\naddopts = -p no:cacheprovider {NO_OTHER_PLUGINS}\n")
    project, log = PlantedProject(pytester.path), pytester.path / "log"
    project.file("pyproject.toml", SETTINGS)
    for revision in REVISIONS:
        downgrade = "raise ValueError" if revision == "r40" else ""
        project.revision(revision, "pass", f"{noting(log, revision)}\n{downgrade}")
    result = pytester.runpytest_subprocess("-n", "2", *CHOSEN)

    result.assert_outcomes(passed=2 * len(REVISIONS), failed=1)
    told = [line for line in result.outlines if "accepted, and not found" in line]
    assert told == ["alembic-proof: accepted, and not found: pyproject.toml:4: upgrade-runs r10 gone -- why"]
    walked = [line.split() for line in log.read_text().splitlines()]
    by_process = {process: [name for other, name in walked if other == process] for process, _ in walked}
    assert sorted(name for _, name in walked) == REVISIONS
    assert len(by_process) == 2, "parts"
    for names in by_process.values():
        assert names == REVISIONS[REVISIONS.index(names[0]) :][: len(names)], "a stretch"
