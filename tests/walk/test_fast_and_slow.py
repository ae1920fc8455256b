"""The fast path may prove, never convict; --faithful takes the slow way everywhere and comes to the same verdicts."""

from collections.abc import Callable
from pathlib import Path

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.testing import PlantedProject
from tests.walk.planting import plant_tables, scratch_databases, table, told, walk

PARENT_AND_CHILD = """
op.execute("CREATE TABLE parent (id integer PRIMARY KEY)")
op.execute("CREATE TABLE child (id integer PRIMARY KEY, parent integer REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
"""


def pending_triggers(project: PlantedProject) -> None:
    """Rows whose deferred checks are pending until the commit, and a downgrade that alters their table."""
    project.revision("a1", PARENT_AND_CHILD, 'op.execute("DROP TABLE child, parent")')
    project.revision(
        "b2",
        """
        op.execute("ALTER TABLE child ADD COLUMN note text")
        op.execute("INSERT INTO child (id, parent) VALUES (1, 1)")
        op.execute("INSERT INTO parent VALUES (1)")
        """,
        """
        op.execute("DELETE FROM child")
        op.execute("DELETE FROM parent")
        op.execute("COMMIT")
        op.execute("ALTER TABLE child DROP COLUMN note")
        """,
    )


def downgrade_that_cannot_commit(project: PlantedProject) -> None:
    """A downgrade that every statement of accepts, and the commit does not."""
    project.revision("a1", PARENT_AND_CHILD, 'op.execute("DROP TABLE child, parent")')
    project.revision(
        "b2",
        """
        op.execute("INSERT INTO parent VALUES (1) ON CONFLICT DO NOTHING")
        op.execute("INSERT INTO child VALUES (1, 1) ON CONFLICT DO NOTHING")
        """,
        'op.execute("DELETE FROM parent")',
    )


def drifting_downgrade(project: PlantedProject) -> None:
    """A downgrade that leaves an index."""
    plant_tables(project, "a1")
    project.revision("b2", 'op.execute("CREATE INDEX IF NOT EXISTS ix ON t_a1 (id)")')
    plant_tables(project, "c3")


def clean_branches(project: PlantedProject) -> None:
    """Nothing to find."""
    plant_tables(project, "a1", "b2")
    project.revision("x2", table("x2"), 'op.drop_table("x2")', down="a1")
    project.revision("m3", down=("b2", "x2"))


def failing_upgrade(project: PlantedProject) -> None:
    """A revision that fails after half of its work, in one of two branches."""
    plant_tables(project, "a1")
    project.revision("b2", f'{table("half")}\nop.execute("SELECT nothing")', down="a1")
    plant_tables(project, "c3")
    project.revision("x2", table("x2"), 'op.drop_table("x2")', down="a1")


def failing_downgrade(project: PlantedProject) -> None:
    """A downgrade that fails, and one that commits half of its work before it does."""
    project.revision("a1", table("a1"), 'op.drop_table("nothing")')
    project.revision(
        "b2", f"{table('b2')}\n{table('more')}", 'op.drop_table("b2")\nop.execute("COMMIT")\nop.drop_table("nothing")'
    )
    plant_tables(project, "c3")


def autocommit(project: PlantedProject) -> None:
    """Blocks that leave the transaction, in both directions."""
    plant_tables(project, "a1")
    project.revision(
        "b2",
        'with op.get_context().autocommit_block():\n    op.execute("CREATE INDEX CONCURRENTLY ix ON t_a1 (id)")',
        'with op.get_context().autocommit_block():\n    op.execute("DROP INDEX CONCURRENTLY ix")',
    )
    plant_tables(project, "c3")


def rows_that_stay(project: PlantedProject) -> None:
    """An upgrade that does not repeat."""
    plant_tables(project, "a1")
    project.revision("b2", 'op.execute("INSERT INTO t_a1 VALUES (1)")')


def recipe(project: PlantedProject) -> None:
    """Revisions that hold only together."""
    plant_tables(project, "a1")
    project.revision("b2", "pass", 'op.drop_table("shared")', down="a1")
    project.revision("c2", table("shared"), "pass", down="a1", header='depends_on = "b2"')


PROJECTS: dict[Callable[[PlantedProject], None], dict[str, str]] = {
    pending_triggers: {"a1": "pppp", "b2": "pppp"},
    downgrade_that_cannot_commit: {"a1": "pppp", "b2": "pB--"},
    drifting_downgrade: {"a1": "pppp", "b2": "ppBp", "c3": "pppp"},
    clean_branches: {"a1": "pppp", "b2": "pppp", "x2": "pppp", "m3": "pppp"},
    failing_upgrade: {"a1": "pppp", "b2": "B---", "c3": "----", "x2": "pppp"},
    failing_downgrade: {"a1": "pB--", "b2": "pB--", "c3": "pppp"},
    autocommit: {"a1": "pppp", "b2": "pppp", "c3": "pppp"},
    rows_that_stay: {"a1": "pppp", "b2": "pppB"},
    recipe: {"a1": "pppp", "b2": "pppp", "c2": "pppp"},
}


@pytest.mark.parametrize("faithful", [False, True])
@pytest.mark.parametrize("plant", PROJECTS, ids=lambda plant: plant.__name__)
def test_both_ways_come_to_the_same_verdicts(
    tmp_path: Path, postgresql_url: str, plant: Callable[[PlantedProject], None], *, faithful: bool
) -> None:
    """Histories get the same verdicts in trials and with every step committed, and nothing is left on the server."""
    project = PlantedProject(tmp_path)
    plant(project)
    before = scratch_databases(postgresql_url)
    assert told(walk(project, postgresql_url, faithful=faithful)) == PROJECTS[plant]
    assert scratch_databases(postgresql_url) == before


def test_a_migration_that_works_once(tmp_path: Path, postgresql_url: str) -> None:
    """A walk that has to begin anew and meets another outcome of the same revision says so, instead of guessing."""
    project = PlantedProject(tmp_path)
    project.revision(
        "a1",
        """
        if os.path.exists(MARKER):
            raise ValueError("only once")
        """,
        None,
        header=f"import os\n\nMARKER = {str(tmp_path / 'ran')!r}",
    )
    project.revision(
        "b2",
        """
        open(MARKER, "w").close()
        op.execute("CREATE TABLE half (id integer)")
        op.execute("COMMIT")
        raise ValueError("half of it is done")
        """,
        header=f"MARKER = {str(tmp_path / 'ran')!r}",
    )
    with pytest.raises(ProofError) as stopped:
        walk(project, postgresql_url)
    assert str(stopped.value) == (
        "Cannot go on with the walk: the upgrade of a1 succeeded once and then failed on a new database: ValueError: only once. "
        "Make it depend on nothing but the database."
    )
