"""`alembic-proof schema`."""

from typing import Annotated

import typer

from alembic_proof.cli.options import Config, OnOne
from alembic_proof.cli.screen import echo
from alembic_proof.cli.terminal import app


@app.command()
def schema(
    revision: Annotated[
        str, typer.Argument(metavar="REVISION", help="As Alembic takes it: an id or how it begins, head, heads, base, head-1.")
    ] = "head",
    *,
    on: OnOne = None,
    config: Config = None,
    output: Annotated[str, typer.Option("--format", metavar="NAME", help="text or json.")] = "text",
) -> None:
    """Print the schema at a revision: what the database's catalog holds once it has run on a scratch database.

    The order is stable and the text changes only when the schema does: keep it in git, and each diff shows what a migration did.
    """
    from alembic_proof.pictures import schema_at
    from alembic_proof.progress import ProgressDisplay
    from alembic_proof.project import find_project
    from alembic_proof.reports.schema import require_format, schema_as_json, schema_as_text

    require_format(output)
    with ProgressDisplay() as progress:
        seen = schema_at(find_project(config), revision, on, progress)
    echo(schema_as_text(seen) if output == "text" else schema_as_json(seen))
