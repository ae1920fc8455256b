"""What a detailed run tells of each upgrade."""

from pathlib import Path

import msgspec
import pytest

from alembic_proof.reports.report import Report
from alembic_proof.testing import PlantedProject
from alembic_proof.verify import Request, verify
from tests.walk.planting import plant_tables


def proved(project: PlantedProject, database: str, *, detailed: bool = True) -> Report:
    """Prove that upgrades and downgrades run."""
    return verify(Request(project=project.project, databases=(database,), checks=("AP301", "AP302"), detailed=detailed))


def planted(folder: Path) -> PlantedProject:
    """A table, a row, and a failure."""
    project = plant_tables(PlantedProject(folder), "a1")
    insert = 'op.execute("INSERT INTO t_a1 (id) VALUES (1)")'
    project.revision("b2", f"sa.inspect(op.get_bind()).get_table_names()\n{insert}", "pass")
    return project.revision("c3", 'op.execute("SELECT 1")\nop.execute("DROP TABLE nothing")')


@pytest.mark.parametrize("database", ["sqlite", "postgresql_url"])
def test_the_statements_and_changes_of_each_upgrade(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> None:
    """What was sent, without the version table and without questions to the catalog; what changed; and the source."""
    name = request.getfixturevalue(database) if database == "postgresql_url" else database
    report = proved(planted(tmp_path), name)
    first, second, third = report.steps

    assert [one.split()[:3] for one in first.sql] == [["CREATE", "TABLE", "t_a1"]]
    assert first.changes[0].startswith("+ TABLE t_a1 (")
    assert (second.sql, second.changes) == (("INSERT INTO t_a1 (id) VALUES (1)",), ())
    assert third.sql[-1] == "DROP TABLE nothing"
    assert "DROP TABLE nothing" in report.revisions[2].source


def test_nothing_is_told_that_nobody_asked_for(tmp_path: Path) -> None:
    """A run without details holds neither source nor steps, and no key for them in a revision."""
    report = proved(planted(tmp_path), "sqlite", detailed=False)

    assert report.steps == ()
    assert "source" not in msgspec.to_builtins(report)["revisions"][0]
