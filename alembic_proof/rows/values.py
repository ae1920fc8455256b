"""What a column may hold: a plain value, the limits of its type, and a Hypothesis strategy of both and of what lies between.

NULL is not among them: a column says itself whether it is `nullable`. Whether a CHECK or a trigger admits a value is found by
trying; the constants that a CHECK names are among the limits, and come first.
"""

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from msgspec.structs import replace

from alembic_proof.rows import moments, numbers, special, texts
from alembic_proof.rows.drawing import drawn_from
from alembic_proof.rows.hooks import learned, registered
from alembic_proof.rows.literals import Value
from alembic_proof.rows.tables import Column
from alembic_proof.rows.types import Type, Values, among, taken_apart

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_CONSTANT = re.compile(r"'((?:[^']|'')*)'|(?<![\w.])(-?\d+(?:\.\d+)?)(?![\w.])")
_DRAWN_OF_A_HOOK = 8
_LONGEST_BY_CHECK = 5000


def values_of(column: Column, kind: str) -> Values | None:
    """Say what a column may hold; None for a type unknown here. `kind` is sqlite, postgresql, mariadb or mysql."""
    own = registered().get(column.full_name)
    if own is not None:
        return _of_hook(own)
    if column.full_name in learned():
        return learned()[column.full_name][0]
    if column.type.endswith("[]"):
        return _array(replace(column, type=column.type[:-2], checks=()), kind)
    if column.labels:
        return among(column.labels)
    found = _of_type(taken_apart(column.type), kind)
    return found and _with_constants(found, column.checks, taken_apart(column.type))


def _of_type(type_: Type, kind: str) -> Values | None:
    for family in (numbers.values_of, texts.values_of, moments.values_of, special.values_of):
        found = family(type_, kind)
        if found is not None:
            return found
    return special.by_affinity(type_) if kind == "sqlite" else None


def _of_hook(strategy: "SearchStrategy[Any]") -> Values:
    """Draw a few values, always the same ones, from a strategy that the project gave."""
    drawn = drawn_from(strategy, _DRAWN_OF_A_HOOK)
    return Values(drawn[0], drawn[1:], lambda n: drawn[n % len(drawn)], lambda: strategy)


def _array(element: Column, kind: str) -> Values | None:
    values = values_of(element, kind)
    if values is None:
        return None

    def draw() -> "SearchStrategy[Any]":
        from hypothesis import strategies as st

        return st.lists(st.one_of(st.none(), values.strategy()), max_size=3)

    limits: tuple[Value, ...] = ([], [None], [values.plain, values.plain], [values.plain, *values.limits[:4]])
    return Values([values.plain], limits, lambda n: [values.nth(n)], draw)


def named_values(column: Column, kind: str) -> tuple[Value, ...]:
    """Give what a column's CHECK constraints name, and the labels of an enum, in the form of its values."""
    type_ = taken_apart(column.type)
    found = None if column.labels else _of_type(type_, kind)
    return tuple(_named(found.plain, column.checks, type_)) if found is not None else column.labels


def _named(like: Value, checks: Iterable[str], type_: Type) -> Iterable[Value]:
    constants = (constant for check in checks for constant in _CONSTANT.findall(check))
    named = (one for text, number in constants for one in _as(like, text.replace("''", "'"), number))
    return dict.fromkeys(one for one in named if not isinstance(one, str) or _fits(one, type_))


def _fits(text: str, type_: Type) -> bool:
    """Whether a constant can be meant for a column of such a type: a CHECK names those of other columns beside it."""
    try:
        if type_.name == "uuid" or (type_.name in ("char", "character") and type_.number() in texts.WRITTEN_OUT):
            UUID(text)
        elif type_.name in ("json", "jsonb"):
            json.loads(text)
    except ValueError:
        return False
    return not moments.is_moment(type_) or text[:1].isdigit()


def _with_constants(values: Values, checks: Iterable[str], type_: Type) -> Values:
    """Put first what the CHECK constraints name: they often name all that they admit."""
    named = _named(values.plain, checks, type_)
    if not named:
        return values
    plain, *others = dict.fromkeys([*named, values.plain])
    limits = tuple(dict.fromkeys([*others, *(one for one in values.limits if not isinstance(one, list))]))
    return replace(values, plain=plain, limits=limits)


def _as(like: Value, text: str, number: str) -> Iterable[Value]:
    if isinstance(like, str):
        if not number:
            yield text.replace("%", "a").replace("_", "a") if "%" in text else text
        elif number.isdigit() and 0 < int(number) <= _LONGEST_BY_CHECK:
            yield "a" * int(number)
    elif number and isinstance(like, int | float | Decimal) and not isinstance(like, bool):
        yield from (type(like)(Decimal(number) + step) for step in (1, 0, -1))
