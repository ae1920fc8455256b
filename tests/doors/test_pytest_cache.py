"""pytest --proof with evidence of earlier sessions."""

import pytest

from alembic_proof.testing import PlantedProject
from tests.doors.door import NO_OTHER_PLUGINS

pytest_plugins = ["pytester"]


def test_what_did_not_change_is_not_run_again(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evidence is kept between sessions, for workers of pytest-xdist as well; what is new is run on what it stands on."""
    project = PlantedProject(pytester.path)
    pytester.makefile(".ini", pytest=f"[pytest]\naddopts = -p no:cacheprovider {NO_OTHER_PLUGINS}\n")
    project.revision("0001", 'op.create_table("users", sa.Column("name", sa.String(50)))', 'op.drop_table("users")')
    project.revision("0002", 'op.create_index("ix", "users", ["name"])', 'op.drop_index("ix", table_name="users")')
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.setenv("ALEMBIC_PROOF_CACHE", str(project.root / "kept"))
    log = project.root / "walks"

    def walked(*options: str) -> list[str]:
        log.unlink(missing_ok=True)
        outcomes = pytester.runpytest_subprocess(
            "--proof", "--proof-on", "sqlite", "-k", "upgrade-runs", *options
        ).parseoutcomes()
        assert outcomes["passed"] == len(list(project.root.glob("migrations/versions/*.py")))
        return log.read_text().split() if log.exists() else []

    def trace(revision: str) -> None:
        project.revision(revision, f"with open({str(log)!r}, 'a') as log: log.write('{revision} ')", "pass")

    trace("0003")
    assert set(walked()) == {"0003"}
    assert walked("-n", "2") == []
    assert set(walked("--no-proof-cache")) == {"0003"}
    trace("0004")
    assert set(walked("--proof-cache", "kept")) == {"0004"}
