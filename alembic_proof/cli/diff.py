"""`alembic-proof diff`."""

from typing import Annotated

import typer

from alembic_proof.cli.options import Config, OnOne
from alembic_proof.cli.screen import echo, is_terminal
from alembic_proof.cli.terminal import app


@app.command()
def diff(
    before: Annotated[str, typer.Argument(metavar="REVISION", help="As Alembic takes it: an id or how it begins, base, head-1.")],
    after: Annotated[str, typer.Argument(metavar="REVISION", help="The same; it need not be the upper one.")],
    *,
    on: OnOne = None,
    config: Config = None,
    output: Annotated[str, typer.Option("--format", metavar="NAME", help="text or json.")] = "text",
) -> None:
    """Print what is different between the schemas at two revisions: + only at the second, - only at the first, ~ at both.

    Both are looked at on scratch databases. Exit status: 0, whether they differ or not; 2 could not run.
    """
    from alembic_proof.pictures import difference_between
    from alembic_proof.progress import ProgressDisplay
    from alembic_proof.project import find_project
    from alembic_proof.reports.schema import difference_as_json, difference_as_text, require_format

    require_format(output)
    with ProgressDisplay() as progress:
        seen = difference_between(find_project(config), before, after, on, progress)
    echo(difference_as_text(seen, color=is_terminal()) if output == "text" else difference_as_json(seen))
