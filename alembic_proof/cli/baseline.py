"""`alembic-proof baseline`."""

from alembic_proof.cli.options import Checks, Config, Examples, On, Rows, names
from alembic_proof.cli.screen import echo
from alembic_proof.cli.terminal import app


@app.command()
def baseline(
    *,
    config: Config = None,
    on: On = None,
    checks: Checks = None,
    examples: Examples = None,
    rows: Rows = True,
) -> None:
    r"""Accept what is broken today, so that only new findings count from now on.

    Proves the history as `verify` does, and appends a \[\[tool.alembic_proof.accept]] table for each finding to pyproject.toml,
    with the reason "before adoption". What is there stays as it is; a second run finds nothing to add.
    """
    from alembic_proof.acceptance.baseline import write_baseline
    from alembic_proof.progress import ProgressDisplay
    from alembic_proof.project import find_project
    from alembic_proof.verify import Request, verify

    project = find_project(config)
    request = Request(
        project=project,
        databases=tuple(on or ()),
        checks=names(checks),
        forking=True,
        examples=examples,
        with_rows=rows,
    )
    with ProgressDisplay() as progress:
        report = verify(request, progress)
    number = write_baseline(project.pyproject, report.findings)
    shown = project.shown(project.pyproject)
    if number:
        echo(f"Accepted in {shown}: {number} {'finding' if number == 1 else 'findings'}. Give each its own reason in time.\n")
    else:
        echo(f"Nothing to accept: {shown} is as it was.\n")
