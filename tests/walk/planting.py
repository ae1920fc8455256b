"""Short ways to plant revisions and to ask a report."""

from sqlalchemy import make_url

from alembic_proof.databases.speech import speech_of
from alembic_proof.findings import Outcome
from alembic_proof.reports.report import Report
from alembic_proof.testing import PlantedProject

WALK = ("upgrade-runs", "downgrade-runs", "downgrade-restores-schema", "upgrade-repeats")


def table(name: str) -> str:
    """An upgrade that creates a table."""
    return f'op.create_table("{name}", sa.Column("id", sa.Integer(), primary_key=True))'


def plant_tables(project: PlantedProject, *revisions: str) -> PlantedProject:
    """Add clean revisions in a line, each with a table of its own."""
    for revision in revisions:
        project.revision(revision, table(f"t_{revision}"), f'op.drop_table("t_{revision}")')
    return project


def walk(project: PlantedProject, *databases: str, revisions: str | None = None, faithful: bool = False) -> Report:
    """Prove with the checks that judge the walk."""
    return project.verify(*databases, checks=WALK, revisions=revisions, faithful=faithful)


def told(report: Report) -> dict[str, str]:
    """What each check of the walk says of each revision, in letters in the order of WALK: proved, broken, or - for not proved."""
    letters = {Outcome.PROVED: "p", Outcome.BROKEN: "B", Outcome.NOT_PROVED: "-"}
    said = {(outcome.revision, outcome.check): letters[outcome.outcome] for outcome in report.outcomes}
    return {revision.id: "".join(said[revision.id, check] for check in WALK) for revision in report.revisions}


def scratch_databases(url: str) -> set[str]:
    """The scratch databases that exist on a server."""
    kind = make_url(url).get_backend_name()
    query = "SELECT datname FROM pg_database" if kind == "postgresql" else "SELECT schema_name FROM information_schema.schemata"
    with speech_of(kind).connect(make_url(url)) as fetch:
        return {str(name) for (name,) in fetch(query) if str(name).startswith("alembic_proof_")}
