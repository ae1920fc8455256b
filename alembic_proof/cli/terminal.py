"""The app that commands put themselves on, and all that is printed. The only module that prints."""

import gc
import signal
import sys
import traceback
from types import FrameType
from typing import Annotated, NoReturn

import typer

from alembic_proof import __version__
from alembic_proof.errors import ProofError

BROKEN, COULD_NOT_RUN = 1, 2

app = typer.Typer(
    help="Prove Alembic migrations: run every revision on a real scratch database, and judge what happened.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line, and part a user's mistake (one line) from a bug of ours (a traceback)."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)
    gc.set_threshold(100_000, 50, 50)  # a short life full of small objects that stay: collecting them costs a tenth of it
    try:
        app()
    except ProofError as error:
        _fail(f"alembic-proof: {error}")
    except Interrupted:
        _fail("alembic-proof: interrupted; no server, database or folder is left behind.")
    except Exception:
        traceback.print_exc()
        _fail("alembic-proof: this is a bug of alembic-proof. Report it with the lines above.")


@app.callback(invoke_without_command=True)
def _options(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False
) -> None:
    if version:
        typer.echo(f"alembic-proof {__version__}")
        raise typer.Exit


def echo(text: str) -> None:
    """Print a text as it is."""
    typer.echo(text, nl=False)


def is_terminal() -> bool:
    """Whether somebody reads along."""
    return sys.stdout.isatty()


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM. No KeyboardInterrupt: Typer would end with a status of its own."""


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Interrupted


def _fail(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(COULD_NOT_RUN)
