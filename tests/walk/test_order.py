"""Revisions that hold only together: tried in the order that `downgrade base` takes before they are called broken."""

from pathlib import Path

from alembic_proof.testing import PlantedProject
from tests.walk.planting import plant_tables, table, told, walk

RECIPE_UP = ('op.create_table("shared", sa.Column("id", sa.Integer(), primary_key=True))', "pass")
RECIPE_DOWN = ("pass", 'op.drop_table("shared")')


def plant_recipe(project: PlantedProject, *, depends_on: str | None) -> PlantedProject:
    """Add two revisions of which the upper one only creates and the lower one only drops."""
    plant_tables(project, "a1")
    project.revision("b2", *(RECIPE_DOWN), down="a1", header='branch_labels = ("one",)')
    header = "" if depends_on is None else f"depends_on = {depends_on!r}"
    return project.revision("c2", *(RECIPE_UP), down="a1" if depends_on else "b2", header=header)


def test_a_recipe_ordered_by_depends_on(tmp_path: Path, database: str) -> None:
    """A creation and its dropping in two revisions, tied by depends_on, restore the schema when they go down together."""
    assert told(walk(plant_recipe(PlantedProject(tmp_path), depends_on="b2"), database)) == {
        "a1": "pppp",
        "b2": "pppp",
        "c2": "pppp",
    }


def test_a_recipe_by_label(tmp_path: Path, database: str) -> None:
    """The same where depends_on names a branch's label."""
    assert told(walk(plant_recipe(PlantedProject(tmp_path), depends_on="one"), database)) == {
        "a1": "pppp",
        "b2": "pppp",
        "c2": "pppp",
    }


def test_the_same_in_a_line(tmp_path: Path, database: str) -> None:
    """Without depends_on the same two revisions are broken, each by itself: a rollback by one step meets them alone."""
    report = walk(plant_recipe(PlantedProject(tmp_path), depends_on=None), database)
    assert told(report)["a1"] == "pppp"
    assert told(report)["b2"][1] == "B", "it drops what is not there yet"
    assert told(report)["c2"][2] == "B", "it leaves what it made"


def test_a_recipe_that_does_not_hold_together_either(tmp_path: Path, database: str) -> None:
    """Tied revisions that leave something even in order are broken."""
    project = plant_tables(PlantedProject(tmp_path), "a1")
    project.revision("b2", table("kept"), "pass", down="a1")
    project.revision("c2", table("c2"), 'op.drop_table("c2")', down="a1", header='depends_on = "b2"')
    report = walk(project, database)
    assert told(report) == {"a1": "pppp", "b2": "ppB-", "c2": "pppp"}
    assert report.findings[0].object == "kept"
