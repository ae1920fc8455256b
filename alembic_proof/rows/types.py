"""A column's type taken apart, and what the values of a type are."""

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from alembic_proof.rows.literals import Value

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_TYPE = re.compile(r"^\s*(.*?)\s*(?:\((.*)\)\s*(.*?))?\s*$")
_ARGUMENT = re.compile(r"'(?:[^']|'')*'|[^,\s][^,]*")


class Values(msgspec.Struct, frozen=True):
    """The values of one column. `nth(1)`, `nth(2)`, ... are all different, as long as the type has so many."""

    plain: Value
    limits: tuple[Value, ...]
    nth: Callable[[int], Value]
    draw: "Callable[[], SearchStrategy[Any]] | None" = None

    def strategy(self) -> "SearchStrategy[Any]":
        """Draw from all of them; loads Hypothesis."""
        from hypothesis import strategies as st

        named = st.sampled_from([self.plain, *self.limits])
        return named if self.draw is None else st.one_of(named, self.draw())


class Type(msgspec.Struct, frozen=True):
    """A type taken apart: `name` in lower case without its arguments, `arguments` as they stand, `suffix` what follows them."""

    name: str
    arguments: tuple[str, ...] = ()
    suffix: str = ""

    def number(self, position: int = 0) -> int | None:
        """One argument as a number: a length, a precision."""
        if position < len(self.arguments) and self.arguments[position].isdigit():
            return int(self.arguments[position])
        return None


def taken_apart(type_: str) -> Type:
    """Take "character varying(50)", "numeric(8,2)", "timestamp(3) with time zone" or "int(10) unsigned" apart."""
    matched = _TYPE.match(type_)
    assert matched is not None, "every text matches"
    name, arguments, suffix = matched.groups()
    return Type(name.lower(), tuple(one.strip() for one in _ARGUMENT.findall(arguments or "")), (suffix or "").lower())


def among(choices: Iterable[Value]) -> Values:
    """Make the values of a type that has only these."""
    all_of_them = tuple(choices)
    return Values(all_of_them[0], all_of_them[1:], lambda n: all_of_them[n % len(all_of_them)])
