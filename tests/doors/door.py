"""The command line as a person uses it: a process, its status, its lines, and what it leaves behind."""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic_proof.databases.private import MEMORY, SHORT

COMMAND = (sys.executable, "-m", "alembic_proof")

NO_OTHER_PLUGINS = "-p no:hypothesispytest -p no:pytest_alembic -p no:anyio -p no:schemathesis"
"""Options for a pytest without the plugins that the tests' own environment has: loading them takes longer than a small proof."""

_SECONDS = 120
_MEASURED = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
"""As it was before any test began: who asks first does not decide whether the process that waits is measured."""


@dataclass(frozen=True)
class Ended:
    """How a run of the command ended. `errors` are its lines on standard error without those that tell of progress."""

    status: int
    output: str
    errors: tuple[str, ...]


def run(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> Ended:
    """Run the command in a folder and hold that nothing of it is left.

    With an environment of its own it is started anew, for Python reads some of it before anything else; else it is a copy of
    one that has loaded already.
    """
    if environment is None:
        return _run_a_copy(folder, arguments)
    with subprocess.Popen(
        [*COMMAND, *arguments], cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        output, errors = process.communicate(timeout=_SECONDS)
    assert_nothing_is_left([process.pid])
    return Ended(process.returncode, output, without_progress(errors))


def run_anew(folder: Path, *arguments: str) -> Ended:
    """Run the command in a process that is started anew, as a person's is."""
    return run(folder, *arguments, environment=dict(os.environ))


def _run_a_copy(folder: Path, arguments: Sequence[str]) -> Ended:
    ready = _ready()
    assert ready.stdin is not None
    with tempfile.NamedTemporaryFile("r") as output, tempfile.NamedTemporaryFile("r") as errors:
        asked = {
            "folder": str(folder),
            "arguments": arguments,
            "environment": dict(os.environ),
            "output": output.name,
            "errors": errors.name,
        }
        ready.stdin.write(f"{json.dumps(asked)}\n".encode())
        ready.stdin.flush()
        pid = _number(ready)
        try:
            status = _number(ready)
        except TimeoutError:
            os.kill(pid, signal.SIGKILL)
            _number(ready)
            raise
        assert_nothing_is_left([pid])
        return Ended(status, output.read(), without_progress(errors.read()))


@cache
def _ready() -> subprocess.Popen[bytes]:
    """The process that waits, started when it is asked for first; it ends with this one."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.doors.ready"],
        cwd=Path(__file__).resolve().parents[2],
        env={**os.environ, **_MEASURED},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    atexit.register(process.communicate)
    return process


def _number(process: subprocess.Popen[bytes]) -> int:
    assert process.stdout is not None
    if not select.select([process.stdout], [], [], _SECONDS)[0]:
        raise TimeoutError(f"nothing ended within {_SECONDS} s")
    return int(process.stdout.readline())


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
