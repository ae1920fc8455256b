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
        _run()
    except Interrupted:
        below = "\n" if sys.stderr.isatty() else ""  # a terminal has written ^C there
        print(f"{below}alembic-proof: interrupted; no server, database or folder is left behind.", file=sys.stderr)
        sys.exit(2)


def _run() -> None:
    # Loading takes long enough to be interrupted.
    from alembic_proof.cli.ahead import is_worth_a_copy  # noqa: PLC0415
    from alembic_proof.experiments.signals import raise_again  # noqa: PLC0415

    raise_again(Interrupted, signal.SIGINT, _interrupt)

    if is_worth_a_copy(sys.argv[1:]):
        from alembic_proof.cli.reading import prove_what_is_read  # noqa: PLC0415

        prove_what_is_read()
    else:
        from alembic_proof.cli.commands import main as run  # noqa: PLC0415

        run()


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted


if __name__ == "__main__":
    main()
