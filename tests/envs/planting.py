"""A small clean history for any env.py, and what it means that all of it is proved. Knows no env.py."""

from collections.abc import Mapping
from types import MappingProxyType

from alembic_proof.findings import Outcome
from alembic_proof.reports.report import Report
from alembic_proof.reports.text import render
from alembic_proof.testing import PlantedProject

AT_EACH_REVISION = ("upgrade-runs", "downgrade-runs", "downgrade-restores-schema", "upgrade-repeats", "offline-sql-matches")
AT_EACH_DATABASE = ("upgrade-reaches-head",)

IMPORTS = """
from alembic import context
from sqlalchemy import create_engine, engine_from_config, pool

config = context.config
"""

OFFLINE = """
if context.is_offline_mode():
    context.configure(url=config.get_main_option("sqlalchemy.url"), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
    raise SystemExit(0)
"""
"""An offline branch that ends env.py: what follows it is online. `alembic upgrade --sql` then ends with status 0."""

INI_WITHOUT_URL = """
[alembic]
script_location = %(here)s/migrations
prepend_sys_path = %(here)s
"""


def plant_library(project: PlantedProject) -> PlantedProject:
    """Add three clean revisions: a table, a column with an index, a table that refers to the first."""
    project.revision(
        "a1",
        """
        op.create_table(
            "author", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.String(50), nullable=False)
        )
        """,
        'op.drop_table("author")',
    )
    project.revision(
        "b2",
        """
        op.add_column("author", sa.Column("email", sa.String(100)))
        op.create_index("ix_author_email", "author", ["email"], unique=True)
        """,
        """
        op.drop_index("ix_author_email", "author")
        op.drop_column("author", "email")
        """,
    )
    return project.revision(
        "c3",
        """
        op.create_table(
            "book",
            sa.Column("id", sa.Integer(), primary_key=True),
            sa.Column("author_id", sa.Integer(), sa.ForeignKey("author.id", name="fk_book_author"), nullable=False),
        )
        """,
        'op.drop_table("book")',
    )


def prove(project: PlantedProject, *databases: str, faithful: bool = False) -> Report:
    """Run every experiment of a database on a project."""
    return project.verify(*databases, checks=(*AT_EACH_REVISION, *AT_EACH_DATABASE), faithful=faithful)


def assert_all_proved(
    report: Report,
    *,
    besides: Mapping[str, str] = MappingProxyType({}),
    but: Mapping[tuple[str, str], str] = MappingProxyType({}),
) -> None:
    """Hold that no check found anything, and that every check proved every revision on every database.

    `besides` names checks that can prove nothing of this project, and `but` single revisions of a check, each with the reason.
    """
    told = render(report)
    assert report.findings == (), told
    assert report.databases, "nothing was proved on nothing"
    assert report.revisions, "nothing was proved of nothing"
    subjects = [
        *((check, d.name, r.id) for check in AT_EACH_REVISION for d in report.databases for r in report.revisions),
        *((check, d.name, None) for check in AT_EACH_DATABASE for d in report.databases),
    ]
    proved = {(o.check, o.database, o.revision) for o in report.outcomes if o.outcome is Outcome.PROVED}
    assert proved == {(c, d, r) for c, d, r in subjects if c not in besides and (c, r) not in but}, told
    others = [outcome for outcome in report.outcomes if outcome.outcome is not Outcome.PROVED]
    assert {o.check: o.reason for o in others if o.check in besides} == besides, told
    assert {(o.check, o.revision): o.reason for o in others if o.check not in besides} == but, told


def outcomes(report: Report, check: str) -> dict[str | None, tuple[Outcome, str | None]]:
    """What a check says of each revision, with the reason; of the report's one database."""
    assert len(report.databases) == 1, "told of one database alone"
    return {outcome.revision: (outcome.outcome, outcome.reason) for outcome in report.outcomes if outcome.check == check}
