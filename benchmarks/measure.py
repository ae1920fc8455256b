"""Run a command as a process of its own and say how long it took and how much memory its whole tree held."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: wall time from start to exit, exit status, and what it wrote to both streams."""

    seconds: float
    status: int
    output: str


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command in a folder, with variables added to the environment, and wait for it."""
    started = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    return Run(time.perf_counter() - started, done.returncode, done.stdout)


def peak_megabytes(command: Sequence[str], folder: Path) -> float | None:
    """Run a command once more and return the most memory that its tree held at one time; None where /proc does not tell.

    Pages shared between the processes of the tree count once (PSS). Looking slows the run down: never time this one.
    """
    if not Path("/proc/self/smaps_rollup").exists():
        return None
    peak = 0
    with tempfile.TemporaryFile() as nowhere:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=nowhere, stderr=nowhere)
        while process.poll() is None:
            peak = max(peak, sum(_kilobytes(pid) for pid in _tree(process.pid)))
            time.sleep(0.02)
    return peak / 1024


def _tree(pid: int) -> list[int]:
    tree = [pid]
    for parent in tree:
        with contextlib.suppress(OSError):
            for tasks in Path(f"/proc/{parent}/task").iterdir():
                tree += [int(child) for child in (tasks / "children").read_text().split()]
    return tree


def _kilobytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def require(done: Run, statuses: Sequence[int], words: str) -> Run:
    """Return the run if it ended as it should and said so; a measurement of a run that failed is no measurement."""
    if done.status not in statuses or words not in done.output:
        print(done.output[-4000:], file=sys.stderr)
        sys.exit(
            f"Cannot measure: a run ended with status {done.status}, or without the words {words!r}. Its last words are above."
        )
    return done
