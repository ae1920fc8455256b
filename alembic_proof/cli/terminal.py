"""The app that commands put themselves on, and all that is printed, but for the line of an interruption: `__main__` has it."""

import gc
import shutil
import sys
import traceback
from collections.abc import Callable
from typing import Annotated, Any, NoReturn

import typer
from typer.models import CommandFunctionType

from alembic_proof import __version__
from alembic_proof.cli.layout import Command, Group
from alembic_proof.errors import ProofError

BROKEN, COULD_NOT_RUN = 1, 2

HELP = r"""Prove Alembic migrations: run every revision on a real scratch database, and judge what happened.

Run it where alembic.ini, or pyproject.toml with its \[tool.alembic] table, is. Nothing has to be configured, and no database of
yours is connected to. Begin with:

  alembic-proof verify              prove the whole history
  alembic-proof verify 3f2a:head    prove some revisions of it
  alembic-proof gate                judge what a pull request adds
  alembic-proof explain AP303       read what a finding means
  alembic-proof init                put it into pytest, tox and CI

Exit status of every command: 0 nothing broken, 1 something broken, 2 could not run.
"""


class App(typer.Typer):
    """Commands whose help pages are laid out our way."""

    def command(self, name: str | None = None, **more: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        return super().command(name, cls=Command, **more)


app = App(
    help=HELP,
    cls=Group,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line, and part a user's mistake (one line) from a bug of ours (a traceback)."""
    gc.set_threshold(20_000, 50, 50)  # a short life full of small objects that stay: collecting them costs a tenth of it
    try:
        app()
    except ProofError as error:
        _fail(f"alembic-proof: {error}")
    except Exception:
        traceback.print_exc()
        _fail("alembic-proof: this is a bug of alembic-proof. Report it with the lines above.")
    finally:
        gc.freeze()  # at its end Python looks for garbage among all that was loaded: a tenth of a second for what goes anyway


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


def width() -> int:
    """How wide a page may be: as the terminal, and no wider than one reads well."""
    return min(shutil.get_terminal_size((110, 24)).columns, 110)


def confirm(question: str) -> bool:
    """Ask for a yes; where nobody can answer, the answer is no."""
    return sys.stdin.isatty() and typer.confirm(question, default=False)


def is_terminal() -> bool:
    """Whether somebody reads along."""
    return sys.stdout.isatty()


def _fail(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    sys.exit(COULD_NOT_RUN)
