"""The command line: its statuses, its options, its formats."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from alembic_proof import __version__
from alembic_proof.checks.registry import ALL_CHECKS
from alembic_proof.testing import ENV_PY, PlantedProject
from tests.doors.door import COMMAND, run, run_anew
from tests.walk.planting import WALK, plant_tables, table


def planted(folder: Path) -> PlantedProject:
    """A project of two clean revisions."""
    return plant_tables(PlantedProject(folder), "a1", "b2")


def report_of(folder: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """Run `verify --format json` and read what it printed."""
    ended = run(folder, "verify", "--format", "json", *arguments)
    return ended.status, json.loads(ended.output)


def test_nothing_broken(tmp_path: Path) -> None:
    """Status 0, and a last line that says what was proved on what."""
    planted(tmp_path)
    ended = run(tmp_path, "verify", "--checks", ",".join(WALK))
    assert (ended.status, ended.errors) == (0, ())
    assert re.search(r"^Nothing broken; 8 proved, 0 not proved \(2 revisions on sqlite [\d.]+\)\.$", ended.output, re.MULTILINE)


def test_something_broken(tmp_path: Path) -> None:
    """Status 1, and the finding with its place, its words and its fix."""
    planted(tmp_path).revision("c3", table("left"))
    ended = run_anew(tmp_path, "verify")
    assert (ended.status, ended.errors) == (1, ())
    assert "(c3, downgrade, sqlite): AP303 downgrade-restores-schema\n" in ended.output
    assert re.search(r"  fix +in downgrade\(\).*\bleft\b", ended.output, re.DOTALL)


def test_something_not_proved(tmp_path: Path) -> None:
    """What could not be tried is status 0, and 1 with --strict."""
    planted(tmp_path).revision("c3", table("one_way"), None)
    assert run(tmp_path, "verify", "--checks", "AP302").status == 0
    strict = run(tmp_path, "verify", "--checks", "AP302", "--strict")
    assert strict.status == 1
    assert "declared one-way. The revision has no downgrade()." in strict.output


def test_a_warning_is_no_error(tmp_path: Path) -> None:
    """The severity of a check is a setting, and only errors make the status 1."""
    planted(tmp_path).revision("c3", table("left")).file("pyproject.toml", '[tool.alembic_proof.severity]\nAP303 = "warning"\n')
    ended = run(tmp_path, "verify", "--checks", "downgrade-restores-schema")
    assert ended.status == 0
    assert "AP303 downgrade-restores-schema [warning]" in ended.output


@pytest.mark.parametrize("names", ["AP301,AP303", "upgrade-runs,downgrade-restores-schema", "AP301, downgrade-restores-schema"])
def test_checks_by_code_and_by_name(tmp_path: Path, names: str) -> None:
    """--checks takes codes and names, and nothing else is judged."""
    planted(tmp_path)
    status, report = report_of(tmp_path, "--checks", names)
    assert status == 0
    assert {outcome["check"] for outcome in report["outcomes"]} == {"upgrade-runs", "downgrade-restores-schema"}


def test_the_default_is_every_check(tmp_path: Path) -> None:
    """Without --checks each check of the registry has something to say, also of what was released, once that is locked."""
    planted(tmp_path)
    assert run_anew(tmp_path, "lock").output == "Locked in alembic-proof.lock: 2 revisions.\n"
    status, report = report_of(tmp_path)
    assert status == 0
    assert {outcome["check"] for outcome in report["outcomes"]} == {check.rule.slug for check in ALL_CHECKS}


FINDING = {
    "code": str, "check": str, "severity": str,
    "database": (str, None), "revision": (str, None), "direction": (str, None), "object": (str, None),
    "what": str, "effect": str, "seen": [str], "fix": str, "file": (str, None), "line": (int, None),
}  # fmt: skip

ACCEPTANCE = {
    "check": str, "revision": (str, None), "object": (str, None), "reason": str,
    "until": (str, None), "file": str, "line": (int, None),
}  # fmt: skip

KEYS = {
    "schema_version": int,
    "tool": {"name": str, "version": str},
    "project": {
        "config_file": str, "script_location": str, "whole": {"accept": [ACCEPTANCE], "history": [str], "databases": [str]}
    },
    "databases": [{"name": str, "server_version": str}],
    "revisions": [{"id": str, "down": [str], "file": str, "message": str, "deploy": str}],
    "findings": [FINDING],
    "outcomes": [{"check": str, "database": (str, None), "revision": (str, None), "outcome": str, "reason": (str, None)}],
    "not_compared": [str],
    "timings": [{"database": str, "phase": str, "seconds": (float, int)}],
    "accepted": [{"finding": FINDING, "acceptance": ACCEPTANCE}],
    "unused_acceptances": [ACCEPTANCE],
    "checks": [{"code": str, "check": str, "effect": str}],
    "steps": [{"database": str, "revision": str, "sql": [str], "changes": [str], "seconds": (float, int)}],
    "words": [str],
    "rows": {"examples": int, "seed": int, "hypothesis": str},
}  # fmt: skip
"""The documented form of the report: every key, in order, with the types that its value can have."""


def assert_form(value: Any, form: Any, at: str = "report") -> None:
    """Hold that a value has exactly the documented keys and types."""
    if isinstance(form, dict):
        assert list(value) == list(form), at
        for key, inner in form.items():
            assert_form(value[key], inner, f"{at}.{key}")
    elif isinstance(form, list):
        assert isinstance(value, list), at
        for item in value:
            assert_form(item, form[0], f"{at}[]")
    else:
        allowed = form if isinstance(form, tuple) else (form,)
        assert type(value) in {type(None) if one is None else one for one in allowed}, f"{at}: {value!r}"


def test_the_form_of_the_report(tmp_path: Path) -> None:
    """--format json=FILE writes the documented document, with every part filled, beside the text."""
    project = planted(tmp_path).revision("c3", table("left"))
    project.revision("d4", table("one_way"), None, header="# proof: accept AP301 -- it has no way back")
    project.revision("e5", table("known"), header="# proof: accept AP303 known -- it is empty")
    ended = run(tmp_path, "verify", "--format", "json=out/report.json")
    assert ended.status == 1
    assert "AP303" in ended.output, "the text goes to standard output all the same"
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert_form(report, KEYS)
    assert all(report[part] for part in KEYS if part not in ("steps", "words"))
    assert report["steps"] == [], "what only a detailed report holds"
    assert report["schema_version"] == 1
    assert report["tool"] == {"name": "alembic-proof", "version": __version__}
    whole = report["project"].pop("whole")
    assert ([one["object"] for one in whole["accept"]], whole["history"], whole["databases"]) == (
        [None, "known"], ["a1", "b2", "c3", "d4", "e5"], [],
    )  # fmt: skip
    assert report["project"] == {"config_file": "alembic.ini", "script_location": "migrations"}
    assert report["revisions"][1] == {
        "id": "b2",
        "down": ["a1"],
        "file": "migrations/versions/b2_planted.py",
        "message": "Revision b2.",
        "deploy": "schema first",
    }
    assert {outcome["outcome"] for outcome in report["outcomes"]} == {"proved", "broken", "accepted", "not_proved"}
    (finding,) = [one for one in report["findings"] if one["check"] == "downgrade-restores-schema"]
    assert {key: finding[key] for key in ("code", "severity", "database", "revision", "direction", "object", "file")} == {
        "code": "AP303",
        "severity": "error",
        "database": "sqlite",
        "revision": "c3",
        "direction": "downgrade",
        "object": "left",
        "file": "migrations/versions/c3_planted.py",
    }


def test_what_migrations_print(tmp_path: Path) -> None:
    """Standard output holds the document alone, whatever env.py and the revisions print."""
    project = plant_tables(PlantedProject(tmp_path, env_py=f"import os\nprint('env')\nos.write(1, b'env')\n{ENV_PY}"), "a1")
    project.revision("b2", "print('up')\nos.system('echo up')", "print('down')", header="import os\nprint('loaded')")
    status, report = report_of(tmp_path, "--checks", "upgrade-runs")
    assert status == 0
    assert len(report["outcomes"]) == 2


def test_several_databases(tmp_path: Path, postgresql_url: str) -> None:
    """--on may be repeated; each database has its own verdicts, in the order given, and the same one twice is one."""
    planted(tmp_path)
    status, report = report_of(
        tmp_path, "--checks", "upgrade-runs", "--on", postgresql_url, "--on", "sqlite", "--on", "postgresql:16", "--on", "sqlite"
    )
    assert status == 0
    names = [database["name"] for database in report["databases"]]
    assert names == [postgresql_url, "sqlite", "postgresql:16"]
    assert [database["server_version"].split(".")[0] for database in report["databases"]] == ["18", "3", "16"]
    assert [(o["database"], o["revision"]) for o in report["outcomes"]] == [(name, r) for name in names for r in ("a1", "b2")]


@pytest.mark.parametrize(
    ("url", "name"), [("sqlite:///app.db", "sqlite"), ("postgresql+psycopg://db.example/app", "postgresql"), ("", "sqlite")]
)
def test_the_default_database(tmp_path: Path, url: str, name: str) -> None:
    """Without --on the kind that the project's own URL names, else SQLite; nothing is opened at that URL."""
    ini = f"[alembic]\nscript_location = %(here)s/migrations\n{f'sqlalchemy.url = {url}' if url else ''}\n"
    plant_tables(PlantedProject(tmp_path, ini=ini), "a1")
    status, report = report_of(tmp_path, "--checks", "upgrade-runs")
    assert status == 0
    assert [database["name"] for database in report["databases"]] == [name]


def test_the_databases_of_the_settings(tmp_path: Path) -> None:
    """The setting `databases` stands in for --on."""
    planted(tmp_path).file("pyproject.toml", '[tool.alembic_proof]\ndatabases = ["sqlite", "postgresql"]\n')
    _, report = report_of(tmp_path, "--checks", "upgrade-runs")
    assert [database["name"] for database in report["databases"]] == ["sqlite", "postgresql"]


def test_another_configuration(tmp_path: Path) -> None:
    """-c takes a file elsewhere; paths in the report are relative to the folder of the run."""
    planted(tmp_path / "service")
    status, report = report_of(tmp_path, "-c", "service/alembic.ini", "--checks", "upgrade-runs")
    assert status == 0
    assert report["project"]["config_file"] == "service/alembic.ini"
    assert report["revisions"][0]["file"] == "service/migrations/versions/a1_planted.py"


def test_a_range(tmp_path: Path) -> None:
    """A range limits what is judged."""
    planted(tmp_path)
    assert [revision["id"] for revision in report_of(tmp_path, "--checks", "upgrade-runs", "b2")[1]["revisions"]] == ["b2"]


def test_faithful(tmp_path: Path) -> None:
    """--faithful comes to the same report."""
    planted(tmp_path)
    fast, slow = report_of(tmp_path, "--on", "postgresql"), report_of(tmp_path, "--on", "postgresql", "--faithful")
    assert fast[0] == slow[0] == 0
    assert fast[1]["outcomes"] == slow[1]["outcomes"]


def test_progress_and_passwords(tmp_path: Path, postgresql_url: str) -> None:
    """Progress goes to standard error, a line for each phase; a password in a URL is told nowhere."""
    planted(tmp_path)
    url = postgresql_url.replace("postgres@", "postgres:secret@")
    assert "secret" in url
    ended = subprocess.run([*COMMAND, "verify", "--on", url], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    assert f"{postgresql_url}: walk ...\n" in ended.stderr
    assert "secret" not in ended.stderr + ended.stdout


def test_the_version(tmp_path: Path) -> None:
    """--version prints name and version."""
    assert run_anew(tmp_path, "--version").output == f"alembic-proof {__version__}\n"


def test_help(tmp_path: Path) -> None:
    """--help and -h name the command and every option; no argument at all shows the help too."""
    assert "verify" in run(tmp_path, "--help").output
    assert "verify" in run(tmp_path).output
    shown = " ".join(run(tmp_path, "verify", "-h").output.split())
    for option in ("--config", "--on", "--format", "--checks", "--strict", "--faithful", "[REVISION_RANGE]"):
        assert option in shown
    assert "Your own databases are never connected to." in shown


@pytest.mark.parametrize("arguments", [("verify", "--no-such-option"), ("prove",)])
def test_a_wrong_option(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """An option or command that there is not: status 2."""
    ended = run(tmp_path, *arguments)
    assert (ended.status, ended.output) == (2, "")
    assert "No such" in "".join(ended.errors)
