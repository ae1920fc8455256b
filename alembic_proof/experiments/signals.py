"""Signals around a fork: until a copy has handlers of its own it has its parent's, which are not for it.

One that arrived then would be raised in the copy where the fork was made, and the copy would go on with its parent's work.
"""

import contextlib
import signal
from collections.abc import Iterator

_OURS = frozenset({signal.SIGINT, signal.SIGTERM})


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Let no signal reach this process, nor a copy of it that is made inside."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows has neither masks nor forks
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _OURS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_through() -> None:
    """Take signals again, in a copy that has its own handlers now."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _OURS)
