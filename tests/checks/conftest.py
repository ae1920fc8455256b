"""Planted projects as tests use them: a copy that may be changed, proved, and forgotten."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checks.copies import PLANTED, Copy, Planted


@pytest.fixture
def planted(tmp_path: Path) -> Planted:
    """Copy tests/planted/<check>/<bad or good> into a folder of the test's own."""

    def copy(check: str, which: str) -> Copy:
        root = tmp_path / f"{check}_{which}"
        shutil.copytree(PLANTED / check / which, root, ignore=shutil.ignore_patterns("__pycache__"))
        return Copy(root)

    return copy


@pytest.fixture(autouse=True)
def _forgotten(tmp_path: Path) -> Iterator[None]:
    """Take a planted project's folder off sys.path and its modules out of sys.modules: the next one has the same names."""
    path, modules = list(sys.path), set(sys.modules)
    yield
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]
