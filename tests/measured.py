"""How copies of a process that coverage measures are measured."""

import os
import sys


def measure_copies_by_themselves() -> None:
    """Let each fork of this process write what it ran itself: this process writes the rest, and names the files that nobody ran.

    A copy goes on with the tracer that it inherits. Without this each of a few thousand workers would write all that the test
    process had run until then, which took longer than the tests. coverage 7.17 has no public way to say so:
    its own `patch = fork` begins anew, and decides once more for each file whether it is measured.
    """
    if "coverage" in sys.modules:
        os.register_at_fork(after_in_child=_forget)


def _forget() -> None:
    from coverage import Coverage  # noqa: PLC0415 - where nothing is measured it need not be installed

    measured = Coverage.current()
    if measured is not None and measured._collector is not None and measured._inorout is not None:
        measured._collector._clear_data()
        measured._inorout.find_possibly_unexecuted_files = tuple  # type: ignore[method-assign] # none; it has no switch
