"""`alembic-proof verify`."""

from pathlib import Path
from typing import Annotated

import typer

from alembic_proof.cli.delivery import deliver
from alembic_proof.cli.terminal import BROKEN, app
from alembic_proof.findings import Outcome


@app.command()
def verify(
    revision_range: Annotated[
        str | None,
        typer.Argument(
            metavar="[REVISION_RANGE]",
            help="Which revisions are judged: one (3f2a) or a range with both ends (3f2a:head), as `alembic history -r` takes "
            "it. Default: all.",
        ),
    ] = None,
    *,
    config: Annotated[
        Path | None, typer.Option("-c", "--config", metavar="FILE", help="alembic.ini or pyproject.toml. Default: the one here.")
    ] = None,
    on: Annotated[
        list[str] | None,
        typer.Option(
            "--on",
            metavar="NAME_OR_URL",
            help="Where to prove; repeat it for several, side by side. sqlite, postgresql (18, from the extra), postgresql:16, "
            "mariadb, or the URL of a server, on which scratch databases are made and dropped. "
            "Default: the kind that the project's own URL names, else sqlite.",
        ),
    ] = None,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format",
            metavar="NAME[=FILE]",
            help="text, json, junit, github, gitlab, sarif, markdown or html, to a file if one is given. Repeatable: "
            "--format junit=proof.xml --format github --format html=proof.html.",
        ),
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
    examples: Annotated[
        int | None, typer.Option("--examples", metavar="N", min=0, help="How many drawn rows each table gets. Default: 25.")
    ] = None,
    rows: Annotated[bool, typer.Option("--rows/--no-rows", help="Whether migrations are tried on rows: AP501 to AP504.")] = True,
    shard: Annotated[
        str | None,
        typer.Option("--shard", metavar="K/N", help="Do one part of the work; `alembic-proof report merge` joins the parts."),
    ] = None,
    costs: Annotated[
        Path | None,
        typer.Option("--costs", metavar="FILE", help="An earlier report.json: --shard cuts by what took how long."),
    ] = None,
) -> None:
    r"""Run every revision up, down and up again on scratch databases, and judge what happened.

    Reads alembic.ini or the \[tool.alembic] table of the current folder. Your own databases are never connected to.
    Exit status: 0 nothing broken, 1 something broken, 2 could not run.
    """
    from alembic_proof.progress import ProgressDisplay
    from alembic_proof.project import find_project
    from alembic_proof.reports.formats import parse_outputs, wants_details
    from alembic_proof.reports.stored import read_report
    from alembic_proof.shards import parse_shard, verify_shard
    from alembic_proof.verify import GraphError, Request
    from alembic_proof.verify import verify as run

    outputs = parse_outputs(formats or [])
    request = Request(
        project=find_project(config),
        databases=tuple(on or ()),
        checks=tuple(name.strip() for name in checks.split(",")) if checks else (),
        revision_range=revision_range,
        faithful=faithful,
        forking=True,
        accepting=not no_accept,
        detailed=wants_details(outputs),
        examples=examples,
        with_rows=rows,
    )
    with ProgressDisplay() as progress:
        try:
            if shard is None:
                report, failure = run(request, progress), None
            else:
                report, failure = verify_shard(request, parse_shard(shard), read_report(costs) if costs else None, progress), None
        except GraphError as error:
            report, failure = error.report, error
    deliver(report, outputs, request.project.root)
    if failure is not None:
        raise failure
    if report.errors or (strict and (report.count(Outcome.NOT_PROVED) or report.unused_acceptances)):
        raise typer.Exit(BROKEN)
