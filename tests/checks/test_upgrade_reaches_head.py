"""AP307: a deployment that exits with status 0 and has done nothing."""

from pathlib import Path

import pytest

from alembic_proof.testing import ENV_PY, PlantedProject
from tests.checks.copies import Planted

CHECKS = ("upgrade-runs", "upgrade-reaches-head")
RUNNING = "        with context.begin_transaction():\n            context.run_migrations()\n"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_the_printed_commit_lets_it_arrive(planted: Planted, database: str, request: pytest.FixtureRequest) -> None:
    """The first printed line, put where it says, silences the finding."""
    url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
    copy = planted("upgrade_reaches_head", "bad")
    [finding] = copy.verify(url, checks=CHECKS).findings
    _, commit, configure, *_ = finding.fix.splitlines()
    given = "        context.configure(connection=connection, "
    assert configure.startswith(given.strip())
    copy.replace("migrations/env.py", given, f"        {commit}\n{given}")

    assert copy.verify(url, checks=CHECKS).findings == ()


def test_an_error_that_env_py_swallows(tmp_path: Path) -> None:
    """The revision that failed and the env.py that hid it are told, each by its check; the printed `raise` lets it out."""
    swallowing = ENV_PY.replace(
        RUNNING,
        "        try:\n            with context.begin_transaction():\n                context.run_migrations()\n"
        '        except Exception as error:\n            print("could not migrate:", error)\n',
    )
    assert swallowing != ENV_PY
    project = PlantedProject(tmp_path, env_py=swallowing).revision("a").revision("b", upgrade='op.drop_table("nowhere")')
    failed, hidden = project.findings(checks=CHECKS)

    assert (failed.code, failed.revision, failed.file) == ("AP301", "b", "migrations/versions/b_planted.py")
    assert (hidden.code, hidden.revision, hidden.file) == ("AP307", "b", "migrations/env.py")
    assert hidden.what == "`alembic upgrade heads` ended without an error, and alembic_version named a; the head was b."
    place, _, code = hidden.fix.partition(":  ")
    assert place == "in migrations/env.py, last line of the except block around context.run_migrations()"
    project.file("migrations/env.py", swallowing.replace("error)\n", f"error)\n            {code}\n"))
    assert [finding.code for finding in project.findings(checks=CHECKS)] == ["AP301"]


def test_revisions_that_need_a_commit_between_them(tmp_path: Path, postgresql_url: str) -> None:
    """One transaction for all revisions cannot use an enum label that it added; the printed option lets it."""
    project = PlantedProject(tmp_path).file("pyproject.toml", '[tool.alembic_proof]\nprelude = "schema.sql"\n')
    project.file("schema.sql", "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (id INTEGER);")
    project.revision("a", upgrade="op.execute(\"ALTER TYPE mood ADD VALUE 'ok'\")", downgrade=None)
    project.revision("b", upgrade="op.execute(\"ALTER TABLE t ADD COLUMN mood mood DEFAULT 'ok'\")", downgrade=None)
    [finding] = project.findings(postgresql_url, checks=CHECKS)

    assert finding.what.startswith("`alembic upgrade heads` failed (UnsafeNewEnumValueUsage: ")
    assert finding.effect == "The deployment stops here, although each revision runs by itself."
    place, _, code = finding.fix.partition(":  ")
    assert place == "in migrations/env.py, so that each revision commits before the next"
    option = code.removeprefix("context.configure(...")
    project.file(
        "migrations/env.py", ENV_PY.replace("target_metadata=target_metadata)", f"target_metadata=target_metadata{option}")
    )
    assert project.findings(postgresql_url, checks=CHECKS) == ()


def test_an_env_py_that_fails_afterwards(tmp_path: Path) -> None:
    """When all revisions have run and env.py raises then, it is env.py that is told to be corrected, not how it commits."""
    project = PlantedProject(tmp_path, env_py=f'{ENV_PY}\nraise RuntimeError("afterwards")\n').revision("a")
    [finding] = project.findings(checks=CHECKS)

    assert (
        finding.what == "`alembic upgrade heads` failed (RuntimeError: afterwards), and alembic_version named a; the head was a."
    )
    assert finding.effect == "The deployment counts as failed, although the database has every revision."
    assert finding.fix == "correct migrations/env.py: it raised when all revisions had run"


def test_several_heads_are_all_reached(tmp_path: Path) -> None:
    """Each head has its row."""
    project = PlantedProject(tmp_path).revision("a").revision("b", down="a").revision("c", down="a")

    assert project.findings(checks=CHECKS) == ()
