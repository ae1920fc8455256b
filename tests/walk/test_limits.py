"""What a worker does when a migration does not come back, or takes the process with it."""

import os
import time
from pathlib import Path

import pytest

from alembic_proof.databases.private import MEMORY, SHORT
from alembic_proof.errors import ProofError
from alembic_proof.testing import PlantedProject
from tests.walk.planting import plant_tables, scratch_databases, walk


def folders() -> set[Path]:
    """The folders of scratch databases on this machine."""
    return {folder for parent in {MEMORY, SHORT} for folder in parent.glob("alembic_proof_*")}


def new_folders(before: set[Path]) -> set[Path]:
    """The folders that a proof left behind; those of other processes come and go, so only ours are asked for, and for a while."""
    children = {str(os.getpid())}
    for _ in range(50):
        left = {folder for folder in folders() - before if folder.name.split("_")[2] in children}
        if not left:
            return set()
        time.sleep(0.1)
    return left


@pytest.mark.parametrize("name", ["sqlite", "postgresql"])
@pytest.mark.parametrize("waiting", ["time.sleep(60)", "try:\n    time.sleep(60)\nexcept Exception:\n    time.sleep(60)"])
def test_a_migration_that_does_not_end(tmp_path: Path, name: str, waiting: str, request: pytest.FixtureRequest) -> None:
    """After step_timeout_seconds the proof ends in one line that names the step, and nothing is left."""
    database = "sqlite" if name == "sqlite" else request.getfixturevalue("postgresql_url")
    project = plant_tables(PlantedProject(tmp_path), "a1").revision("b2", waiting, header="import time")
    project.file("pyproject.toml", "[tool.alembic_proof]\nstep_timeout_seconds = 2\n")
    before = folders()
    left = set() if name == "sqlite" else scratch_databases(database)
    start = time.monotonic()
    with pytest.raises(ProofError) as stopped:
        walk(project, database)
    assert time.monotonic() - start < 12
    assert str(stopped.value) == (
        f"Cannot prove on {database}: b2 upgrade was still running after 2 s. "
        "Mend what it waits for, or raise step_timeout_seconds in [tool.alembic_proof]."
    )
    assert new_folders(before) == set()
    assert name == "sqlite" or scratch_databases(database) == left


def test_a_statement_that_does_not_end(tmp_path: Path, postgresql_url: str) -> None:
    """The same where the server is waited for."""
    project = PlantedProject(tmp_path).revision("a1", 'op.execute("SELECT pg_sleep(60)")')
    project.file("pyproject.toml", "[tool.alembic_proof]\nstep_timeout_seconds = 2\n")
    before = scratch_databases(postgresql_url)
    with pytest.raises(ProofError, match="a1 upgrade was still running after 2 s"):
        walk(project, postgresql_url)
    assert scratch_databases(postgresql_url) == before


@pytest.mark.parametrize(("end", "how"), [("os._exit(3)", "exit status 3"), ("os.kill(os.getpid(), 9)", "signal SIGKILL")])
def test_a_migration_that_takes_the_process_with_it(tmp_path: Path, postgresql_url: str, end: str, how: str) -> None:
    """A crash in a migration (a driver's, the memory's) is told as what it is, with the step, and nothing is left."""
    project = plant_tables(PlantedProject(tmp_path), "a1").revision(
        "b2", f"print('last words', flush=True)\n{end}", header="import os"
    )
    before = scratch_databases(postgresql_url)
    with pytest.raises(ProofError) as ended:
        walk(project, postgresql_url)
    assert str(ended.value) == (
        f"Cannot prove on {postgresql_url}: its process ended ({how}) during b2 upgrade; it last printed: last words. "
        "Mend what ends it."
    )
    deadline = time.monotonic() + 10
    while scratch_databases(postgresql_url) != before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert scratch_databases(postgresql_url) == before
