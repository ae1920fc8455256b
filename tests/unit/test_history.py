"""The revision graph, read from files alone."""

from pathlib import Path

import pytest

from alembic_proof.history import GraphFault, History
from alembic_proof.migrate.host import load_history
from alembic_proof.testing import PlantedProject


def history_of(project: PlantedProject) -> History:
    """The history as verify reads it."""
    return load_history(project.project)


def test_revisions_come_in_the_order_of_the_upgrade(tmp_path: Path) -> None:
    """Parents before children, whatever the files are called."""
    history = history_of(PlantedProject(tmp_path).revision("z").revision("m").revision("a"))

    assert [revision.id for revision in history.revisions] == ["z", "m", "a"]
    assert (history.bases, history.heads, history.is_linear, history.problems) == (("z",), ("a",), True, ())


def test_a_revision_knows_its_lines(tmp_path: Path) -> None:
    """Lines are counted in the file; what is absent has none."""
    history = history_of(PlantedProject(tmp_path).revision("a").revision("b", downgrade=None))
    lines = (tmp_path / "migrations/versions/b_planted.py").read_text(encoding="utf-8").splitlines()
    revision = history["b"]

    assert revision.file == "migrations/versions/b_planted.py"
    assert revision.down_revision_line == lines.index("down_revision = 'a'") + 1
    assert revision.upgrade_line == lines.index("def upgrade():") + 1
    assert revision.downgrade_line is None
    assert revision.message == "Revision b."


@pytest.mark.parametrize(
    ("downgrade", "words"),
    [
        ("pass", None),
        ('op.execute("SELECT 1")\nraise RuntimeError("half-way")', None),
        ('if True:\n    raise RuntimeError("perhaps")', None),
        (None, "The revision has no downgrade()."),
        ("raise", "downgrade() begins with a raise."),
        ('"""Never."""\nraise NotImplementedError("why")', "downgrade() begins with: raise NotImplementedError('why')"),
    ],
)
def test_one_way_in_its_own_words(tmp_path: Path, downgrade: str | None, words: str | None) -> None:
    """A downgrade that is absent or begins by raising is declared one-way; one that raises later is not."""
    assert history_of(PlantedProject(tmp_path).revision("a", downgrade=downgrade))["a"].one_way == words


def test_empty_functions_are_seen(tmp_path: Path) -> None:
    """A body of pass, or of a docstring alone, does nothing."""
    history = history_of(PlantedProject(tmp_path).revision("a", upgrade='"""Nothing."""').revision("b", upgrade="op.f(None)"))

    assert (history["a"].upgrade_is_empty, history["a"].downgrade_is_empty) == (True, True)
    assert (history["b"].upgrade_is_empty, history["b"].downgrade_is_empty) == (False, True)


def test_branches_merges_and_dependencies(tmp_path: Path) -> None:
    """Ancestors follow down_revision and depends_on; a head on which another depends has no row of its own."""
    project = PlantedProject(tmp_path).revision("a", header='branch_labels = ("billing",)')
    project.revision("b", down="a").revision("c", down="a").revision("d", down=("b", "c"))
    project.revision("x", down=None).revision("y", header='depends_on = "billing"').revision(
        "w", down=None, header='depends_on = "d"'
    )
    history = history_of(project)

    assert history.ancestors("d") == {"a", "b", "c"}
    assert history["y"].depends_on == ("a",)
    assert history.ancestors("y") == {"a", "x"}
    assert set(history.heads) == {"d", "y", "w"}
    assert set(history.real_heads) == {"y", "w"}
    assert not history.is_linear


def test_dependency_groups_are_joined(tmp_path: Path) -> None:
    """Revisions tied by depends_on, directly or by a third one, are one group; the others are in none."""
    project = PlantedProject(tmp_path).revision("a").revision("b").revision("c")
    project.revision("p", down=None, header='depends_on = "a"').revision("q", header='depends_on = ("a", "c")')
    project.revision("r", down=None, header='depends_on = "b"')

    assert set(history_of(project).dependency_groups()) == {frozenset({"a", "c", "p", "q"}), frozenset({"b", "r"})}


def test_faults_of_the_graph(tmp_path: Path) -> None:
    """A missing parent, a cycle and a doubled id are told together, by file name, each with its files."""
    project = PlantedProject(tmp_path)
    project.revision("a").revision("b", down="lost").revision("c", down="e").revision("d", down="c").revision("e", down="d")
    project.revision("f", down="e").revision("m", down="n").revision("n", down="m")
    twin = (tmp_path / "migrations/versions/a_planted.py").read_text(encoding="utf-8")
    project.file("migrations/versions/a_twin.py", twin)
    told = [
        (problem.fault, problem.revisions, problem.missing, problem.stops_alembic) for problem in history_of(project).problems
    ]

    assert told == [
        (GraphFault.DUPLICATE_ID, ("a",), None, False),
        (GraphFault.MISSING_PARENT, ("b",), "lost", True),
        (GraphFault.CYCLE, ("c", "e", "d"), None, True),
        (GraphFault.CYCLE, ("m", "n"), None, True),
    ]


def test_two_cycles_between_which_a_revision_hangs(tmp_path: Path) -> None:
    """A revision that lies between two cycles is in neither."""
    project = PlantedProject(tmp_path).revision("a", down="b").revision("b", down="a").revision("between", down="b")
    project.revision("x", down=("y", "between")).revision("y", down="x")

    assert [problem.revisions for problem in history_of(project).problems] == [("a", "b"), ("x", "y")]
