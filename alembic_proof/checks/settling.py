"""What to paste, and where: the lines of a fix, and one fix for all differences that have to do with one another.

Lines that settle one difference can undo those that settle another (SQLite makes a whole table anew), and their order matters (an
enum type before the table that uses it). So the differences of a table, and of what it depends on, are settled together, with the
first of them.
"""

from collections.abc import Callable, Iterator, Sequence

from alembic_proof.schema.diff import Difference
from alembic_proof.schema.related import related
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
    """Give each difference its fix: the first of each group gets the lines that settle the group, the others are sent there."""
    # Alembic's renderer costs a tenth of a start, and most runs find nothing to settle.
    from alembic_proof.schema.operations import settle_all  # noqa: PLC0415

    groups = related(differences)
    first_of = {id(member): group[0] for group in groups for member in group}
    lines = {id(group[0]): group for group in groups}
    for difference in differences:
        group = lines.get(id(difference))
        yield difference, place(settle_all(group, kind)) if group else _settled_above(first_of[id(difference)])


def _settled_above(first: Difference) -> str:
    subject = subject_of(first.key)
    return f"the lines given for {subject[0].lower()}{subject[1:]} settle this too"
