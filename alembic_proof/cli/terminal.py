"""The app that commands put themselves on."""

import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.models import CommandFunctionType

from alembic_proof import __version__
from alembic_proof.cli.layout import Command, Group
from alembic_proof.cli.screen import echo

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


@app.callback(invoke_without_command=True)
def _options(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False
) -> None:
    if version:
        echo(f"alembic-proof {__version__}\n")
        raise typer.Exit


def confirm(question: str) -> bool:
    """Ask for a yes; where nobody can answer, the answer is no."""
    return sys.stdin.isatty() and typer.confirm(question, default=False)
