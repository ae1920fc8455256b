"""Checks that an installed package brings: docs/own_checks.md as it stands there, installed for real."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alembic_proof.checks.registry import ALL_CHECKS, all_checks, choose_checks
from alembic_proof.errors import ProofError
from alembic_proof.testing import PlantedProject

PAGE = (Path(__file__).resolve().parents[2] / "docs/own_checks.md").read_text(encoding="utf-8")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The package of the page, on sys.path with its metadata, as an installer leaves it."""
    check, tests = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    [entry] = re.findall(r"^revisions-say-why = .*$", PAGE, re.MULTILINE)
    folder = tmp_path / "site"
    for path, text in {
        "our_checks/__init__.py": "",
        "our_checks/revisions_say_why.py": check,
        "test_our_checks.py": tests,
        "our_checks-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: our-checks\nVersion: 1.0\n",
        "our_checks-1.0.dist-info/entry_points.txt": f"[alembic_proof.checks]\n{entry.replace(chr(34), '')}\n",
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    all_checks.cache_clear()
    yield folder
    all_checks.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "our_checks"]:
        del sys.modules[name]


def test_the_page_is_right(package: Path, tmp_path: Path) -> None:
    """The check of the page runs beside ours and tells what it says; its tests, as printed, pass."""
    report = PlantedProject(tmp_path / "p").revision("0001").verify(checks=("OUR001", "single-head"))
    assert [(outcome.check, outcome.outcome) for outcome in report.outcomes] == [
        ("single-head", "proved"),
        ("revisions-say-why", "proved"),
    ]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", str(package / "test_our_checks.py")],
        env={"PYTHONPATH": str(package), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 passed" in ran.stdout, ran.stdout + ran.stderr


@pytest.mark.usefixtures("package")
def test_it_is_listed_after_ours() -> None:
    """All checks are ours in their order, then theirs."""
    assert [check.rule.code for check in all_checks()] == [*(check.rule.code for check in ALL_CHECKS), "OUR001"]
    assert "says why" in choose_checks(["revisions-say-why"])[0].page


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('code="OUR001"', 'code="AP101"', 'there is a check "AP101" already'),
        ("NEEDS =", "NEED =", "it needs RULE, NEEDS and judge"),
        ('{"graph"}', '{"grap"}', "NEEDS has grap, which is none of application, code, deploy, gaps, graph"),
        ("from collections.abc", "from collections.xyz", "ModuleNotFoundError"),
    ],
)
def test_a_check_that_cannot_be_used(package: Path, before: str, after: str, words: str) -> None:
    """One line, which names the package."""
    module = package / "our_checks/revisions_say_why.py"
    module.write_text(module.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    with pytest.raises(ProofError, match=f"^Cannot use check revisions-say-why of package our-checks: .*{words}"):
        all_checks()


def test_a_check_that_raises(package: Path, tmp_path: Path) -> None:
    """What goes wrong in somebody's check is told as theirs, in one line."""
    module = package / "our_checks/revisions_say_why.py"
    module.write_text(module.read_text(encoding="utf-8").replace("revision.message", "revision.massage"), encoding="utf-8")
    project = PlantedProject(tmp_path / "p").revision("0001")
    with pytest.raises(ProofError, match=r"of package our-checks: judge\(\) raised AttributeError: .*massage"):
        project.verify(checks=("OUR001",))
