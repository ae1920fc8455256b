"""Signals around a fork: until a copy has handlers of its own it has its parent's, which are not for it.

One that arrived then would be raised in the copy where the fork was made, and the copy would go on with its parent's work.
What a handler raises may also be lost: in a callback of a weak reference, say, Python prints it and goes on.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

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


_SECONDS_UNTIL_AGAIN = 0.05
"""Long enough to be out of the callback in which it was lost."""


def raise_again(kind: type[BaseException], number: int, handler: Callable[..., object]) -> None:
    """Send a signal to this process once more where what its handler raised, of that kind, was lost in a callback."""
    before = sys.unraisablehook

    def hear(lost: "UnraisableHookArgs") -> None:
        if lost.exc_type is not kind:
            before(lost)
            return
        signal.signal(number, handler)
        again = threading.Timer(_SECONDS_UNTIL_AGAIN, os.kill, (os.getpid(), number))
        again.daemon = True
        again.start()

    sys.unraisablehook = hear
