"""Copies of this interpreter, side by side: each does its share of the work and notes what it has done."""

import os
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from alembic_proof.experiments.application.children.watch import when_gone

_PAUSE_SECONDS = 0.001

Work = Callable[[Sequence[str]], Iterable[str]]
"""Does a share, and gives what is done as soon as it is."""


class Copies(NamedTuple):
    """Runs copies, `workers` at a time. `folder` takes their notes; one share may take `seconds` for each of its members."""

    folder: Path
    workers: int
    seconds: float

    def run(self, shares: Sequence[Sequence[str]], work: Work) -> frozenset[str]:
        """Fork a copy for each share, and give what was done. A copy that takes too long is ended, with its own copies."""
        if sys.platform == "win32":  # no fork
            return frozenset()
        notes = Path(tempfile.mkdtemp(dir=self.folder))
        waiting = [(notes / str(number), share) for number, share in enumerate(shares) if share]
        waiting.reverse()
        running: dict[int, float] = {}
        parent = os.getppid()
        while (waiting or running) and os.getppid() == parent:
            while waiting and len(running) < self.workers:
                note, share = waiting.pop()
                running[_start(note, share, work)] = time.monotonic() + self.seconds * len(share)
            for process, deadline in tuple(running.items()):
                ended, _ = os.waitpid(process, os.WNOHANG)
                if ended:
                    del running[process]
                elif time.monotonic() > deadline:
                    os.kill(process, signal.SIGKILL)
            time.sleep(_PAUSE_SECONDS)
        return frozenset(name for note in notes.iterdir() for name in note.read_text(encoding="utf-8").splitlines())


def _start(note: Path, share: Sequence[str], work: Work) -> int:
    parent = os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12: libraries may have started threads
        process = os.fork() if sys.platform != "win32" else 0
    if process == 0:
        when_gone(parent, lambda: os.kill(os.getpid(), signal.SIGKILL))
        with suppress(BaseException), note.open("w", encoding="utf-8") as done:
            for name in work(share):
                print(name, file=done, flush=True)  # a line at a time: the next import may end the process
        os._exit(0)
    return process
