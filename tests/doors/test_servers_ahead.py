"""A private server that the command begins before it loads its libraries."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from alembic_proof.testing import PlantedProject
from tests.doors.door import COMMAND, assert_nothing_is_left, children_of, run, traces_of, without_progress
from tests.walk.planting import plant_tables

HAS_A_CORE_MORE = sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1
TELLING = """\
[[folder]] = op.get_bind().exec_driver_sql("SHOW data_directory")
with open(TOLD, "a") as file:
    print(Path(folder).parent.name, os.getppid(), file=file)
"""


def servers_used(folder: Path, also: str, downgrade: str, checks: str) -> list[tuple[str, str]]:
    """On which folders' servers a revision ran, each with the parent of the process that ran it."""
    told = folder / "told"
    header = f"import os\nfrom pathlib import Path\n\nTOLD = {str(told)!r}"
    PlantedProject(folder / "project").revision("a1", f"{TELLING}{also}", downgrade, header=header)
    ended = run(folder / "project", "verify", "--no-cache", "--on", "postgresql", "--checks", checks)
    assert (ended.status, ended.errors) == (0, ())
    return [(name, parent) for name, _, parent in (line.partition(" ") for line in told.read_text().splitlines())]


def test_migrations_run_on_the_server_that_was_begun(tmp_path: Path) -> None:
    """The server is that of the command's own process, not one of the process that runs the migrations."""
    ((name, command),) = set(servers_used(tmp_path, "", "pass", "AP301,AP302"))
    assert name.startswith(f"alembic_proof_{command}_") == HAS_A_CORE_MORE


def test_a_server_that_was_begun_is_one_of_many(tmp_path: Path) -> None:
    """Where the history makes roles it is used for one database, and the others get servers of their own."""
    used = servers_used(tmp_path, 'op.execute("CREATE ROLE reader")', 'op.execute("DROP ROLE reader")', "AP301,AP302,AP307")
    folders = {name for name, _ in used}
    owners = {name.split("_")[2] for name in folders}
    assert len(folders) > 1
    assert len(owners) == 1 + HAS_A_CORE_MORE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["SIGINT", "SIGTERM", "SIGKILL"])
def test_an_interruption_while_it_begins(tmp_path: Path, number: signal.Signals, request: pytest.FixtureRequest) -> None:
    """As soon as there is anything of a server: one line, status 2, and nothing left of it."""
    if number is signal.SIGKILL:
        request.getfixturevalue("unmeasured")
    plant_tables(PlantedProject(tmp_path), "a1")
    with subprocess.Popen(
        [*COMMAND, "verify", "--on", "postgresql"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 60
        while len(traces_of([process.pid, *children_of(process.pid)])) < 2 and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.002)  # one is the command itself
        pids = [process.pid, *children_of(process.pid)]
        os.killpg(process.pid, number) if number is signal.SIGINT else process.send_signal(number)
        output, errors = process.communicate(timeout=30)
    assert_nothing_is_left(pids)
    assert output == ""
    if number is not signal.SIGKILL:
        assert process.returncode == 2
        assert without_progress(errors) == ("alembic-proof: interrupted; no server, database or folder is left behind.",)


def test_a_run_that_cannot_use_it_ends_it(tmp_path: Path) -> None:
    """A set-up error that shows only when libraries are loaded: the line that it always was, and no server."""
    plant_tables(PlantedProject(tmp_path), "a1").file("alembic.ini", "[alembic]\nscript_location = nowhere\n")
    ended = run(tmp_path, "verify", "--on", "postgresql")

    assert (ended.status, len(ended.errors)) == (2, 1)
    assert ended.errors[0].startswith("alembic-proof: Cannot use alembic.ini: Path doesn't exist: nowhere.")
