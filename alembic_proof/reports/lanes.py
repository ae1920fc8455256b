"""Where each revision of a graph is drawn: one row for each, newest on top, branches beside each other."""

from collections.abc import Sequence

import msgspec

from alembic_proof.reports.report import RevisionSummary


class Node(msgspec.Struct, frozen=True):
    """A revision's place: rows count from the top, lanes from the left."""

    revision: str
    row: int
    lane: int


class Edge(msgspec.Struct, frozen=True):
    """From a revision down to its parent. `below` None: the parent is not drawn."""

    above: Node
    below: Node | None
    lane: int


def lay_out(revisions: Sequence[RevisionSummary]) -> tuple[list[Node], list[Edge]]:
    """Place revisions that come in the order of their upgrades: a parent is always below its children."""
    waiting: list[str | None] = []
    nodes: dict[str, Node] = {}
    drawn: list[tuple[Node, str, int]] = []
    for row, revision in enumerate(reversed(revisions)):
        lanes = [lane for lane, expected in enumerate(waiting) if expected == revision.id]
        lane = lanes[0] if lanes else _free_lane(waiting)
        for other in lanes or [lane]:
            waiting[other] = None
        node = nodes[revision.id] = Node(revision.id, row, lane)
        for position, parent in enumerate(revision.down):
            taken = lane if position == 0 else _free_lane(waiting)
            waiting[taken] = parent
            drawn.append((node, parent, taken))
    return list(nodes.values()), [Edge(above, nodes.get(parent), taken) for above, parent, taken in drawn]


def _free_lane(waiting: list[str | None]) -> int:
    for lane, expected in enumerate(waiting):
        if expected is None:
            return lane
    waiting.append(None)
    return len(waiting) - 1
