"""A helper process that outlives this one just long enough to tidy up: our side of it.

The helper reads from a pipe whose other end only this process holds. Closing it, on purpose or by dying,
is the signal to tidy up.
"""

import os
import select
import subprocess
import sys
import weakref
from pathlib import Path

from alembic_proof.errors import ProofError

_SECONDS_TO_TIDY_UP = 20


class Lifeline:
    """Start `program`, a file of this package that needs only the standard library, and hold on to it.

    It runs in a session of its own, so that a terminal's Ctrl-C reaches us first and leaves the tidying to it.
    """

    def __init__(self, program: str, *arguments: str) -> None:
        if not sys.executable:
            raise ProofError("Cannot start a helper process: this Python does not know its own executable. Run it from a venv.")
        reading, self._writing = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-I", "-S", str(Path(__file__).with_name(program)), *arguments],
                stdin=reading,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                start_new_session=True,
            )
        except OSError as error:
            os.close(self._writing)
            raise ProofError(f"Cannot start a helper process: {error}. Check that {sys.executable} can be run.") from error
        finally:
            os.close(reading)
        self._owner = os.getpid()
        self._held = True
        self._is_released = False
        _all.add(self)

    @property
    def is_ours(self) -> bool:
        """Whether this process opened it; a forked child did not, and must leave alone what it belongs to."""
        return self._held and self._owner == os.getpid()

    def tell(self, words: str) -> None:
        try:
            os.write(self._writing, words.encode())
        except BrokenPipeError as error:
            raise ProofError("Cannot go on: the helper process that tidies up was killed. Run again.") from error

    def hear(self, seconds: float) -> str:
        """Return what the helper said within `seconds`, or an empty string. Waits no longer than until it says something."""
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], seconds)
        if not ready:
            return ""
        said = os.read(self._process.stdout.fileno(), 4096).decode()
        return said or "ended"

    def release(self) -> None:
        """Have it tidy up while we go on; `let_go` then only waits."""
        if self.is_ours and not self._is_released:
            self._is_released = True
            os.close(self._writing)

    def let_go(self, *, is_tidy: bool = False) -> None:
        """Have it tidy up, and wait until it has. If all `is_tidy` already, just end it."""
        if not self.is_ours:
            return
        self._held = False
        _all.discard(self)
        if is_tidy:
            self._process.kill()
        if not self._is_released:
            os.close(self._writing)
        try:
            self._process.wait(_SECONDS_TO_TIDY_UP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            assert self._process.stdout is not None
            self._process.stdout.close()

    def _drop(self) -> None:
        if self._held:
            self._held = False
            if not self._is_released:
                os.close(self._writing)


_all: weakref.WeakSet[Lifeline] = weakref.WeakSet()


def _drop_all() -> None:
    """In a forked child: close the copies of our ends, or the helpers would wait for the child's end too."""
    for lifeline in list(_all):
        lifeline._drop()  # noqa: SLF001 - this module's own
    _all.clear()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_drop_all)
