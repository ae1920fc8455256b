"""The revision graph in the coordinates of an SVG."""

from collections.abc import Sequence

import msgspec

from alembic_proof.reports.lanes import Edge, Node, lay_out
from alembic_proof.reports.report import RevisionSummary

ROW, LANE, MARGIN = 44, 18, 16
"""The height of a row, the width of a lane, the space around, in pixels."""


class Drawing(msgspec.Struct, frozen=True):
    """Circles and lines; `size` is width and height."""

    size: tuple[int, int]
    circles: tuple[tuple[str, int, int], ...]
    lines: tuple[str, ...]


def draw(revisions: Sequence[RevisionSummary]) -> Drawing:
    """Draw the graph beside a list whose rows are as high as ours."""
    nodes, edges = lay_out(revisions)
    lanes = 1 + max([*(node.lane for node in nodes), *(edge.lane for edge in edges)], default=0)
    height = max(len(nodes), 1) * ROW
    return Drawing(
        size=(2 * MARGIN + (lanes - 1) * LANE, height),
        circles=tuple((node.revision, _x(node.lane), _y(node)) for node in nodes),
        lines=tuple(_line(edge, height) for edge in edges),
    )


def _line(edge: Edge, height: int) -> str:
    """Leave the upper circle towards the edge's own lane, go down in it, and turn into the lower circle."""
    x, y = _x(edge.above.lane), _y(edge.above)
    lane, turn = _x(edge.lane), ROW // 2
    path = f"M{x} {y}"
    if lane != x:
        path += f"C{x} {y + turn} {lane} {y + turn} {lane} {y + ROW}"
    if edge.below is None:
        return f"{path}L{lane} {height}"
    below_x, below_y = _x(edge.below.lane), _y(edge.below)
    if below_x == lane:
        return f"{path}L{lane} {below_y}"
    return f"{path}L{lane} {below_y - ROW}C{lane} {below_y - turn} {below_x} {below_y - turn} {below_x} {below_y}"


def _x(lane: int) -> int:
    return MARGIN + lane * LANE


def _y(node: Node) -> int:
    return node.row * ROW + ROW // 2
