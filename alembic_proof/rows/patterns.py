"""What CHECK constraints of several columns may admit: NULL here and a value there, this kind with that. Pure.

A CHECK of one column names the constants that it admits. One of several says what goes together: exactly one of two references, a
password where the login is a local one, a beginning before an end. What it admits is found by trying; here it is proposed, what
is nearest to the plain row first.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, islice, product

from alembic_proof.rows.literals import Value
from alembic_proof.rows.tables import Column, Table

Choices = Mapping[str, Sequence[Value]]

_MOST = 400
_ORDERED = re.compile(r"(?<![<-])>|<(?!>)")


def named_together(table: Table) -> tuple[Column, ...]:
    """Name the columns that some CHECK mentions beside another column."""
    columns = [column for column in table.columns if not column.is_generated]
    together = {check for one in columns for check in one.checks if sum(check in other.checks for other in columns) > 1}
    return tuple(column for column in columns if together.intersection(column.checks))


def is_ordered(column: Column) -> bool:
    """Whether a CHECK asks which of two values is larger."""
    return any(_ORDERED.search(check) for check in column.checks)


def patterns(choices: Choices) -> Iterator[Mapping[str, Value]]:
    """Choose values: for each column alone, then for two at a time, and so on. What a pattern leaves out is plain."""
    names = [name for name, values in choices.items() if values]
    every = (
        dict(zip(some, values, strict=True))
        for number in range(1, len(names) + 1)
        for some in combinations(names, number)
        for values in product(*(choices[name] for name in some))
    )
    return islice(every, _MOST)


class Variety:
    """Which patterns show something new: a value of a column that no admitted one had."""

    def __init__(self, choices: Choices) -> None:
        self._left = {(name, repr(value)) for name, values in choices.items() for value in values}

    def is_whole(self) -> bool:
        """Whether each value was admitted in some pattern."""
        return not self._left

    def would_gain(self, pattern: Mapping[str, Value]) -> bool:
        return any((name, repr(value)) in self._left for name, value in pattern.items())

    def add(self, pattern: Mapping[str, Value]) -> None:
        """Note that a pattern was admitted."""
        self._left -= {(name, repr(value)) for name, value in pattern.items()}
