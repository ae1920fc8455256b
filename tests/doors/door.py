"""The command line as a person uses it: a process, its status, its lines, and what it leaves behind."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic_proof.databases.private import MEMORY, SHORT

COMMAND = (sys.executable, "-m", "alembic_proof")


@dataclass(frozen=True)
class Ended:
    """How a run of the command ended. `errors` are its lines on standard error without those that tell of progress."""

    status: int
    output: str
    errors: tuple[str, ...]


def run(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> Ended:
    """Run the command in a folder and hold that nothing of it is left."""
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        output, errors = process.communicate(timeout=120)
    assert_nothing_is_left([process.pid])
    return Ended(process.returncode, output, without_progress(errors))


def without_progress(errors: str) -> tuple[str, ...]:
    """The lines on standard error that are not of the form "sqlite: walk ..."."""
    return tuple(line for line in errors.splitlines() if not line.endswith(" ..."))


def children_of(pid: int) -> list[int]:
    """The processes that a process has started and not yet seen the end of, at any depth."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return [*found, *(grandchild for child in found for grandchild in children_of(child))]


def traces_of(pids: Sequence[int]) -> list[str]:
    """Folders that these processes made, and processes that speak of them or are them."""
    marks = [f"alembic_proof_{pid}_" for pid in pids]
    left = [
        str(folder)
        for parent in {MEMORY, SHORT}
        for folder in parent.glob("alembic_proof_*")
        if folder.name.startswith(tuple(marks))
    ]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            continue
        if (int(path.parent.name) in pids and words) or any(mark in words for mark in marks):
            left.append(words)
    return left


def assert_nothing_is_left(pids: Sequence[int], seconds: float = 15) -> None:
    """Wait until no trace of these processes is left."""
    deadline = time.monotonic() + seconds
    while traces_of(pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert traces_of(pids) == []
