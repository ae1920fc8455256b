"""A process that goes when the one that started it is gone, whatever ended that one."""

import os
import sys
import threading
import time
from collections.abc import Callable

_LOOK_SECONDS = 0.2


def when_gone(parent: int, end: Callable[[], None]) -> None:
    """Call `end` in a thread once this process has another parent. On Windows a process does not notice."""
    if sys.platform == "win32":
        return

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOK_SECONDS)
        end()

    threading.Thread(target=look, daemon=True).start()
