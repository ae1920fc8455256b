"""`alembic-proof init` on the kinds of projects that there are."""

import configparser
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from alembic_proof.testing import PlantedProject
from tests.doors.door import run, run_anew
from tests.walk.planting import plant_tables

PATH = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def in_shell(command: str, folder: Path) -> str:
    """Run a command as a CI or a hook would, in a shell."""
    ended = subprocess.run(["sh", "-c", command], cwd=folder, env=PATH, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def files_of(folder: Path) -> dict[str, str]:
    """Every file that is no cache and no measurement of these tests, with its text."""
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8", errors="replace")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".coverage.")
    }


def init(folder: Path, *arguments: str) -> tuple[str, dict[str, str]]:
    """Run `init --yes`, hold that a second run finds nothing to do, and return the diff and all files."""
    ended = run(folder, "init", "--yes", *arguments)
    assert (ended.status, ended.errors) == (0, ())
    written = files_of(folder)
    again = run(folder, "init", "--yes", *arguments)
    assert again.output == "Nothing to write: the project has it all.\n"
    assert files_of(folder) == written
    return ended.output, written


def commands_of(workflow: str) -> list[str]:
    """The commands of a workflow's job that are ours."""
    document = yaml.safe_load(workflow)
    [job] = document["jobs"].values()
    gate, verify = [step["run"] for step in job["steps"] if step.get("run", "").startswith("alembic-proof ")]
    assert gate == verify.replace("alembic-proof verify", "alembic-proof gate")
    return [verify]


def toml(text: str) -> dict[str, Any]:
    """The tools of a pyproject.toml."""
    tools: dict[str, Any] = tomllib.loads(text)["tool"]
    return tools


def test_a_project_with_an_ini_alone(tmp_path: Path) -> None:
    """It gets its settings and a workflow, whose command runs; no tool that it does not use."""
    plant_tables(PlantedProject(tmp_path), "a1")
    before = files_of(tmp_path)
    output, after = init(tmp_path)

    assert after.keys() - before.keys() == {"pyproject.toml", ".github/workflows/migrations.yml"}
    assert {name: after[name] for name in before} == before
    assert toml(after["pyproject.toml"]) == {"alembic_proof": {"databases": ["sqlite"]}}
    assert '+databases = ["sqlite"]\n' in output
    [command] = commands_of(after[".github/workflows/migrations.yml"])
    assert "Nothing broken" in in_shell(command, tmp_path)
    assert (tmp_path / "proof.html").is_file()


def test_a_project_in_pyproject_toml(tmp_path: Path) -> None:
    """Where all is in pyproject.toml, so are the lines for pytest; what was there stays, letter by letter."""
    original = (
        "[project]\nname = 'x'\nversion = '1'  # first\n\n[tool.alembic]\nscript_location = '%(here)s/migrations'\n\n"
        "[tool.pytest.ini_options]  # ours\nminversion = '8'"
    )
    project = plant_tables(PlantedProject(tmp_path), "a1")
    (tmp_path / "alembic.ini").unlink()
    project.file("pyproject.toml", original)
    output, after = init(tmp_path, "--on", "sqlite")

    assert toml(after["pyproject.toml"])["pytest"] == {"ini_options": {"proof": True, "minversion": "8"}}
    assert after["pyproject.toml"].replace("proof = true\n", "").startswith(original)
    assert output.count("+++ b/pyproject.toml") == 1
    assert "python -m pip install ." in after[".github/workflows/migrations.yml"]
    assert "migrations[sqlite]::a1_planted::upgrade-runs" in in_shell(
        f"{sys.executable} -m pytest -p no:cacheprovider --collect-only -q", tmp_path
    )


def test_a_project_with_tox_and_pytest_ini(tmp_path: Path) -> None:
    """Tox gets an environment, whose command runs; pytest's own file gets the line."""
    project = plant_tables(PlantedProject(tmp_path), "a1")
    project.file("tox.ini", "[tox]\nenv_list = py\n\n[testenv]\ncommands = pytest {posargs}\n")
    project.file("pytest.ini", "[pytest]\nminversion = 8\n").file("requirements.txt", "alembic\n")
    _, after = init(tmp_path, "--on", "sqlite")

    parser = configparser.RawConfigParser()
    parser.read_string(after["tox.ini"])
    assert parser["testenv"]["commands"] == "pytest {posargs}"
    assert parser["testenv:migrations"]["deps"].split("\n") == ["", "-r requirements.txt", "alembic-proof"]
    assert "Nothing broken" in in_shell(parser["testenv:migrations"]["commands"].replace("{posargs}", "a1"), tmp_path)
    assert after["pytest.ini"] == "[pytest]\nproof = true\nminversion = 8\n"
    assert "pytest" not in toml(after["pyproject.toml"])


def test_a_project_with_workflows_and_pre_commit(tmp_path: Path) -> None:
    """A workflow beside the others; a hook beside the others, which asks no database; databases as they are named."""
    (tmp_path / ".git").mkdir()
    project = plant_tables(PlantedProject(tmp_path), "a1")
    project.file(".github/workflows/tests.yml", "on: push\njobs: {}\n")
    hooks = "# hooks\nrepos:  # all of them\n  - repo: https://example.org/hooks\n    rev: v1\n    hooks:\n      - id: x\n"
    hooks += "ci:\n  skip: [x]\n"
    project.file(".pre-commit-config.yaml", hooks)
    _, after = init(tmp_path, "--on", "postgresql", "--on", "mariadb")

    document = yaml.safe_load(after[".pre-commit-config.yaml"])
    [ours, theirs] = document["repos"]
    assert (theirs["rev"], document["ci"]) == ("v1", {"skip": ["x"]})
    [hook] = ours["hooks"]
    assert hook["files"] == "^migrations/"
    assert "2 proved" in in_shell(hook["entry"], tmp_path)
    assert toml(after["pyproject.toml"])["alembic_proof"]["databases"] == ["postgresql", "mariadb"]
    workflow = after[".github/workflows/migrations.yml"]
    assert 'pip install "alembic-proof[postgresql,mariadb]"' in workflow
    assert "mariadb-server-core" in workflow


def test_a_service_in_a_monorepo(tmp_path: Path) -> None:
    """Workflow and hook lie at the top and go into the service's folder; a second service gets its own."""
    (tmp_path / ".git").mkdir()
    (tmp_path / ".pre-commit-config.yaml").write_text("repos: []\n", encoding="utf-8")
    for name in ("users", "orders"):
        plant_tables(PlantedProject(tmp_path / "services" / name), "a1").file("tests/test_x.py", "")
        init(tmp_path / "services" / name, "--on", "sqlite")
    after = files_of(tmp_path)

    document = yaml.safe_load(after[".github/workflows/migrations-users.yml"])
    [job] = document["jobs"].values()
    assert job["defaults"]["run"]["working-directory"] == "services/users"
    assert job["steps"][-1]["with"]["path"] == "services/users/proof.html"
    [repo] = yaml.safe_load(after[".pre-commit-config.yaml"])["repos"]
    assert repo["hooks"][0]["files"] == "^services/users/migrations/"
    assert "2 proved" in in_shell(repo["hooks"][0]["entry"], tmp_path)
    assert toml(after["services/users/pyproject.toml"])["pytest"] == {"ini_options": {"proof": True}}
    assert ".github/workflows/migrations-orders.yml" in after


def test_nothing_is_written_without_a_yes(tmp_path: Path) -> None:
    """The diff is shown and every file is as it was; --only takes the pieces that are named, and knows them."""
    plant_tables(PlantedProject(tmp_path), "a1")
    before = files_of(tmp_path)
    ended = run_anew(tmp_path, "init", "--only", "settings", "--on", "sqlite")

    assert ended.status == 0
    assert ended.output == (
        '# the settings\n--- /dev/null\n+++ b/pyproject.toml\n@@ -0,0 +1,2 @@\n+[tool.alembic_proof]\n+databases = ["sqlite"]\n\n'
        "Nothing was written. To write it without a question: alembic-proof init --yes\n"
    )
    assert files_of(tmp_path) == before
    refused = run(tmp_path, "init", "--only", "jenkins", "--on", "sqlite")
    assert refused.status == 2
    assert refused.errors[0].startswith('alembic-proof: Cannot write "jenkins": there is no such piece. Use some of: settings, ')


@pytest.mark.parametrize("url", ["postgresql://me:secret@host/db"])
def test_no_url_is_written(tmp_path: Path, url: str) -> None:
    """A URL can hold a password, and these files are committed."""
    plant_tables(PlantedProject(tmp_path), "a1")

    assert run(tmp_path, "init", "--yes", "--on", url).status == 2
    assert not (tmp_path / "pyproject.toml").exists()
