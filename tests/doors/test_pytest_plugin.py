"""The pytest door from the outside, in sessions of their own.

Stands alone: it is run on other versions of pytest too, without conftest.py.
"""

import subprocess
import sys
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path

import pytest

from alembic_proof.checks.registry import ALL_CHECKS, Scope
from alembic_proof.databases.opening import open_server
from alembic_proof.databases.urls import without_password
from alembic_proof.testing import PlantedProject
from tests.doors.door import NO_OTHER_PLUGINS

pytest_plugins = ["pytester"]

INI = f"""
[pytest]
filterwarnings = error
addopts = -p no:cacheprovider -ra --color=no {NO_OTHER_PLUGINS}
"""
CHECKS_OF_A_REVISION = [check.rule.slug for check in ALL_CHECKS if check.scope is Scope.REVISION]


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    """These sessions are nobody's CI run: its summary is not theirs to write."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


@pytest.fixture
def planted(pytester: pytest.Pytester) -> PlantedProject:
    """Three revisions: a sound one, one whose downgrade forgets an index, one without a way back."""
    pytester.makefile(".ini", pytest=INI)
    project = PlantedProject(pytester.path)
    project.revision("0001", 'op.create_table("users", sa.Column("name", sa.String(50)))', 'op.drop_table("users")')
    project.revision("0002", 'op.create_index("ix_users_name", "users", ["name"])', "pass")
    project.revision("0003", 'op.add_column("users", sa.Column("email", sa.String(50)))', 'raise NotImplementedError("one way")')
    return project


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run pytest as a user does."""
    return pytester.runpytest_subprocess(*arguments)


def sound(pytester: pytest.Pytester) -> PlantedProject:
    """Make a project of two sound revisions, with models."""
    pytester.makefile(".ini", pytest=INI)
    project = PlantedProject(pytester.path)
    project.revision("0001", 'op.create_table("users", sa.Column("name", sa.String(50)))', 'op.drop_table("users")')
    return project.revision("0002", 'op.create_index("ix", "users", ["name"])', 'op.drop_index("ix", table_name="users")')


def test_every_judgement_is_an_item(pytester: pytest.Pytester, planted: PlantedProject) -> None:
    """--proof adds an item for each database, revision and check, for each database, and for the project, by exact names."""
    (planted.root / "migrations/versions/0003_planted.py").rename(planted.root / "migrations/versions/0003_email.py")
    result = run(pytester, "--proof", "--proof-on", "sqlite", "--proof-on", "postgresql", "--collect-only", "-q")
    nodes = [line for line in result.outlines if line.startswith("migrations")]
    for database in ("sqlite", "postgresql"):
        for stem in ("0001_planted", "0002_planted", "0003_email"):
            for check in CHECKS_OF_A_REVISION:
                assert nodes.count(f"migrations[{database}]::{stem}::{check}") == 1
        assert f"migrations[{database}]::upgrade-reaches-head" in nodes
        assert f"migrations[{database}]::models-match-migrations" in nodes
    assert {"migrations::single-head", "migrations::history-is-connected", "migrations::modules-import-alone"} <= set(nodes)
    assert len(nodes) == len(set(nodes))


def test_outcomes(pytester: pytest.Pytester, planted: PlantedProject) -> None:
    """Broken fails with the command line's own text and no traceback; not proved is skipped with its reason; JUnit tells both."""
    pytester.makefile(".ini", pytest=INI.replace(NO_OTHER_PLUGINS, ""))  # here beside all others
    pytester.makepyfile(test_own="def test_own(): pass")
    result = run(pytester, "--proof", "--proof-on", "sqlite", "--junitxml=junit.xml", "-v")
    shown = subprocess.run(
        [sys.executable, "-m", "alembic_proof", "verify", "--on", "sqlite"],
        capture_output=True,
        text=True,
        check=False,
        cwd=planted.root,
    ).stdout
    finding = shown.split("\n\n", maxsplit=1)[0].splitlines()
    assert finding[0].endswith("(0002, downgrade, sqlite): AP303 downgrade-restores-schema")
    start = result.outlines.index(finding[0])
    assert result.outlines[start : start + len(finding)] == finding
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()
    result.stdout.fnmatch_lines(
        [
            "test_own.py::test_own PASSED*",
            "migrations[[]sqlite]::0001_planted::upgrade-runs PASSED*",
            "migrations[[]sqlite]::0002_planted::downgrade-restores-schema FAILED*",
            "migrations[[]sqlite]::0003_planted::downgrade-runs SKIPPED*",
            "SKIPPED*migrations/versions/0003_planted.py:*: not proved: declared one-way*one way*",
        ]
    )
    assert result.parseoutcomes()["failed"] == 1
    junit = ET.parse(planted.root / "junit.xml")  # noqa: S314 - written above
    cases = {_name_in_junit(case): case for case in junit.iter("testcase")}
    broken = cases["migrations[sqlite]::0002_planted::downgrade-restores-schema"].find("failure")
    assert broken is not None
    assert "Index ix_users_name on table users was there after the downgrade" in (broken.text or "")
    skipped = cases["migrations[sqlite]::0003_planted::downgrade-runs"].find("skipped")
    assert skipped is not None
    assert "declared one-way" in skipped.get("message", "")
    assert len(cases["migrations[sqlite]::0001_planted::upgrade-runs"]) == 0


def _name_in_junit(case: ET.Element) -> str:
    """Read a node id as pytest writes it: in the name up to 9.1, split at the last colons from 9.2 on."""
    return "::".join(part for part in (case.get("classname", "").replace(".", "::"), case.get("name", "")) if part)


@pytest.mark.usefixtures("planted")
def test_strict_fails_what_is_not_proved(pytester: pytest.Pytester) -> None:
    """--proof-strict turns a skip into a failure with the same reason."""
    node = "migrations[sqlite]::0003_planted::downgrade-runs"
    result = run(pytester, "--proof-strict", "--proof-on", "sqlite", node)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["not proved: declared one-way*one way*", f"FAILED {node.replace('[', '[[]')}*"])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--proof", "-k", "0002_planted and downgrade-restores-schema"], {"failed": 1}),
        (["--proof", "-k", "sqlite and 0001_planted"], {"passed": len(CHECKS_OF_A_REVISION)}),
        (
            [
                "--proof",
                "-k",
                "sqlite and 0002_planted and (upgrade-runs or downgrade-runs or restores or repeats or offline)",
                "--deselect",
                "migrations[sqlite]::0002_planted::downgrade-restores-schema",
            ],
            {"passed": 3, "skipped": 1},
        ),
        (["migrations[sqlite]::0001_planted::upgrade-runs"], {"passed": 1}),
        (["migrations[sqlite]::0001_planted", "test_own.py"], {"passed": len(CHECKS_OF_A_REVISION) + 1}),
        (["migrations::single-head", "migrations::history-is-connected"], {"passed": 2}),
        (["test_own.py"], {"passed": 1}),
    ],
    ids=["keyword", "database", "deselect", "node", "group-and-file", "project", "none"],
)
@pytest.mark.usefixtures("planted")
def test_selecting(pytester: pytest.Pytester, arguments: list[str], expected: dict[str, int]) -> None:
    """Items are chosen by -k, --deselect and by node id, as tests are; a node id asks for the proof by itself."""
    pytester.makepyfile(test_own="def test_own(): pass")
    outcomes = run(pytester, "--proof-on", "sqlite", *arguments).parseoutcomes()
    assert {name: outcomes[name] for name in ("passed", "failed", "skipped") if name in outcomes} == expected


def test_last_failed(pytester: pytest.Pytester, planted: PlantedProject) -> None:
    """--last-failed takes up the broken item alone."""
    (planted.root / "pytest.ini").write_text("[pytest]\nproof = true\nproof_on = sqlite\n")
    assert run(pytester, "-k", "0001_planted or 0002_planted").parseoutcomes()["failed"] == 1
    run(pytester, "--last-failed").assert_outcomes(failed=1)


def test_ini_and_settings(pytester: pytest.Pytester) -> None:
    """`proof = true` needs no option; the databases come from [tool.alembic_proof], the configuration from proof_config."""
    project = sound(pytester)
    (project.root / "alembic.ini").rename(project.root / "other.ini")
    (project.root / "pytest.ini").write_text(INI + "proof = true\nproof_config = other.ini\n")
    project.file("pyproject.toml", '[tool.alembic_proof]\ndatabases = ["sqlite"]\n')
    result = run(pytester, "-v")
    result.stdout.fnmatch_lines(["migrations[[]sqlite]::0002_planted::upgrade-repeats PASSED*"])
    assert "failed" not in result.parseoutcomes()


def test_a_server_by_its_url(pytester: pytest.Pytester, planted: PlantedProject) -> None:
    """A database named by its URL has items and tests of that name, without the password; a node id with it can be selected."""
    pytester.makepyfile(test_own="def test_own(migrated_database): assert migrated_database.current == '0003'")
    with closing(open_server("postgresql")) as server:
        url = server.create().url.set(password="secret")  # noqa: S106 - a private server asks for none
        name = without_password(url)
        (planted.root / "pytest.ini").write_text(
            f"{INI}\nproof_on = {url.render_as_string(hide_password=False)} sqlite:///app.db\n"
        )
        result = run(
            pytester, "-v", "test_own.py", f"migrations[{name}]::0001_planted::upgrade-runs", "migrations[sqlite]::0001_planted"
        )
    result.assert_outcomes(passed=3 + len(CHECKS_OF_A_REVISION))
    assert f"migrations[{name}]::0001_planted::upgrade-runs PASSED" in result.stdout.str()
    assert "secret" not in result.stdout.str()


def test_natural_database(pytester: pytest.Pytester) -> None:
    """Where nothing says on what to prove, it is what the project's own URL names."""
    sound(pytester)
    run(pytester, "--proof", "-k", "upgrade-runs").assert_outcomes(passed=2, deselected=_any(pytester))


def _any(pytester: pytest.Pytester) -> int:
    """Count the items that are no upgrade-runs."""
    nodes = [line for line in run(pytester, "--proof", "--collect-only", "-q").outlines if line.startswith("migrations")]
    assert all(node.startswith(("migrations::", "migrations[sqlite]")) for node in nodes)
    return len([node for node in nodes if not node.endswith("upgrade-runs")])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--proof", "--proof-on", "nosuch"], "Cannot use database nosuch: no such name.*"),
        (
            ["--proof", "--proof-on", "postgresql://u:secret@127.0.0.1:1/db", "-k", "0001_planted and upgrade-runs"],
            "Cannot use postgresql://u@127.0.0.1:1/db: *",
        ),
        (
            ["--proof-on", "sqlite", "migrations[sqlite]::0009"],
            "Cannot select migrations[[]sqlite]::0009: there is no such item*",
        ),
        (["--proof", "--proof-on", "sqlite", "-n", "2", "migrations[sqlite]::0009"], "Cannot select *: there is no such item.*"),
    ],
    ids=["name", "refused", "node", "xdist"],
)
@pytest.mark.usefixtures("planted")
def test_a_wrong_set_up_is_one_line(pytester: pytest.Pytester, arguments: list[str], words: str) -> None:
    """What the user can mend is told in one line, without a traceback or a password, and fails the session."""
    result = run(pytester, *arguments)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(failed=1, deselected=result.parseoutcomes().get("deselected", 0))
    result.stdout.fnmatch_lines([f"alembic-proof: {words}"])
    everything = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in everything
    assert ".py:" not in everything
    assert "secret" not in everything


def test_no_project(pytester: pytest.Pytester) -> None:
    """Without an alembic.ini, the items and the fixtures say so in a line each."""
    pytester.makefile(".ini", pytest=INI)
    pytester.makepyfile(test_own="def test_own(migration): pass")
    result = run(pytester, "--proof", "--continue-on-collection-errors")
    result.stdout.fnmatch_lines(["*alembic-proof: Cannot find a project: *"])
    result.assert_outcomes(failed=1, errors=1)
    assert "Traceback" not in result.stdout.str()


def test_a_broken_history(pytester: pytest.Pytester, planted: PlantedProject) -> None:
    """A history that Alembic cannot load fails the item of that name; what could not be tried says why."""
    planted.revision("0005", down="0004")
    result = run(pytester, "--proof", "--proof-on", "sqlite", "-v")
    result.stdout.fnmatch_lines(["migrations::history-is-connected FAILED*"])
    result.stdout.fnmatch_lines(["SKIPPED * not proved: Cannot prove the history: *0004*"])
    assert result.parseoutcomes()["failed"] == 1
    assert "passed" not in result.parseoutcomes()


def test_a_severity_below_error_is_a_warning(pytester: pytest.Pytester, planted: PlantedProject) -> None:
    """A finding that the settings call a warning passes, and is told, where filters turn warnings into errors too."""
    planted.file("pyproject.toml", '[tool.alembic_proof.severity]\nAP303 = "warning"\n')
    result = run(pytester, "--proof-on", "sqlite", "migrations[sqlite]::0002_planted::downgrade-restores-schema")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(["*PytestWarning: migrations/versions/0002_planted.py:*AP303*warning*"])


def test_revisions_that_warn(pytester: pytest.Pytester) -> None:
    """A revision that warns when it is imported or run breaks nothing in a project whose filters turn warnings into errors."""
    project = sound(pytester)
    warn = 'import warnings; warnings.warn("old", DeprecationWarning)'
    project.revision("0003", warn, "pass", header=warn)
    pytester.makepyfile(test_own="def test_own(migrated_database): assert migrated_database.current == '0003'")
    result = run(pytester, "--proof", "--proof-on", "sqlite")
    assert "failed" not in result.parseoutcomes(), result.stdout.str()
    assert "errors" not in result.parseoutcomes(), result.stdout.str()


@pytest.mark.parametrize("dist", ["load", "loadscope", "loadfile", "loadgroup", "worksteal", "each"])
def test_xdist_proves_once(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, dist: str) -> None:
    """Under pytest-xdist each item is reported once (by each worker with `each`), and the migrations are proved once."""
    if dist not in {"load", "each"}:
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # to us they are the same
    project = sound(pytester)
    log = project.root / "walks"
    project.revision("0003", f"with open({str(log)!r}, 'a') as log: log.write('.')", "pass")
    checks = ("upgrade-runs", "downgrade-runs", "downgrade-restores-schema", "upgrade-repeats")
    chosen = ("--no-proof-cache", "--proof-on", "sqlite", *(f"migrations[sqlite]::0003_planted::{check}" for check in checks))
    alone = run(pytester, *chosen)
    alone.assert_outcomes(passed=len(checks))
    once = log.read_text()
    log.unlink()
    workers = ["-n", "2"] if dist != "each" else ["--tx", "2*popen"]
    result = run(pytester, *workers, "--dist", dist, *chosen)
    result.assert_outcomes(passed=len(checks) * (1 if dist != "each" else 2))
    assert log.read_text() == once


@pytest.mark.usefixtures("planted")
def test_xdist_leaves_no_folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that the workers share is gone afterwards, and a finding is shown as without workers."""
    folder = pytester.mkdir("temporary")
    monkeypatch.setenv("TMPDIR", str(folder))
    result = run(pytester, "-n", "2", "--proof", "--proof-on", "sqlite", "-k", "0002_planted")
    result.stdout.fnmatch_lines(
        ["migrations/versions/0002_planted.py:*AP303 downgrade-restores-schema", "  what    Index ix_users_name*"]
    )
    assert result.parseoutcomes()["failed"] == 1
    assert [path.name for path in folder.iterdir() if path.name.startswith("alembic-proof")] == []


def test_the_plugin_costs_nothing_unused(pytester: pytest.Pytester) -> None:
    """Without --proof and the fixtures, pytest loads nothing through us but two small modules."""
    pytester.makepyfile(test_own="def test_own(): pass")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "pytest", "-q", "-p", "no:hypothesispytest", "-p", "no:pytest_alembic"],
        capture_output=True, text=True, check=True, cwd=pytester.path,
    )  # fmt: skip
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    ours = {name for name in loaded if name.split(".")[0] == "alembic_proof"}
    assert ours - {"alembic_proof", "alembic_proof.pytest_plugin"} == {"alembic_proof.errors"}
    assert not loaded & {"sqlalchemy", "alembic", "rich", "msgspec", "grimp", "typer"}


def test_the_fixtures_on_every_database(pytester: pytest.Pytester) -> None:
    """A test that uses a fixture runs once for each configured database, with the migrations' own output captured."""
    project = sound(pytester)
    project.revision("0003", "print('said by the migration')", "pass")
    pytester.makepyfile(
        test_own="""
        def test_moves(migration):
            migration.up_before("0002")
            assert migration.current == "0001"
            migration.insert_into("users", {"name": "ada"})
            migration.up_one()
            assert migration.rows("SELECT name FROM users WHERE name = :name", name="ada") == [{"name": "ada"}]
            migration.down_to("base")

        def test_head(migrated_database):
            assert migrated_database.current == "0003"
            migrated_database.insert_into("users", {"name": migrated_database.database})

        def test_head_is_fresh(migrated_database):
            assert migrated_database.rows("SELECT * FROM users") == []

        def test_prints(migration):
            migration.up_to("head")
            raise ValueError("stop here")
        """
    )
    result = run(pytester, "--proof-on", "sqlite", "--proof-on", "postgresql", "-v")
    result.assert_outcomes(passed=6, failed=2)
    result.stdout.fnmatch_lines(["test_own.py::test_moves[[]sqlite] PASSED*", "test_own.py::test_moves[[]postgresql] PASSED*"])
    assert result.stdout.str().count("said by the migration") == 2


@pytest.mark.usefixtures("planted")
def test_a_failing_revision_is_told_at_the_tests_own_line(pytester: pytest.Pytester) -> None:
    """A revision that fails shows the test's line and the database's words, and none of our frames."""
    pytester.makepyfile(
        test_own="""
        def test_one_way(migration):
            migration.up_to("head")
            migration.down_one()
        """
    )
    result = run(pytester, "--proof-on", "sqlite")
    result.stdout.fnmatch_lines(
        [
            ">       migration.down_one()",
            "E       *MigrationError: migrations/versions/0003_planted.py:* (0003, downgrade, sqlite): NotImplementedError: *",
        ]
    )
    assert "alembic_proof/migration.py" not in result.stdout.str()


@pytest.mark.usefixtures("planted")
def test_a_fixture_without_a_database_says_so(pytester: pytest.Pytester) -> None:
    """Where pytest cannot run a test once for each database, it fails in one line."""
    pytester.makepyfile(test_own="def test_late(request): request.getfixturevalue('migration')")
    result = run(pytester, "--proof-on", "sqlite")
    result.stdout.fnmatch_lines(["alembic-proof: Cannot tell on which database this test runs: *Name it there*"])


def test_docs_example(pytester: pytest.Pytester) -> None:
    """The example of docs/pytest.md runs as it stands there."""
    page = (Path(__file__).parents[2] / "docs/pytest.md").read_text()
    blocks = {code.partition("\n")[0]: code for code in (part.split("\n```")[0] for part in page.split("```python\n")[1:])}
    pytester.makefile(".ini", pytest=INI)
    project = PlantedProject(pytester.path)
    for first_line, code in blocks.items():
        project.file(first_line.removeprefix("# "), code + "\n")
    result = run(pytester, "--proof", "--proof-on", "sqlite", "--proof-on", "postgresql")
    outcomes = result.parseoutcomes()
    assert "failed" not in outcomes, result.stdout.str()
    assert "errors" not in outcomes, result.stdout.str()
    on_a_database = 2 + 2 * len(CHECKS_OF_A_REVISION) - 1  # the tests, and the items but for the --sql mode of 0002
    assert outcomes["passed"] >= 2 * on_a_database
