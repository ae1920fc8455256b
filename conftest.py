"""What every test of the repository starts from: how many examples Hypothesis tries, and how its copies are measured."""

import os

from hypothesis import settings

from tests.measured import measure_copies_by_themselves

settings.register_profile("normal", max_examples=200, deadline=None)
settings.register_profile("nightly", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "normal"))
measure_copies_by_themselves()
