"""Which columns a statement's values are for, and which come back. Pure."""

from collections.abc import Iterator, Sequence

from alembic_proof.recording.words import Group, Node, Word, parted

Named = tuple[str | None, str]
"""A table or a column: its schema or table as the statement names it, and its own name. In lower case."""

_COMPARED_BY = ("=", "==", "<>", "!=", "<", ">", "<=", ">=", "<=>")
_COMPARED_IN_WORDS = ("LIKE", "ILIKE", "IN", "BETWEEN", "REGEXP", "GLOB", "NOT", "ANY")


def column(part: Sequence[Node]) -> Named | None:
    """Read a column that stands alone: name, table.name, schema.table.name."""
    words = [node for node in part if isinstance(node, Word)]
    if len(words) < len(part) or not words or not all(w.is_name if n % 2 == 0 else w.is_sign(".") for n, w in enumerate(words)):
        return None
    return (words[-3].name.lower() if len(words) > 2 else None, words[-1].name.lower())  # noqa: PLR2004 - table.name


def column_of_value(nodes: Sequence[Node], number: int) -> Named | None:
    """Name the column that a value (or a list of values) at a position is compared with or assigned to."""
    position = number - 1
    while position >= 0 and isinstance(word := nodes[position], Word) and word.says(*_COMPARED_IN_WORDS):
        position -= 1
    operator = nodes[number - 1] if number else None
    if position == number - 1:
        if isinstance(operator, Word) and operator.is_sign(*_COMPARED_BY):
            return _column_before(nodes, position)
        if isinstance(operator, Word) and operator.says("AND"):
            return _between(nodes, position) or _column_after(nodes, number)
        return _column_after(nodes, number)
    if position >= 0 and isinstance(word := nodes[position], Word) and word.is_sign(*_COMPARED_BY):  # = ANY (...)
        return _column_before(nodes, position)
    return _column_before(nodes, position + 1)


def _between(nodes: Sequence[Node], position: int) -> Named | None:
    """Name the column of `column BETWEEN a AND b`, where `position` is that of AND."""
    for start in range(position - 1, max(-1, position - 6), -1):
        if isinstance(word := nodes[start], Word) and word.says("BETWEEN"):
            return column_of_value(nodes, start + 1)
    return None


def _column_before(nodes: Sequence[Node], position: int) -> Named | None:
    """Read the column that ends right before a position, also as the only argument of a function."""
    if position <= 0:
        return None
    last = nodes[position - 1]
    if isinstance(last, Group):
        return column(last.nodes)
    start = position - 1
    while start >= 2 and _is_dot(nodes[start - 1]):  # noqa: PLR2004 - a name and its dot
        start -= 2
    return column(nodes[start:position])


def _column_after(nodes: Sequence[Node], number: int) -> Named | None:
    """Read the column that a value is compared with where the value stands first."""
    if not (number + 2 < len(nodes) and isinstance(word := nodes[number + 1], Word) and word.is_sign(*_COMPARED_BY)):
        return None
    end = number + 3
    while end + 1 < len(nodes) and _is_dot(nodes[end]):
        end += 2
    return column(nodes[number + 2 : end])


def _is_dot(node: Node) -> bool:
    return isinstance(node, Word) and node.is_sign(".")


def columns_given(nodes: Sequence[Node]) -> Iterator[Named | None]:
    """Name the columns that come back, by the list after SELECT or RETURNING; nothing where a star is among them."""
    start = next((n for n, node in enumerate(nodes) if isinstance(node, Word) and node.says("SELECT", "RETURNING")), None)
    if start is None:
        return
    listed: list[Node] = []
    for node in nodes[start + 1 :]:
        if isinstance(node, Word) and node.says("FROM", "UNION", "WHERE", "ORDER", "LIMIT"):
            break
        listed.append(node)
    while listed and isinstance(word := listed[0], Word) and word.says("DISTINCT", "ALL"):
        listed.pop(0)
    parts = parted(listed)
    if any(isinstance(part[-1], Word) and part[-1].is_sign("*") for part in parts if part):
        return
    yield from (column(_without_alias(part)) for part in parts)


def _without_alias(part: Sequence[Node]) -> Sequence[Node]:
    at = next((n for n, node in enumerate(part) if isinstance(node, Word) and node.says("AS")), len(part))
    return part[:at]
