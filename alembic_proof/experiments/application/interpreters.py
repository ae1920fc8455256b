"""Runs the modules of `children/` in Python interpreters of their own, and ends every one of them whatever happens."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Generic, Self, TypeVar

import msgspec

A = TypeVar("A")

_SERVE = (
    "import gc, importlib, sys\n"
    "gc.disable()\n"  # until there is a job: what a child loads for itself stays
    "sys.path.insert(0, sys.argv[1])\n"
    "from alembic_proof.experiments.application.children import answers\n"
    "answers.serve(importlib.import_module('alembic_proof.experiments.application.children.' + sys.argv[2]).main)\n"
)
_HARNESS = Path(__file__).parents[3]
"""The folder that holds alembic_proof itself: the child imports it from where this process has it."""


class Ending(msgspec.Struct, Generic[A], frozen=True):
    """A child's answer, or the words that say why there is none."""

    answer: A | None
    words: str


class _Running(msgspec.Struct, frozen=True):
    """A child, as it was started, and the files that it writes to."""

    root: Path
    variables: dict[str, str]
    process: subprocess.Popen[bytes]
    answered: IO[bytes]
    printed: IO[bytes]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self.process.stdin is not None
        for stream in (self.process.stdin, self.answered, self.printed):
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def tell(self, job: str) -> None:
        """Give it its job, one line: copies of this process may hold the pipe open. One that has ended says why by its status."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{job}\n".encode())
            self.process.stdin.flush()


class Interpreters:
    """Starts children. Leaving it ends all that still run; a child ends by itself when this process is gone."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._waiting: dict[str, _Running] = {}
        self._lock = threading.Lock()
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End every child that still runs, and start no more."""
        with self._lock:
            self._is_closed = True
            for process in self._running:
                _end(process)
            waiting = tuple(self._waiting.values())
            self._waiting.clear()
        for one in waiting:
            with one:
                self._finish(one.process)

    @contextlib.contextmanager
    def closed_on_error(self) -> Iterator[None]:
        """Close when the block is left by an exception, so that nobody waits for a child."""
        try:
            yield
        except BaseException:
            self.close()
            raise

    def prepare(self, root: Path, *children: str) -> tuple[int, ...]:
        """Start children that load what they need and then wait for their job. Returns the processes' numbers."""
        for child in children:
            started = self._start(child, root)
            if started is not None:
                self._waiting[child] = started
        return tuple(one.process.pid for one in self._waiting.values())

    def ask(
        self, child: str, shape: type[A], timeout_seconds: float, *, root: Path, path: Sequence[str], **job: Any
    ) -> Ending[A]:
        """Run one child on a job, in the project's root and with the search path of env.py, and take its answer.

        What the application prints is kept out of the harness's streams.
        """
        running = self._prepared(child, root) or self._start(child, root)
        if running is None:
            return Ending(None, "the run was ended")
        with running:
            running.tell(json.dumps({"path": path, "parent": os.getpid(), **job}))
            try:
                status = running.process.wait(timeout_seconds)
            except subprocess.TimeoutExpired:
                return Ending(None, f"it did not end within {timeout_seconds:g} seconds")
            finally:
                self._finish(running.process)
            running.answered.seek(0)
            running.printed.seek(0)
            return _read(running.answered.read(), shape, status, running.printed.read())

    def _prepared(self, child: str, root: Path) -> "_Running | None":
        """Take a child that waits, where it would be started today as it was: env.py may have set variables meanwhile."""
        with self._lock:
            waiting = None if self._is_closed else self._waiting.pop(child, None)
        if waiting is None or (waiting.root == root and waiting.variables == dict(os.environ)):
            return waiting
        with waiting:
            _end(waiting.process)
            self._finish(waiting.process)
        return None

    def _start(self, child: str, root: Path) -> "_Running | None":
        variables = dict(os.environ)
        with self._lock:
            if self._is_closed:
                return None
            answered, printed = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed with the child
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own code
                [sys.executable, "-P", "-c", _SERVE, str(_HARNESS), child],
                cwd=root,
                env={**variables, "PYTHONDONTWRITEBYTECODE": "1"},  # no compiled file in the user's tree
                start_new_session=True,
                stdin=subprocess.PIPE,
                stdout=answered,
                stderr=printed,
            )
            self._running.add(process)
            return _Running(root, variables, process, answered, printed)

    def _finish(self, process: subprocess.Popen[bytes]) -> None:
        with self._lock:
            if process.poll() is None:
                _end(process)
                process.wait()
            self._running.discard(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a child and what it started; it leads a session of its own."""
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)


def _read(answer: bytes, shape: type[A], status: int, printed: bytes) -> Ending[A]:
    try:
        return Ending(msgspec.json.decode(answer, type=shape), "")
    except msgspec.DecodeError:
        last = printed.decode(errors="replace").strip().splitlines()[-1:]
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        return Ending(None, ": ".join((f"its interpreter {how}", *last)))
