"""`alembic-proof lock`."""

from alembic_proof.cli.options import Config, On
from alembic_proof.cli.screen import echo
from alembic_proof.cli.terminal import app


@app.command()
def lock(
    *,
    config: Config = None,
    on: On = None,
) -> None:
    """Write alembic-proof.lock: what each revision is, so that AP103 and AP104 tell when somebody changes one.

    Upgrades scratch databases and notes the schema after each revision, beside a digest of its code. Commit the file.
    """
    from alembic_proof.progress import ProgressDisplay
    from alembic_proof.project import find_project
    from alembic_proof.releases.lock import write_lock
    from alembic_proof.verify import Request, look_at_releases

    project = find_project(config)
    with ProgressDisplay() as progress:
        evidence = look_at_releases(Request(project=project, databases=tuple(on or ()), forking=True), progress)
    path = write_lock(project, evidence)
    number = len(evidence.history.revisions)
    echo(f"Locked in {project.shown(path)}: {number} {'revision' if number == 1 else 'revisions'}.\n")
