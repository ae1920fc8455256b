"""The code that was in production, on the schema that an expand step made, and on the one that a contract step left.

See previous/README.md for what is run and how a team keeps it.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from alembic import command

from alembic_proof.databases.scratch import Server
from tests.fooapi.history import ROOT, config_for

PREVIOUS = Path(__file__).with_name("previous")

STEPS = [
    # the code, the schema that was expanded under it, the contract step that needs it gone
    ("first_shape", "3c7e19a2d584", "4d1f60b8c97e"),
    ("without_email", "92e6f307145b", "a3f70418256c"),
    ("password_only", "b4081529367d", "c519263a478e"),
    ("both_columns", "b4081529367d", "c519263a478e"),
]


def run_tests_of(code: str, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the tests of an earlier state on a database as it is."""
    with zipfile.ZipFile(PREVIOUS / f"{code}.zip") as archive:
        archive.extractall(folder)
    return run_tests_in(folder, url)


def run_tests_in(folder: Path, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the tests of the service that lies in a folder."""
    shutil.copy(PREVIOUS / "conftest_of_previous.py", folder / "tests" / "fooapi" / "conftest.py")
    plain = ["-q", "-p", "no:cacheprovider", "--tb=short", "--import-mode=importlib", "--rootdir", str(folder)]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plain, "-c", os.devnull, str(folder / "tests"), *options],
        cwd=folder,
        env={**os.environ, "FOOAPI_SQL_URI": url, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.parametrize(("code", "expanded", "contracted"), STEPS, ids=[step[0] for step in STEPS])
def test_previous_code_runs_on_the_expanded_schema(
    server: Server, tmp_path: Path, code: str, expanded: str, contracted: str
) -> None:
    """All tests of the code that was in production pass after the expand step; they notice the contract step."""
    database = server.create()
    url = database.url.render_as_string(hide_password=False)
    command.upgrade(config_for(url), expanded)
    passed = run_tests_of(code, url, tmp_path)
    assert passed.returncode == 0, passed.stdout
    assert " passed" in passed.stdout
    command.upgrade(config_for(url), contracted)
    failed = run_tests_in(tmp_path, url, "--maxfail=1")
    assert failed.returncode == 1, failed.stdout
    assert " failed" in failed.stdout
    server.drop(database)


def test_code_of_today_runs_before_the_last_contract_step(server: Server, tmp_path: Path) -> None:
    """The code that is deployed before a contract step needs nothing of it: the step can wait until all is well."""
    shutil.copytree(ROOT / "fooapi", tmp_path / "fooapi", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "alembic", tmp_path / "alembic", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests" / "fooapi").mkdir(parents=True)
    for name in ("client", "test_users", "test_conditions", "test_problems", "test_passwords"):
        shutil.copy(ROOT / "tests" / "fooapi" / f"{name}.py", tmp_path / "tests" / "fooapi")
    database = server.create()
    url = database.url.render_as_string(hide_password=False)
    command.upgrade(config_for(url), "b4081529367d")
    passed = run_tests_in(tmp_path, url)
    assert passed.returncode == 0, passed.stdout
    server.drop(database)
