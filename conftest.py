"""What every test of the repository starts from: how many examples Hypothesis tries, and how copies of it are measured."""

import os
import sys

from hypothesis import settings

settings.register_profile("normal", max_examples=200, deadline=None)
settings.register_profile("nightly", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "normal"))


def _measure_a_copy_by_itself() -> None:
    """Let a forked worker write what it ran itself: this process writes the rest, and names the files that nobody ran.

    A copy goes on with the tracer that it inherits. Without this each of a few thousand workers would write all that the test
    process had run until then, which took longer than the tests. coverage 7.17 has no public way to say so:
    its own `patch = fork` begins anew, and decides once more for each file whether it is measured.
    """
    measured = coverage.Coverage.current()
    if measured is not None and measured._collector is not None and measured._inorout is not None:
        measured._collector._clear_data()
        measured._inorout.find_possibly_unexecuted_files = tuple  # type: ignore[method-assign] # none; it has no switch


if "coverage" in sys.modules:
    import coverage

    os.register_at_fork(after_in_child=_measure_a_copy_by_itself)
