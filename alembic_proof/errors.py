"""A set-up that cannot work. Never a finding: a finding is about the migrations, this is about the run."""


class ProofError(Exception):
    """The run cannot start or go on, for a reason that the user can mend. Shown as one line, exit status 2.

    Write it as "Cannot X: Y. Do Z instead."
    """
