"""The words of a statement, with what stands in parentheses together; enough of SQL to see where a value stands. Pure."""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from typing import TypeVar

import msgspec

T = TypeVar("T")


class Sort(Enum):
    """What a word is. A NAME may be a keyword, which is written the same; a QUOTED name cannot."""

    NAME = "name"
    QUOTED = "quoted name"
    STRING = "string"
    NUMBER = "number"
    PLACE = "placeholder"
    SIGN = "sign"


class Word(msgspec.Struct, frozen=True):
    """One word as it stands. `is_apart` says that a space or a comment stands before it."""

    sort: Sort
    text: str
    is_apart: bool = False

    def says(self, *keywords: str) -> bool:
        return self.sort is Sort.NAME and self.text.upper() in keywords

    def is_sign(self, *signs: str) -> bool:
        return self.sort is Sort.SIGN and self.text in signs

    @property
    def is_name(self) -> bool:
        return self.sort in (Sort.NAME, Sort.QUOTED)

    @property
    def name(self) -> str:
        """What it names, without quotes."""
        if self.sort is Sort.QUOTED:
            return self.text[1:-1].replace(self.text[0] * 2, self.text[0])
        return self.text


class Group(msgspec.Struct, frozen=True):
    """What stands between two parentheses."""

    nodes: "tuple[Node, ...]"
    is_apart: bool = False


Node = Word | Group

NORMAL = "normal"
"""The placeholders of a statement in our own form: {int}."""

_PLACES = {
    "qmark": r"\?",
    "format": r"%s|%\(\w+\)s",
    "pyformat": r"%s|%\(\w+\)s",
    "named": r"(?<![:\w]):[^\W\d]\w*",
    "numeric": r"(?<![:\w]):\d+",
    "numeric_dollar": r"\$\d+",
    NORMAL: r"\{[\w|]*\}",
}
_STRINGS = {
    "sqlite": r"[xX]?'(?:[^']|'')*'",
    "postgresql": r"[eE]'(?:[^'\\]|\\.|'')*' | (?:[xXbBnN]|[uU]&)?'(?:[^']|'')*' | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$",
    "mariadb": r"""(?:[xXbBnN]|_\w+\ ?)?'(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*" """,
}
_QUOTED = {
    "sqlite": r'"(?:[^"]|"")*" | `(?:[^`]|``)*`',
    "postgresql": r'"(?:[^"]|"")*"',
    "mariadb": r"`(?:[^`]|``)*`",
}


def words(statement: str, dialect: str, paramstyle: str = NORMAL) -> Iterator[Word]:
    """Split a statement; comments are left out. `dialect` is sqlite, postgresql or mariadb, `paramstyle` the driver's."""
    is_percent = paramstyle in ("format", "pyformat")
    position, is_apart = 0, False
    for found in _pattern(dialect, paramstyle).finditer(statement):
        position = found.end()
        kind = found.lastgroup
        text = found.group().replace("%%", "%") if is_percent else found.group()
        if kind == "space":
            is_apart = True
            continue
        yield Word(Sort[str(kind).upper()], text, is_apart)
        is_apart = False
    assert position == len(statement), "the pattern takes any sign"


def tree(statement: str, dialect: str, paramstyle: str = NORMAL) -> tuple[Node, ...]:
    """Split a statement, and put what stands in parentheses together; one that is never closed ends with the statement."""
    open_groups: list[tuple[bool, list[Node]]] = [(False, [])]
    for word in words(statement, dialect, paramstyle):
        if word.is_sign("("):
            open_groups.append((word.is_apart, []))
        elif word.is_sign(")") and len(open_groups) > 1:
            is_apart, nodes = open_groups.pop()
            open_groups[-1][1].append(Group(tuple(nodes), is_apart))
        else:
            open_groups[-1][1].append(word)
    while len(open_groups) > 1:
        is_apart, nodes = open_groups.pop()
        open_groups[-1][1].append(Group(tuple(nodes), is_apart))
    return tuple(open_groups[0][1])


def parted(nodes: Sequence[T]) -> list[list[T]]:
    """Part what stands between commas."""
    parts: list[list[T]] = [[]]
    for node in nodes:
        if isinstance(node, Word) and node.is_sign(","):
            parts.append([])
        else:
            parts[-1].append(node)
    return parts


def filled(statement: str, dialect: str, values: Sequence[str]) -> str:
    """Put SQL texts into the places of a statement in our own form."""
    left = iter(values)
    found = _pattern(dialect, NORMAL).finditer(statement)
    return "".join(next(left) if one.lastgroup == "place" else one.group() for one in found)


@cache
def _pattern(dialect: str, paramstyle: str) -> re.Pattern[str]:
    comment = r"\#[^\n]* |" if dialect == "mariadb" else ""
    operator = "[-+*/<>=~!@#%^&|?]" if paramstyle != "qmark" else "[-+*/<>=~!@#%^&|]"
    return re.compile(
        rf"""
        (?P<space>(?:\s+ | --[^\n]* | {comment} /\*.*?(?:\*/|\Z))+)
        | (?P<place>{_PLACES[paramstyle]})
        | (?P<string>{_STRINGS[dialect]})
        | (?P<quoted>{_QUOTED[dialect]})
        | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
        | (?P<name>[^\W\d][\w$]*)
        | (?P<sign>:: | (?:[<>!=]=|<=?>|[=<>])(?=-) | (?:(?!--|/\*|{_PLACES[paramstyle]}){operator})+ | .)
        """,
        re.VERBOSE | re.DOTALL,
    )
