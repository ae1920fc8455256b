"""`alembic-proof verify`."""

from pathlib import Path
from typing import Annotated

import typer

from alembic_proof.cli.options import (
    Cache,
    Checks,
    Config,
    Examples,
    Faithful,
    NoAccept,
    NoCache,
    Rows,
    Strict,
    again,
    names,
    store,
)
from alembic_proof.cli.terminal import app


@app.command()
def verify(
    revision_range: Annotated[
        str | None,
        typer.Argument(
            metavar="REVISION_RANGE",
            help="Which revisions are judged: one (3f2a) or a range with both ends (3f2a:head), as `alembic history -r` takes "
            "it. Default: all.",
        ),
    ] = None,
    *,
    config: Config = None,
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
    checks: Checks = None,
    strict: Strict = False,
    no_accept: NoAccept = False,
    faithful: Faithful = False,
    examples: Examples = None,
    rows: Rows = True,
    cache: Cache = None,
    no_cache: NoCache = False,
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
    from alembic_proof.cli.asked import Asked
    from alembic_proof.cli.proving import answer
    from alembic_proof.reports.formats import parse_outputs

    outputs = parse_outputs(formats or [])
    kept = store(cache, no_cache=no_cache)
    words = ("verify", on, checks, revision_range, faithful, no_accept, examples, rows)
    answer(
        Asked(
            revision_range=revision_range,
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
            again=again(kept, config, outputs, words) if shard is None else None,
            shard=shard,
            costs=costs,
        )
    )
