"""AP401: the models say one thing, and the migrations made another."""

from pathlib import Path

import pytest

from alembic_proof.findings import Outcome, Severity
from alembic_proof.testing import ENV_PY, PlantedProject
from tests.checks.copies import Planted

CHECKS = ("upgrade-runs", "models-match-migrations")
FROM_MODELS = ENV_PY.replace("target_metadata = None", "import models\ntarget_metadata = models.metadata")
TABLE = 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))'
MODELS = "import sqlalchemy as sa\nmetadata = sa.MetaData()\n"
T = 'sa.Table("t", metadata, sa.Column("id", sa.Integer(), primary_key=True))\n'


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_the_printed_lines_settle_in_a_new_revision(planted: Planted, database: str, request: pytest.FixtureRequest) -> None:
    """Pasted into a new revision's upgrade(), the lines silence the finding."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    copy = planted("models_match_migrations", "bad")
    [finding] = copy.verify(url, checks=CHECKS).findings
    place, _, code = finding.fix.partition(":")
    assert place == "mend the models, or, in a new revision's upgrade()"
    lines = "\n".join(f"    {line}" for line in code.strip().splitlines())
    header = 'from alembic import op\n\nrevision = "0002"\ndown_revision = "0001"\n'
    (copy.root / "migrations/versions/0002_age.py").write_text(f"{header}\n\ndef upgrade():\n{lines}\n", encoding="utf-8")

    assert copy.verify(url, checks=CHECKS).findings == ()


def test_what_only_migrations_can_make_is_a_note(tmp_path: Path) -> None:
    """A view of the migrations' own is told once, as a note, and breaks nothing."""
    project = PlantedProject(tmp_path, env_py=FROM_MODELS).file("models.py", MODELS + T)
    project.revision("a", upgrade=f'{TABLE}\nop.execute("CREATE VIEW v AS SELECT id FROM t")')
    report = project.verify(checks=CHECKS)
    [note] = report.findings

    assert (note.code, note.severity) == ("AP401", Severity.NOTE)
    assert note.what == "The migrations made one object that models cannot express."
    assert report.count(Outcome.BROKEN) == 0


def test_a_twin_that_cannot_be_made_is_not_proved(tmp_path: Path) -> None:
    """Where create_all() fails, autogenerate answers, and what it cannot see is said."""
    broken = 'sa.event.listen(metadata, "before_create", sa.DDL("SELECT * FROM nowhere"))\n'
    project = PlantedProject(tmp_path, env_py=FROM_MODELS)
    project.file("models.py", MODELS + T + broken + 'sa.Table("u", metadata, sa.Column("id", sa.Integer()))\n')
    report = project.revision("a", upgrade=TABLE).verify(checks=CHECKS)

    assert [finding.what for finding in report.findings] == ["Alembic's autogenerate found: add_table u."]
    assert report.findings[0].fix == 'alembic revision --autogenerate -m "match the models"'


def test_without_models_it_is_not_proved(tmp_path: Path) -> None:
    """A project that gives Alembic no target_metadata has nothing to compare with."""
    report = PlantedProject(tmp_path).revision("a").verify(checks=CHECKS)

    [verdict] = [verdict for verdict in report.outcomes if verdict.check == "models-match-migrations"]
    assert (verdict.outcome, verdict.reason) == (Outcome.NOT_PROVED, "migrations/env.py gives Alembic no target_metadata")


def test_a_comment_that_differs_is_a_warning(tmp_path: Path, postgresql_url: str) -> None:
    """A comment breaks no program."""
    project = PlantedProject(tmp_path, env_py=FROM_MODELS)
    project.file("models.py", MODELS + T.replace("primary_key=True", 'primary_key=True, comment="who"'))
    [finding] = project.revision("a", upgrade=TABLE).findings(postgresql_url, checks=CHECKS)

    assert (finding.object, finding.severity) == ("t.id", Severity.WARNING)
