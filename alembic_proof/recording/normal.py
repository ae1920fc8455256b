"""One form for statements that are the same but for their values. Pure.

A value's place is written as the types of what stood there: {int}, {None|str}. A literal where a value stands becomes such a
place; one that is part of the statement (a format, a JSON path, a position in ORDER BY) stays. Of alike elements one is left.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import Any

import msgspec

from alembic_proof.recording.words import Group, Node, Sort, Word, parted, tree

_COMPARED_BY = ("=", "==", "<>", "!=", "<", ">", "<=", ">=", "<=>")
_BEFORE_A_VALUE = ("LIKE", "ILIKE", "REGEXP", "GLOB", "LIMIT", "OFFSET", "BETWEEN")
_QUERIES = ("SELECT", "WITH", "VALUES", "TABLE")
_TAKING_A_FORM = frozenset(
    """
    date_trunc date_part date_bin strftime to_char to_date to_timestamp to_number date_format str_to_date timestampdiff timezone
    json_extract json_value jsonb_path_query jsonb_path_exists jsonb_extract_path jsonb_extract_path_text json_extract_path_text
    current_setting set_config nextval currval setval to_tsvector to_tsquery plainto_tsquery
    """.split()  # noqa: SIM905 - one word to a line would say no more in 24 lines
)
"""Functions with an argument that says how, not what: no other text would do."""
_MARK = "\0"
_MOST_SETS = 20
"""How many rows of an executemany() are asked for the types of their values."""


class Place(msgspec.Struct, frozen=True):
    """Where a value stands: which parameters were given there, and the types of literals.

    `is_form` says that a text there belongs to the statement.
    """

    parameters: tuple[str | int, ...] = ()
    types: frozenset[str] = frozenset()
    is_apart: bool = False
    is_form: bool = False

    def joined(self, other: "Place") -> "Place":
        return Place((*self.parameters, *other.parameters), self.types | other.types, self.is_apart, self.is_form)


class Row(msgspec.Struct, frozen=True):
    """A group whose values are marked. `after` is IN or VALUES where it stands for a list, else empty."""

    nodes: "Marked"
    after: str
    is_apart: bool


Marked = Sequence[Word | Place | Row]


class Form(msgspec.Struct, frozen=True):
    """A statement in its normal form: texts, and places between them."""

    pieces: tuple[str | Place, ...]

    def sent(self, parameters: Any) -> tuple[str, tuple[frozenset[str], ...]]:
        """Write its text for one row of parameters, which the driver was given, and name the types at each place.

        Two of one text are the same statement.
        """
        text, types = "", []
        for piece in self.pieces:
            if isinstance(piece, str):
                text += piece
                continue
            values = [_given(parameters, one) for one in piece.parameters]
            if piece.is_form and len(values) == 1 and isinstance(values[0], str):
                text += "'" + values[0].replace("'", "''") + "'"
            else:
                text += _MARK
                types.append(piece.types | {type_name(value) for value in values})
        return text, tuple(types)


def with_types(text: str, types: Sequence[Iterable[str]]) -> str:
    """Write a form's text with the types of its values."""
    first, *others = text.split(_MARK)
    return first + "".join(f"{{{'|'.join(sorted(one))}}}{piece}" for one, piece in zip(types, others, strict=True))


def type_name(value: Any) -> str:
    """Name the type of a value as it is written into a place."""
    return "None" if value is None else type(value).__name__


def parameter_sets(parameters: Any, *, is_many: bool) -> Sequence[Any]:
    """Give the parameters of each row: a driver is given those of one row, or of several."""
    return list(parameters[:_MOST_SETS]) if is_many and isinstance(parameters, list | tuple) else [parameters]


def _given(parameters: Any, one: str | int) -> Any:
    if isinstance(parameters, Mapping):
        return parameters.get(str(one))
    return parameters[one] if isinstance(one, int) and parameters is not None and one < len(parameters) else None


@lru_cache(maxsize=4096)
def normal_form(statement: str, dialect: str, paramstyle: str) -> Form:
    """Bring a statement into its normal form. `dialect` is sqlite, postgresql or mariadb, `paramstyle` the driver's."""
    nodes = list(tree(statement, dialect, paramstyle))
    while nodes and isinstance(last := nodes[-1], Word) and last.is_sign(";"):
        nodes.pop()
    pieces: list[str | Place] = []
    for piece in _pieces(_short(_marked(nodes, count()))):
        if isinstance(piece, str) and pieces and isinstance(before := pieces[-1], str):
            pieces[-1] = before + piece
        else:
            pieces.append(piece)
    return Form(tuple(pieces))


def begins_a_query(group: Group) -> bool:
    """Whether a group is a query of its own."""
    first = group.nodes[0] if group.nodes else None
    return isinstance(first, Word) and first.says(*_QUERIES)


def _marked(nodes: Sequence[Node], numbers: Iterator[int], *, is_list: bool = False, is_form: bool = False) -> Marked:
    """Find the places of values. In a list, each literal that is an element is one."""
    found: list[Word | Place | Row] = []
    before: Node | None = None
    after, is_between, follows_gap = "", False, False
    for number, node in enumerate(nodes):
        is_element = is_list and (before is None or (isinstance(before, Word) and before.is_sign(",")))
        awaits_value = is_element or _awaits_value(before, is_between=is_between)
        if isinstance(node, Group):
            stands_for_list = after if not begins_a_query(node) else ""
            takes_form = isinstance(before, Word) and before.name.lower() in _TAKING_A_FORM
            inner = _marked(node.nodes, numbers, is_list=bool(stands_for_list) or is_element, is_form=takes_form)
            found.append(Row(inner, stands_for_list, node.is_apart))
        elif node.sort is Sort.PLACE:
            found.append(Place((_parameter(node.text, numbers),), is_apart=node.is_apart, is_form=is_form))
        elif node.sort in (Sort.STRING, Sort.NUMBER) and awaits_value:
            found.append(Place(types=frozenset([_type_of(node)]), is_apart=node.is_apart or follows_gap))
        elif awaits_value and node.is_sign("-") and number + 1 < len(nodes):
            follower = nodes[number + 1]
            if isinstance(follower, Word) and follower.sort is Sort.NUMBER:
                follows_gap = node.is_apart
                continue  # a negative number is one value: `before` stays
            found.append(node)
        else:
            found.append(node)
        if isinstance(node, Word):
            is_between = node.says("BETWEEN") or (is_between and not (isinstance(before, Word) and before.says("AND")))
            after = node.text.upper() if node.says("IN", "VALUES") else after if node.is_sign(",") else ""
        before, follows_gap = node, False
    return found


def _awaits_value(before: Node | None, *, is_between: bool) -> bool:
    if not isinstance(before, Word):
        return False
    return before.is_sign(*_COMPARED_BY) or before.says(*_BEFORE_A_VALUE) or (is_between and before.says("AND"))


def _parameter(text: str, numbers: Iterator[int]) -> str | int:
    if text in ("?", "%s"):
        return next(numbers)
    bare = text.removeprefix("%(").removesuffix(")s").removeprefix(":").removeprefix("$")
    return int(bare) - 1 if bare.isdecimal() else bare


def _type_of(literal: Word) -> str:
    if literal.sort is Sort.NUMBER:
        return "int" if literal.text.isdecimal() else "float"
    return "bytes" if literal.text[0] in "xX" else "str"


def _short(nodes: Marked) -> Marked:
    """Leave one of alike elements and of alike rows."""
    found: list[Word | Place | Row] = []
    for node in nodes:
        if not isinstance(node, Row):
            found.append(node)
            continue
        inner = _short(node.nodes)
        if node.after == "IN":
            inner = _once(inner)
        row = Row(inner, node.after, node.is_apart)
        earlier = found[-2] if len(found) > 1 and node.after == "VALUES" else None
        if isinstance(earlier, Row) and earlier.after == "VALUES" and _shape(earlier.nodes) == _shape(inner):
            found[-2:] = [Row(_joined(earlier.nodes, inner), earlier.after, earlier.is_apart)]
        else:
            found.append(row)
    return found


def _once(nodes: Marked) -> Marked:
    elements: dict[str, Marked] = {}
    for element in parted(nodes):
        shape = _shape(element)
        elements[shape] = _joined(elements[shape], element) if shape in elements else element
    first, *others = elements.values()
    return [*first, *(node for element in others for node in (Word(Sort.SIGN, ","), *element))]


def _joined(first: Marked, second: Marked) -> Marked:
    """Join the places of two lists of one shape."""
    joined: list[Word | Place | Row] = []
    for one, other in zip(first, second, strict=True):
        if isinstance(one, Place) and isinstance(other, Place):
            joined.append(one.joined(other))
        elif isinstance(one, Row) and isinstance(other, Row):
            joined.append(Row(_joined(one.nodes, other.nodes), one.after, one.is_apart))
        else:
            joined.append(one)
    return joined


def _shape(nodes: Marked) -> str:
    return "".join(piece if isinstance(piece, str) else _MARK for piece in _pieces(nodes))


def _pieces(nodes: Marked) -> Iterator[str | Place]:
    for number, node in enumerate(nodes):
        if node.is_apart and number:
            yield " "
        match node:
            case Row():
                yield "("
                yield from _pieces(node.nodes)
                yield ")"
            case Word():
                yield node.text
            case Place():
                yield node
