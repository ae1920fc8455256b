"""What to paste, and where: the lines of a fix, and one fix for all differences of a place.

Lines that settle one difference can undo those that settle another (SQLite makes a whole table anew), and their order matters (an
enum type before the table that uses it). So the differences of a place are settled together, with the first of them.
"""

from collections.abc import Callable, Iterator, Sequence

from alembic_proof.schema.diff import Difference
from alembic_proof.schema.sentences import subject_of


def pasted(place: str, code: str) -> str:
    """Say where lines go: one line beside its place, several below it."""
    return f"{place}:\n{code}" if "\n" in code else f"{place}:  {code}"


def at_the_end(function: str, code: str) -> str:
    """Say that lines go to the end of a function: they settle what was left when all of it had run."""
    lines = "lines" if "\n" in code else "line"
    return pasted(f"in {function}(), last {lines}", code)


def settled_together(
    differences: Sequence[Difference], kind: str, place: Callable[[str], str]
) -> Iterator[tuple[Difference, str]]:
    """Give each difference its fix: the first one gets the lines that settle all of them, the others are sent there."""
    # Alembic's renderer costs a tenth of a start, and most runs find nothing to settle.
    from alembic_proof.schema.operations import settle_all  # noqa: PLC0415

    for position, difference in enumerate(differences):
        yield difference, _settled_above(differences[0]) if position else place(settle_all(differences, kind))


def _settled_above(first: Difference) -> str:
    subject = subject_of(first.key)
    return f"the lines given for {subject[0].lower()}{subject[1:]} settle this too"
