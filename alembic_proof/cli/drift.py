"""`alembic-proof drift`."""

from pathlib import Path
from typing import Annotated

import typer

from alembic_proof.cli.delivery import deliver, end_with
from alembic_proof.cli.options import Config, Formats, NoAccept
from alembic_proof.cli.screen import echo
from alembic_proof.cli.terminal import app
from alembic_proof.errors import ProofError


@app.command()
def drift(
    url: Annotated[
        str | None, typer.Argument(metavar="URL", help="A live database, as SQLAlchemy writes it. It is read, never written.")
    ] = None,
    *,
    schema_only: Annotated[
        Path | None,
        typer.Option(
            "--schema-only",
            metavar="DUMP",
            help="Compare a dump instead (pg_dump -s, .schema of sqlite3, mysqldump --no-data), loaded into a scratch database.",
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="REVISION", help="The revision that a dump is held to. Default: the heads.")
    ] = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on", metavar="NAME_OR_URL", help="Where the history is replayed. Default: a private server of that kind."
        ),
    ] = None,
    sql: Annotated[
        bool, typer.Option("--sql", help="Print the statements that would bring the database back. None is run.")
    ] = False,
    formats: Formats = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 when anything is not proved.")] = False,
    no_accept: NoAccept = False,
    config: Config = None,
) -> None:
    """Compare a live database with the history at the revision that it names, and at the head with the models.

    The session is read-only: the server itself refuses to write. The history is replayed on a scratch server. What is in the
    database only, in the history only, or different is a finding. Exit status: 0 no drift, 1 drift, 2 could not run.
    """
    from alembic_proof.drift.run import drift as run
    from alembic_proof.progress import ProgressDisplay
    from alembic_proof.project import find_project
    from alembic_proof.reports.formats import parse_outputs

    printed = [name for name in formats or () if "=" not in name]
    if sql and printed:
        raise ProofError(f"Cannot print SQL and {printed[0]} together. Give it a file: --format {printed[0]}=FILE.")
    outputs = parse_outputs(formats or [])
    project = find_project(config)
    with ProgressDisplay() as progress:
        told = run(project, url=url, dump=schema_only, on=on, at=at, listen=progress, accepting=not no_accept)
    if sql:
        echo(told.sql)
        outputs = tuple(output for output in outputs if output.file is not None)
    deliver(told.report, outputs, project.root)
    end_with(told.report, strict=strict)
