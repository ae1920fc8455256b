"""A small application in a folder of the test's own, looked at as `verify` does."""

import sys
from pathlib import Path

import pytest

from alembic_proof.experiments.application.gather import gather_application
from tests.application.looking import ENV_PY, Look, Looked


@pytest.fixture
def look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Look:
    """Write an application's files, give what was seen of it, and hold that nothing was written beside them."""
    monkeypatch.setattr(sys, "path", list(sys.path))

    def gather(files: dict[str, str], packages: tuple[str, ...] = ()) -> Looked:
        for name, text in {"migrations/env.py": ENV_PY, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        before = sorted(tmp_path.rglob("*"))
        versions = tuple(sorted((tmp_path / "migrations/versions").glob("*.py")))
        evidence = gather_application(tmp_path, tmp_path / "migrations", versions, packages)
        assert sorted(tmp_path.rglob("*")) == before, "the user's tree was written to"
        return Looked(evidence)

    return gather
