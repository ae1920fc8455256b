"""`alembic-proof gate`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from alembic_proof.cli.options import (
    Cache,
    Checks,
    Config,
    Examples,
    Faithful,
    Formats,
    NoAccept,
    NoCache,
    On,
    Rows,
    Strict,
    again,
    names,
    store,
)
from alembic_proof.cli.terminal import app
from alembic_proof.errors import ProofError


@app.command()
def gate(
    *,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="BRANCH",
            help="What the pull request goes to. Default: what the CI system says, else the remote's branch, else origin/main.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Judge every revision and compare with no branch: where there is no git.")
    ] = False,
    config: Config = None,
    on: On = None,
    formats: Formats = None,
    checks: Checks = None,
    strict: Strict = False,
    no_accept: NoAccept = False,
    faithful: Faithful = False,
    examples: Examples = None,
    rows: Rows = True,
    cache: Cache = None,
    no_cache: NoCache = False,
) -> None:
    """Judge what a pull request adds: its new and edited revisions, the history that the merge makes, the models at head.

    The base branch is read through git, which needs its commits (in GitHub Actions: fetch-depth: 0); files that are not committed
    count as they lie here. Exit status: 0 nothing broken, 1 something broken, 2 could not run.
    """
    from alembic_proof.cli.asked import Asked
    from alembic_proof.cli.proving import answer
    from alembic_proof.reports.formats import parse_outputs

    if everything and base is not None:
        raise ProofError(f"Cannot compare with {base} and judge all: --all compares with no branch. Give --base or --all.")
    outputs = parse_outputs(formats or [])
    kept = store(cache, no_cache=no_cache)
    words = ("gate", None if everything else _base(base), on, checks, faithful, no_accept, examples, rows)
    answer(
        Asked(
            is_gate=not everything,
            base=base,
            config=config,
            on=tuple(on or ()),
            outputs=outputs,
            checks=names(checks),
            strict=strict,
            no_accept=no_accept,
            faithful=faithful,
            examples=examples,
            rows=rows,
            store=kept,
            again=again(kept, config, outputs, words),
        )
    )


def _base(asked: str | None) -> object:
    """The commits that the gate compares with; why not, where there are none: the run itself tells."""
    from alembic_proof.releases.base import find_base
    from alembic_proof.releases.git import find_repository

    try:
        return find_base(find_repository(Path.cwd()), asked, os.environ)
    except ProofError as error:
        return error
