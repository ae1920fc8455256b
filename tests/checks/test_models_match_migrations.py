"""AP401: the models say one thing, and the migrations made another."""

from pathlib import Path

import pytest

from alembic_proof.findings import Outcome, Severity
from alembic_proof.testing import ALEMBIC_INI, ENV_PY, PlantedProject
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


@pytest.mark.parametrize("database", ["sqlite", "postgresql", "mariadb"])
def test_what_only_migrations_make_is_one_note(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    """A view of the migrations' own and rows that they leave are told once, as a note that breaks nothing and can be accepted."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    filled = 'sa.event.listen(metadata, "after_create", sa.DDL("INSERT INTO shared VALUES (1)"))\n'
    models = MODELS + T + T.replace('"t"', '"shared"') + T.replace('"t"', '"order"') + filled
    project = PlantedProject(tmp_path, env_py=FROM_MODELS).file("models.py", models)
    tables = "\n".join(TABLE.replace('"t"', name) for name in ('"t"', '"shared"', '"order"', '"of_migrations_alone"'))
    rows = "\n".join(f'op.execute("INSERT INTO {name} (id) VALUES (1)")' for name in ("t", "shared", "of_migrations_alone"))
    project.revision("a", upgrade=f'{tables}\n{rows}\nop.execute("CREATE VIEW v AS SELECT id FROM t")')
    report = project.verify(url, checks=CHECKS)
    note = report.findings[-1]

    assert [finding.object for finding in report.findings] == ["of_migrations_alone", "what only migrations make"]
    assert (note.code, note.severity) == ("AP401", Severity.NOTE)
    assert note.what == "The migrations made one object and rows in one table that create_all() does not make."
    assert note.seen[-1] == "+ ROWS IN t"
    assert "VIEW v" in note.seen[0]
    project.file("pyproject.toml", note.fix.partition("how it has to be:\n")[2])
    assert [finding.object for finding in project.findings(url, checks=CHECKS)] == ["of_migrations_alone"]


@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_options_of_the_dialect_that_the_project_speaks(tmp_path: Path, dialect: str, mariadb_url: str) -> None:
    """Models whose options are all named mysql_, on a URL that says mysql, have a twin with those options; mariadb_ likewise."""
    options = f'{dialect}_charset="utf8mb3", {dialect}_collate="utf8mb3_bin", {dialect}_row_format="DYNAMIC"'
    index = f'sa.Index("ft", "v", {dialect}_prefix="FULLTEXT")'
    columns = 'sa.Column("id", sa.Integer(), primary_key=True), sa.Column("v", sa.Text())'
    ini = ALEMBIC_INI.replace("sqlite:///app.db", f"{dialect}+pymysql://app@db.internal/app")
    project = PlantedProject(tmp_path, env_py=FROM_MODELS, ini=ini)
    project.file("models.py", f'{MODELS}sa.Table("t", metadata, {columns}, {index}, {options})\n')
    create_index = f'op.create_index("ft", "t", ["v"], {dialect}_prefix="FULLTEXT")'
    project.revision("a", upgrade=f'op.create_table("t", {columns}, {options})\n{create_index}')

    assert project.verify(mariadb_url, checks=CHECKS).findings == ()


def test_what_models_cannot_state_is_in_the_note(tmp_path: Path, postgresql_url: str) -> None:
    """Row security and a statistics target, which no model can ask for, break nothing and are told with the rest."""
    project = PlantedProject(tmp_path, env_py=FROM_MODELS).file("models.py", MODELS + T)
    settings = (
        "CREATE VIEW v AS SELECT id FROM t",
        "ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE t ALTER id SET STATISTICS 9",
    )
    project.revision("a", upgrade="\n".join((TABLE, *(f'op.execute("{setting}")' for setting in settings))))
    [note] = project.verify(postgresql_url, checks=CHECKS).findings

    assert note.what == "The migrations made one object and settings of 2 objects that create_all() does not make."
    assert note.seen == (
        "~ TABLE t  row security: false -> true",
        "~ COLUMN t.id  statistics target: none -> 9",
        "+ VIEW v AS SELECT id FROM t;",
    )


def test_several_metadata_and_what_their_events_make(tmp_path: Path) -> None:
    """Several MetaData make one twin, with what their DDL events create."""
    models = "import sqlalchemy as sa\na = sa.MetaData()\nb = sa.MetaData()\n"
    models += T.replace("metadata", "a") + T.replace("metadata", "b").replace('"t"', '"u"')
    models += 'sa.event.listen(b, "after_create", sa.DDL("CREATE VIEW v AS SELECT id FROM t"))\n'
    env_py = FROM_MODELS.replace("models.metadata", "[models.a, models.b]")
    project = PlantedProject(tmp_path, env_py=env_py).file("models.py", models)
    tables = "\n".join(TABLE.replace('"t"', name) for name in ('"t"', '"u"'))
    project.revision("a", upgrade=f'{tables}\nop.execute("CREATE VIEW v AS SELECT id FROM t")')

    assert project.findings(checks=CHECKS) == ()


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
