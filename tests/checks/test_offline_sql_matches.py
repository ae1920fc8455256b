"""AP305: a revision that `--sql` cannot render, whose SQL fails, or whose SQL does something else."""

from pathlib import Path

import pytest

from alembic_proof.findings import Outcome
from alembic_proof.testing import ENV_PY, PlantedProject
from tests.checks.copies import Planted

CHECKS = ("upgrade-runs", "offline-sql-matches")


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_printed_lines_declare_it(planted: Planted, database: str, request: pytest.FixtureRequest) -> None:
    """Pasted, the lines turn the finding into "not proved", with their words, and `--sql` stops with them."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    copy = planted("offline_sql_matches", "bad")
    [finding] = copy.verify(url, checks=CHECKS).findings
    copy.paste(finding)
    report = copy.verify(url, checks=CHECKS)

    assert report.findings == ()
    [verdict] = [verdict for verdict in report.outcomes if verdict.outcome is Outcome.NOT_PROVED]
    assert verdict.reason == "declared online-only. RuntimeError: 0002 reads the database: run it online"
    assert "RuntimeError: 0002 reads the database: run it online" in copy.run("alembic upgrade head --sql").stderr


def test_sql_that_fails_on_an_empty_database(tmp_path: Path) -> None:
    """A revision whose SQL runs only by what Python did beside it is told with its statement."""
    project = PlantedProject(tmp_path).revision(
        "a",
        upgrade="""
from alembic import context
if not context.is_offline_mode():
    op.create_table("t", sa.Column("id", sa.Integer()))
op.execute("INSERT INTO t (id) VALUES (1)")
""",
        downgrade='op.drop_table("t")',
    )
    [finding] = project.findings(checks=CHECKS)

    assert finding.what.startswith("The upgrade was rendered as SQL that failed on an empty database: ")
    assert finding.seen[0] == "INSERT INTO t (id) VALUES (1);"


def test_sql_that_does_something_else(tmp_path: Path) -> None:
    """Each object that the SQL makes differently is told."""
    project = PlantedProject(tmp_path).revision(
        "a",
        upgrade="""
from alembic import context
op.create_table("t", sa.Column("id", sa.Integer()))
if not context.is_offline_mode():
    op.create_index("ix_t_id", "t", ["id"])
""",
        downgrade='op.drop_table("t")',
    )
    [finding] = project.findings(checks=CHECKS)

    assert finding.object == "t.ix_t_id"
    assert finding.what == "Index ix_t_id on table t was there after the upgrade and not after its SQL was run."


def test_a_project_without_offline_mode_is_not_proved(tmp_path: Path) -> None:
    """An env.py that refuses --sql is no finding; the check says so once."""
    env_py = 'from alembic import context\nif context.is_offline_mode():\n    raise SystemExit("online only")\n'
    online = PlantedProject(tmp_path / "as_usual").root.joinpath("migrations/env.py").read_text(encoding="utf-8")
    project = PlantedProject(tmp_path, env_py=env_py + online).revision("a")
    report = project.verify(checks=CHECKS)

    assert report.findings == ()
    assert ("migrations/env.py has no offline mode: SystemExit: online only") in {v.reason for v in report.outcomes}


def test_the_first_of_several_is_told(tmp_path: Path) -> None:
    """The script ends at the first revision that cannot be rendered: that one is told, the others say which it is."""
    reads = 'op.get_bind().execute(sa.text("SELECT 1")).scalar_one()'
    project = PlantedProject(tmp_path).revision("a").revision("b", upgrade=reads).revision("c", upgrade=reads)
    report = project.verify(checks=CHECKS)
    [finding] = report.findings

    assert (finding.revision, finding.seen[-1]) == ("b", "one revision above it could not be rendered either")
    assert [verdict.reason for verdict in report.outcomes if verdict.revision == "c" and verdict.reason] == [
        "it could not be rendered as SQL either; b is the first"
    ]


def test_an_env_py_that_writes_files_of_its_own(tmp_path: Path) -> None:
    """Alembic's template for several databases opens a file for each one's SQL: none is overwritten, nothing is missed."""
    opens = '    with open("engine1.sql", "w") as buffer:\n        context.configure(\n            output_buffer=buffer, url='
    env_py = ENV_PY.replace("    context.configure(\n        url=", opens, 1).replace(
        'dialect_opts={"paramstyle": "named"},\n    )\n    with context.begin_transaction():\n        context',
        'dialect_opts={"paramstyle": "named"},\n        )\n        with context.begin_transaction():\n            context',
        1,
    )
    project = PlantedProject(tmp_path, env_py=env_py).file("engine1.sql", "-- committed")
    project.revision("a", 'op.create_table("t", sa.Column("id", sa.Integer()))', 'op.drop_table("t")')
    report = project.verify(checks=CHECKS)

    assert report.findings == ()
    assert "migrations/env.py writes its SQL into files of its own (output_buffer)" in {v.reason for v in report.outcomes}
    assert (tmp_path / "engine1.sql").read_text(encoding="utf-8") == "-- committed"
