"""The files for CI systems, run as those systems run them: the commands are read from the files."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from alembic_proof.cli.options import store
from alembic_proof.testing import PlantedProject
from tests.walk.planting import plant_tables, table

ROOT = Path(__file__).resolve().parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
INSTALL, CACHE, PROVE, KEEP = ACTION["runs"]["steps"]


def in_bash(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a step as a runner does: bash that stops at the first error, the tool on PATH, nothing of this machine's own CI."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI_", "RUNNER_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        command, cwd=folder, env={**kept, "PATH": path, **environment}, capture_output=True, text=True, check=False
    )


def prove(repository: Path, **inputs: str) -> tuple[int, str, dict[str, str], str]:
    """Run the action's step with these inputs; return status, log, outputs and summary."""
    given = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
    environment = {
        name: re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda m: given[m[1]], value) for name, value in PROVE["env"].items()
    }
    runner = repository / "runner"
    runner.mkdir()
    files = {"GITHUB_OUTPUT": runner / "output", "GITHUB_STEP_SUMMARY": runner / "summary"}
    for file in files.values():
        file.touch()
    environment |= {name: str(file) for name, file in files.items()}
    environment |= {"RUNNER_TEMP": str(runner), "GITHUB_WORKSPACE": str(repository), "GITHUB_ACTIONS": "true"}
    ended = in_bash(PROVE["run"], repository / given["working-directory"], **environment)
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines())
    return ended.returncode, ended.stdout + ended.stderr, outputs, files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")


def test_evidence_is_kept_where_the_command_keeps_it() -> None:
    """The action restores and saves the folder in which the command line keeps evidence by itself, after each run anew."""
    assert CACHE["with"]["path"] == "${{ inputs.working-directory }}/.alembic_proof"
    assert store(None, no_cache=False) == Path.cwd() / ".alembic_proof"
    assert "github.sha" in CACHE["with"]["key"], "a key that exists already is never written again"
    assert CACHE["with"]["key"].startswith(CACHE["with"]["restore-keys"].strip())


def test_the_action_proves_and_tells(tmp_path: Path) -> None:
    """Broken: status 1, annotations with the repository's paths, the summary, every output, every report."""
    plant_tables(PlantedProject(tmp_path / "services/users"), "a1").revision("b2", table("left"))
    status, log, outputs, summary = prove(
        tmp_path, **{"working-directory": "services/users", "databases": "sqlite\n", "checks": "AP301,AP303", "arguments": "b2"}
    )

    assert (status, outputs["status"]) == (1, "1")
    assert "::error file=services/users/migrations/versions/b2_planted.py,line=" in log
    assert "### ❌ alembic-proof" in summary
    assert "```mermaid" in summary
    assert outputs["verdict"].startswith("Broken: 1 finding; 1 proved")
    names = {path.name for path in Path(outputs["folder"]).iterdir()}
    assert names == {f"proof.{kind}" for kind in ("html", "json", "xml", "sarif", "md", "txt")}


def test_the_action_passes_and_fails_as_the_command_does(tmp_path: Path) -> None:
    """Nothing broken is 0; with `strict` what is not proved is 1; a wrong set-up is 2, with no verdict."""
    plant_tables(PlantedProject(tmp_path / "whole"), "a1")
    plant_tables(PlantedProject(tmp_path / "one_way"), "a1").revision("b2", table("x"), None)
    (tmp_path / "empty").mkdir()
    told = {}
    for folder, strict in (("whole", "false"), ("one_way", "true"), ("empty", "false")):
        (tmp_path / folder / "at").mkdir()
        repository = tmp_path / folder
        status, _, outputs, _ = prove(repository, strict=strict, checks="AP302")
        told[folder] = (status, outputs["status"], outputs["verdict"].partition(";")[0])

    assert told == {
        "whole": (0, "0", "Nothing broken"),
        "one_way": (1, "1", "Nothing broken"),
        "empty": (2, "2", ""),
    }


def test_the_action_is_sound() -> None:
    """Every input that is used is declared, and the other way round; none stands in a script; what is written is uploaded."""
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    used = set(re.findall(r"inputs\.([\w-]+)", text))

    assert used == set(ACTION["inputs"])
    assert all("${{" not in step.get("run", "") for step in ACTION["runs"]["steps"])
    assert set(re.findall(r"steps\.proof\.outputs\.(\w+)", text)) == set(ACTION["outputs"])
    assert KEEP["with"]["path"] == "${{ runner.temp }}/alembic-proof/"
    assert all(one["description"] for one in (*ACTION["inputs"].values(), *ACTION["outputs"].values()))


@pytest.mark.parametrize(
    ("given", "installed"), [("default", "/the/action[postgresql]"), ("alembic-proof==0.1.0", "alembic-proof==0.1.0")]
)
def test_what_the_action_installs(tmp_path: Path, given: str, installed: str) -> None:
    """Itself with PostgreSQL, or what is asked for; told by a pip that only says what it was given."""
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho "$@"\n', encoding="utf-8")
    fake.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-e", "-c", INSTALL["run"]],
        env={"PATH": path, "INSTALL": given, "ACTION": "/the/action"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout == f"-m pip install {installed}\n"


def test_the_gitlab_job_runs(tmp_path: Path) -> None:
    """Its script, in the project's folder, leaves the reports where its artifacts name them."""
    [(_, job)] = yaml.safe_load((ROOT / "docs/gitlab-ci.yml").read_text(encoding="utf-8")).items()
    plant_tables(PlantedProject(tmp_path / "services/users"), "a1").revision("b2", table("left"))
    enter, install = job["before_script"]
    assert install.startswith("python -m pip install ")
    variables = {**job["variables"], "PROOF_FOLDER": "services/users", "PROOF_ON": "--on sqlite", "CI_PROJECT_DIR": str(tmp_path)}
    assert job["rules"][0]["variables"] == {"PROOF_COMMAND": "gate"}
    ended = in_bash("\n".join((enter, *job["script"])), tmp_path, **variables)

    assert ended.returncode == 1, ended.stderr
    reports = job["artifacts"]["reports"]
    assert ET.parse(tmp_path / reports["junit"]).getroot().get("failures") == "1"  # noqa: S314 - ours
    [entry] = json.loads((tmp_path / reports["codequality"]).read_text(encoding="utf-8"))
    assert entry["location"]["path"] == "services/users/migrations/versions/b2_planted.py"
    assert (tmp_path / "proof/proof.html").is_file()


def test_the_page_shows_what_is_in_the_files() -> None:
    """docs/ci.md: its YAML is whole, its hook is ours, and its inputs and outputs are those of the action."""
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)]
    [shown] = [hook for block in blocks if "repos" in block for repo in block["repos"] for hook in repo["hooks"]]
    [ours] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert {key: shown[key] for key in ("id", "entry", "language", "types", "pass_filenames")} == {
        key: ours[key] for key in ("id", "entry", "language", "types", "pass_filenames")
    }
    assert re.findall(r"^\| `([\w-]+)` \|", page, flags=re.MULTILINE) == list(ACTION["inputs"])
    assert all(f"`{name}` (" in page for name in ACTION["outputs"])


def test_the_hook_runs(tmp_path: Path) -> None:
    """The hook's entry sees two heads, and passes where there is one; it asks no database."""
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    project = plant_tables(PlantedProject(tmp_path), "a1")
    passed = in_bash(hook["entry"], tmp_path)
    project.revision("b2", down="a1").revision("c3", down="a1")
    failed = in_bash(hook["entry"], tmp_path)

    assert (passed.returncode, failed.returncode) == (0, 1), passed.stderr + failed.stderr
    assert "AP101 single-head" in failed.stdout
    assert " ..." not in failed.stderr
    assert hook["pass_filenames"] is False
