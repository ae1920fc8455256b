"""What the walk sees where a revision is broken, and what it goes on to prove all the same."""

from pathlib import Path

import pytest

from alembic_proof.testing import ENV_PY, PlantedProject
from tests.walk.planting import plant_tables, table, told, walk


def test_a_clean_history(tmp_path: Path, database: str) -> None:
    """Every check proves every revision of a clean history."""
    assert told(walk(plant_tables(PlantedProject(tmp_path), "a1", "b2", "c3"), database)) == {
        "a1": "pppp",
        "b2": "pppp",
        "c3": "pppp",
    }


def test_a_downgrade_that_fails(tmp_path: Path, database: str) -> None:
    """It is told with its line and the database's words, and does not stop the way up."""
    project = plant_tables(PlantedProject(tmp_path), "a1")
    project.revision("b2", table("b"), 'op.drop_index("ix_none", "b")\nop.drop_table("b")')
    report = walk(plant_tables(project, "c3"), database)
    assert told(report) == {"a1": "pppp", "b2": "pB--", "c3": "pppp"}
    (finding,) = report.findings
    assert (finding.code, finding.revision, finding.line) == ("AP302", "b2", 15)
    assert "ix_none" in "".join(finding.seen)


def test_a_downgrade_that_leaves_something(tmp_path: Path, database: str) -> None:
    """The revision that left it is named, not the one above that trips over it."""
    project = plant_tables(PlantedProject(tmp_path), "a1")
    project.revision("b2", f"{table('b')}\n{table('left')}", 'op.drop_table("b")')
    report = walk(plant_tables(project, "c3"), database)
    assert told(report) == {"a1": "pppp", "b2": "ppB-", "c3": "pppp"}
    (finding,) = report.findings
    assert (finding.code, finding.revision, finding.object) == ("AP303", "b2", "left")


def test_an_upgrade_that_does_not_repeat(tmp_path: Path, database: str) -> None:
    """Rows that a downgrade leaves behind stop the second upgrade."""
    project = PlantedProject(tmp_path).revision("a1", table("a"), 'op.drop_table("a")')
    project.revision("b2", 'op.execute("INSERT INTO a (id) VALUES (1)")')
    report = walk(plant_tables(project, "c3"), database)
    assert told(report) == {"a1": "pppp", "b2": "pppB", "c3": "pppp"}
    assert report.findings[0].code == "AP304"


def test_an_upgrade_that_fails_in_the_middle(tmp_path: Path, database: str) -> None:
    """What stands on it is not proved, with the reason; another branch goes on; half of its work does not spoil the rest."""
    project = plant_tables(PlantedProject(tmp_path), "a1")
    project.revision("b2", f'{table("half")}\nop.execute("SELECT nothing FROM nowhere")', 'op.drop_table("half")')
    plant_tables(project, "c3")
    project.revision("x2", table("x2"), 'op.drop_table("x2")', down="a1")
    plant_tables(project, "y3")
    report = walk(project, database)
    assert told(report) == {"a1": "pppp", "b2": "B---", "c3": "----", "x2": "pppp", "y3": "pppp"}
    (finding,) = report.findings
    assert (finding.code, finding.revision, finding.line) == ("AP301", "b2", 12)
    reasons = {outcome.reason for outcome in report.outcomes if outcome.revision == "c3"}
    assert reasons == {"the upgrade of b2 below it did not succeed"}


def test_a_merge_of_a_broken_branch(tmp_path: Path, database: str) -> None:
    """A merge waits for both of its parents."""
    project = plant_tables(PlantedProject(tmp_path), "a1")
    project.revision("b2", "raise ValueError('no')", down="a1")
    project.revision("c2", table("c2"), 'op.drop_table("c2")', down="a1")
    project.revision("d3", down=("b2", "c2"))
    assert told(walk(project, database)) == {"a1": "pppp", "b2": "B---", "c2": "pppp", "d3": "----"}


def test_one_way_revisions(tmp_path: Path, database: str) -> None:
    """A downgrade that is absent, or begins with a raise of any kind, is declared: not proved, with its words."""
    project = PlantedProject(tmp_path).revision("a1", table("a1"), None)
    project.revision("b2", table("b2"), 'raise NotImplementedError("rows were merged")')
    project.revision("c3", table("c3"), '"""No way back."""\nraise ValueError("restore a backup")')
    project.revision("d4", table("d4"), 'op.drop_table("d4")\nraise ValueError("too late")')
    report = walk(project, database)
    assert told(report) == {"a1": "p---", "b2": "p---", "c3": "p---", "d4": "pB--"}
    reasons = {outcome.revision: outcome.reason for outcome in report.outcomes if outcome.check == "downgrade-runs"}
    assert reasons["a1"] == "declared one-way. The revision has no downgrade()."
    assert reasons["b2"] == "declared one-way. downgrade() begins with: raise NotImplementedError('rows were merged')"
    assert reasons["c3"] == "declared one-way. downgrade() begins with: raise ValueError('restore a backup')"


@pytest.mark.parametrize("code", ["", "3", "'not here'"])
def test_a_migration_that_exits(tmp_path: Path, database: str, code: str) -> None:
    """sys.exit() in a migration ends the migration, not the proof."""
    project = plant_tables(PlantedProject(tmp_path), "a1")
    project.revision("b2", f"sys.exit({code})", header="import sys")
    report = walk(project, database)
    assert told(report) == {"a1": "pppp", "b2": "B---"}
    assert report.findings[0].what.endswith(f"SystemExit: {code.strip(chr(39))}" if code else "SystemExit")


def test_a_callback_that_fails(tmp_path: Path, database: str) -> None:
    """on_version_apply is part of a step: what it raises breaks the revision, and nothing of it counts as done."""
    source = ENV_PY.replace(
        "target_metadata=target_metadata)", "target_metadata=target_metadata, on_version_apply=refuse)"
    ).replace(
        "target_metadata = None",
        """target_metadata = None


def refuse(step, **_):
    if step.up_revision_id == "b2":
        raise ValueError("refused")
""",
    )
    project = plant_tables(PlantedProject(tmp_path, env_py=source), "a1", "b2")
    project.revision("x2", table("x2"), 'op.drop_table("x2")', down="a1")
    assert told(walk(project, database)) == {"a1": "pppp", "b2": "B---", "x2": "pppp"}


def test_a_revision_range(tmp_path: Path, database: str) -> None:
    """Only the chosen revisions are judged; what lies below is only carried up, broken downgrades or not."""
    project = PlantedProject(tmp_path).revision("a1", table("a1"), 'op.drop_table("nothing")')
    plant_tables(project, "b2", "c3", "d4")
    assert told(walk(project, database, revisions="c3")) == {"c3": "pppp"}
    assert told(walk(project, database, revisions="b2:c3")) == {"b2": "pppp", "c3": "pppp"}
    assert told(walk(project, database, revisions="c3:")) == {"c3": "pppp", "d4": "pppp"}
    assert told(walk(project, database, revisions=":a1")) == {"a1": "pB--"}


def test_what_lies_above_the_range_is_not_run(tmp_path: Path, database: str) -> None:
    """A revision above the chosen ones is neither judged nor applied."""
    project = plant_tables(PlantedProject(tmp_path), "a1", "b2")
    project.revision("c3", "open(FILE, 'w').close()", header=f"FILE = {str(tmp_path / 'ran')!r}")
    assert told(walk(project, database, revisions="b2")) == {"b2": "pppp"}
    assert not (tmp_path / "ran").exists()
