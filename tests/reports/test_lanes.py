"""Where revisions are drawn."""

from alembic_proof.reports.drawing import LANE, MARGIN, ROW, draw
from alembic_proof.reports.lanes import lay_out
from alembic_proof.reports.report import RevisionSummary


def revisions(**down: tuple[str, ...]) -> tuple[RevisionSummary, ...]:
    """Revisions in the order of their upgrades, each with its parents."""
    return tuple(RevisionSummary(name, parents, f"{name}.py", name) for name, parents in down.items())


def test_a_line_is_one_lane() -> None:
    """The newest revision is on top, and nothing stands beside it."""
    nodes, edges = lay_out(revisions(a=(), b=("a",), c=("b",)))

    assert [(node.revision, node.row, node.lane) for node in nodes] == [("c", 0, 0), ("b", 1, 0), ("a", 2, 0)]
    assert [(edge.above.revision, edge.below.revision if edge.below else None) for edge in edges] == [("c", "b"), ("b", "a")]


def test_branches_have_lanes_of_their_own() -> None:
    """Two branches between a fork and a merge never share a lane, and the lane is free again below the fork."""
    nodes, edges = lay_out(revisions(a=(), b=("a",), c=("b",), d=("b",), e=("c", "d"), f=("e",)))
    lanes = {node.revision: node.lane for node in nodes}

    assert lanes["c"] != lanes["d"]
    assert lanes["a"] == lanes["b"] == lanes["e"] == lanes["f"] == 0
    assert {(edge.above.revision, edge.below.revision) for edge in edges if edge.below} == {
        ("f", "e"), ("e", "c"), ("e", "d"), ("c", "b"), ("d", "b"), ("b", "a"),
    }  # fmt: skip


def test_two_heads_stand_beside_each_other() -> None:
    """A second head begins a lane; a parent that is not drawn ends at the bottom."""
    nodes, edges = lay_out(revisions(a=("older",), b=("a",), c=("a",)))

    assert sorted(node.lane for node in nodes) == [0, 0, 1]
    assert [edge.below for edge in edges if edge.above.revision == "a"] == [None]
    assert draw(revisions(a=("older",))).lines[0].endswith(f" {ROW}")


def test_lines_turn_into_their_lane_and_out_of_it() -> None:
    """A merge's second line leaves to the right and comes back at the fork; the drawing is as wide as its lanes."""
    drawn = draw(revisions(a=(), b=("a",), c=("a",), d=("b", "c")))
    [straight, aside] = [line for line in drawn.lines if line.startswith(f"M{MARGIN} {ROW // 2}")]

    assert "C" not in straight
    assert aside.count("C") == 1
    assert [line.count("C") for line in drawn.lines if line.startswith(f"M{MARGIN + LANE} ")] == [1]
    assert drawn.size == (2 * MARGIN + LANE, 4 * ROW)


def test_nothing_to_draw() -> None:
    """An empty history is a drawing too."""
    assert draw(()).circles == ()
