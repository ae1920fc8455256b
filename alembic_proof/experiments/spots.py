"""Where in a revision's file a statement is being sent from."""

import inspect
from pathlib import Path

from alembic_proof.spot import Spot

_LONGEST = 70


def spot_of(statement: str, file: Path) -> Spot:
    """Name the statement that is being sent right now; asked by a listener to the connection."""
    line = " ".join(statement.split())
    return Spot(line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}...", _line_being_run(file))


def _line_being_run(file: Path) -> int | None:
    frame = inspect.currentframe()
    while frame is not None:
        if frame.f_code.co_filename == str(file):
            return frame.f_lineno
        frame = frame.f_back
    return None
