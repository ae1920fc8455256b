"""`python -m alembic_proof`, and the command `alembic-proof`."""

import signal
import sys
from types import FrameType
from typing import NoReturn


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM. No KeyboardInterrupt: Typer would end with a status of its own."""


def main() -> None:
    """Load the command line and run it. From the first moment on an interruption is one line, and exit status 2."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    try:
        from alembic_proof.cli import main as run  # noqa: PLC0415 - loading takes long enough to be interrupted

        run()
    except Interrupted:
        below = "\n" if sys.stderr.isatty() else ""  # a terminal has written ^C there
        print(f"{below}alembic-proof: interrupted; no server, database or folder is left behind.", file=sys.stderr)
        sys.exit(2)


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted


if __name__ == "__main__":
    main()
