"""`alembic-proof gate`."""

from pathlib import Path
from typing import Annotated

import typer

from alembic_proof.cli.delivery import deliver
from alembic_proof.cli.terminal import BROKEN, app
from alembic_proof.findings import Outcome


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
    config: Annotated[
        Path | None, typer.Option("-c", "--config", metavar="FILE", help="alembic.ini or pyproject.toml. Default: the one here.")
    ] = None,
    on: Annotated[
        list[str] | None, typer.Option("--on", metavar="NAME_OR_URL", help="Where to prove, as for `verify`. Repeatable.")
    ] = None,
    formats: Annotated[
        list[str] | None, typer.Option("--format", metavar="NAME[=FILE]", help="As for `verify`. Repeatable.")
    ] = None,
    checks: Annotated[
        str | None, typer.Option("--checks", metavar="NAMES", help="Only these checks, by code or name, with commas.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 when anything is not proved, or accepted and not found.")
    ] = False,
    no_accept: Annotated[bool, typer.Option("--no-accept", help="Show everything: what is accepted counts as broken.")] = False,
    faithful: Annotated[
        bool, typer.Option("--faithful", help="Commit every step, on a copy of the database: slower, and no other verdict.")
    ] = False,
) -> None:
    """Judge what a pull request adds: its new and edited revisions, the history that the merge makes, the models at head.

    The base branch is read through git, which needs its commits (in GitHub Actions: fetch-depth: 0); files that are not committed
    count as they lie here. Exit status: 0 nothing broken, 1 something broken, 2 could not run.
    """
    from alembic_proof.gate import gate as run
    from alembic_proof.progress import ProgressDisplay
    from alembic_proof.project import find_project
    from alembic_proof.reports.formats import parse_outputs, wants_details
    from alembic_proof.verify import GraphError, Request, verify

    outputs = parse_outputs(formats or [])
    request = Request(
        project=find_project(config),
        databases=tuple(on or ()),
        checks=tuple(name.strip() for name in checks.split(",")) if checks else (),
        faithful=faithful,
        forking=True,
        accepting=not no_accept,
        detailed=wants_details(outputs),
    )
    with ProgressDisplay() as progress:
        try:
            report, failure = verify(request, progress) if everything else run(request, base, progress), None
        except GraphError as error:
            report, failure = error.report, error
    deliver(report, outputs, request.project.root)
    if failure is not None:
        raise failure
    if report.errors or (strict and (report.count(Outcome.NOT_PROVED) or report.unused_acceptances)):
        raise typer.Exit(BROKEN)
