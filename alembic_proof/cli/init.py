"""`alembic-proof init`."""

from pathlib import Path
from typing import Annotated

import typer

from alembic_proof.cli.options import Config
from alembic_proof.cli.screen import echo
from alembic_proof.cli.terminal import app, confirm
from alembic_proof.errors import ProofError


@app.command()
def init(
    *,
    config: Config = None,
    on: Annotated[
        list[str] | None,
        typer.Option("--on", metavar="NAME", help="Where it will be proved. Default: the kind that the project's own URL names."),
    ] = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="NAMES", help="Of settings, pytest, tox, pre-commit, workflow: these alone, with commas."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write without asking.")] = False,
) -> None:
    r"""Put alembic-proof into a project: show what its files lack, as a diff, and write it after a yes.

    The table \[tool.alembic_proof]; where there are tests, the line that lets pytest prove; where tox or pre-commit are used, an
    environment and a hook; and a GitHub workflow, unless another system than GitHub's is in use. What is there stays as it is,
    and a second run finds nothing to add.
    """
    from alembic_proof.adoption.place import Place
    from alembic_proof.adoption.plan import plan
    from alembic_proof.project import find_project
    from alembic_proof.workers import natural_database

    if any("://" in name for name in on or ()):
        raise ProofError("Cannot write a server's URL into the project's files: it can hold a password. Give --on a name.")
    project = find_project(config)
    databases = tuple(on or project.settings.databases or (natural_database(project),))
    place = Place(project.root, Path(project.scripts.dir), databases)
    edits = plan(place, [name.strip() for name in only.split(",")] if only else ())
    if not edits:
        echo("Nothing to write: the project has it all.\n")
        return
    for edit in edits:
        echo(f"# {edit.why}\n{edit.shown(place.repository)}\n")
    if not (yes or confirm("Write this?")):
        echo("Nothing was written. To write it without a question: alembic-proof init --yes\n")
        return
    for edit in edits:
        edit.write()
    echo(f"Written: {', '.join(edit.path.relative_to(place.repository).as_posix() for edit in edits)}.\n")
    echo("Next: alembic-proof verify. What it finds today can be accepted at once: alembic-proof baseline.\n")
