"""Which differences have to do with one another, so that the lines that settle one may need those that settle another."""

import re
from collections.abc import Iterator, Sequence

from alembic_proof.schema.diff import Difference
from alembic_proof.schema.snapshot import Key

_WORD = re.compile(r"\w+")


def related(differences: Sequence[Difference]) -> list[list[Difference]]:
    """Part differences into groups that can be settled in any order, each group and its members in the order given.

    What is about one table goes together, and what mentions the name of something else that differs: a foreign key the table
    that it refers to, a column its enum, a view its tables. A word that only looks like a name makes a group larger, no more.
    What an extension brings is not read, so anything may need it.
    """
    called: dict[str, int] = {}
    tied = _Tied(len(differences))
    for number, difference in enumerate(differences):
        for name in _names(difference):
            tied.join(number, called.setdefault(name, number))
    for number, difference in enumerate(differences):
        words = called if difference.key.kind == "extension" else _words(difference)
        for word in words:
            tied.join(number, called.get(word, number))
    groups: dict[int, list[Difference]] = {}
    for number, difference in enumerate(differences):
        groups.setdefault(tied.first_of(number), []).append(difference)
    return list(groups.values())


class _Tied:
    """Numbers that are tied to each other, each group known by its smallest."""

    def __init__(self, count: int) -> None:
        self._below = list(range(count))

    def first_of(self, number: int) -> int:
        while self._below[number] != number:
            number = self._below[number]
        return number

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.first_of(one), self.first_of(other)))
        self._below[high] = low


def _names(difference: Difference) -> Iterator[str]:
    """The words of the names by which others would mention what differs: a table's, or the object's own where it has none."""
    key = difference.key
    names = [key.table or key.name.partition("(")[0]]
    if key.table is None and difference.renamed_to is not None:
        names.append(difference.renamed_to)
    for name in names:
        yield from _WORD.findall(name)


def _words(difference: Difference) -> Iterator[str]:
    """Every word that stands in what differs, its schema among them."""
    yield from _WORD.findall(difference.key.schema or "")
    for one in (difference, *difference.along):
        for properties in (one.expected, one.actual, *one.parts.values()):
            for value in (properties or {}).values():
                yield from _WORD.findall(str(value))
        yield from (word for key in one.parts for word in _words_of(key))


def _words_of(key: Key) -> list[str]:
    return _WORD.findall(key.full_name)
