"""How checks of rows speak: the rows, the database's words, the query for production, and why something is not proved."""

from collections.abc import Iterator

from alembic_proof.checks.places import shown_failure
from alembic_proof.checks.row_faults import Fault
from alembic_proof.history import Revision
from alembic_proof.row_evidence import ColumnFate, Comparison, Fate, RowFailure, RowsGone

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six")


def seen_of(found: RowFailure) -> tuple[str, ...]:
    """The smallest rows, then what the database said."""
    return (*(row.shown for row in found.rows), *shown_failure(found.failure))


def mending(found: RowFailure, fault: Fault, revision: Revision, function: str) -> str:
    """Say what to paste before the line that failed, and what to ask production first."""
    line = found.failure.line
    word = "before" if fault.is_before else "at"
    place = f"{word} {revision.file}:{line}" if line else f"in {function}()"
    told = f"{place}, {fault.mend}:  {fault.code}" if fault.code else f"{place}, {fault.mend}"
    return f"{told}\nbefore you deploy, on production:  {fault.query}"


def rows_in_words(found: RowFailure) -> str:
    """Count the rows and name their tables: "two rows of users"."""
    tables = list(dict.fromkeys(row.table for row in found.rows))
    number = len(found.rows)
    shown = _NUMBERS[number] if number < len(_NUMBERS) else str(number)
    listed = f"{', '.join(tables[:-1])} and {tables[-1]}" if len(tables) > 1 else "".join(tables)
    return f"{shown} {'row' if number == 1 else 'rows'} of {listed}"


def declared_in_words(found: RowFailure) -> str:
    """Say that the revision itself refuses such rows, by a raise statement."""
    return f"it refuses {rows_in_words(found)} by a raise of its own: {found.failure.words.splitlines()[0]}"


def assumed_in_words(assumed: tuple[str, ...], found: RowFailure | None) -> str | None:
    """Say what texts are taken for; None where that, or what is missing in them, is not why rows were refused."""
    if not assumed or (found is not None and found.failure.statement is not None):
        return None
    taken = f"it takes {' and '.join(assumed)}"
    if found is None:
        return f"{taken}, which the schema does not say: only such rows were tried"
    words = found.failure.words.splitlines()[0]
    return f"{taken}, and asks more of it than can be guessed ({words}): say what it holds in [tool.alembic_proof.rows.values]"


def unseeded_in_words(unseeded: tuple[tuple[str, str], ...]) -> str:
    """Say which tables got no rows, and why."""
    return "; ".join(f"no rows could be made for {table}: {why}" for table, why in unseeded)


def unseen_in_words(comparison: Comparison) -> str | None:
    """Say what could not be compared: rows that cannot be told apart, columns of which no row had a value to be followed."""
    unseen = [f"{fate.table}.{fate.column}" for fate in comparison.fates if fate.fate is Fate.UNSEEN]
    if comparison.unmatched:
        return f"rows of {', '.join(comparison.unmatched)} cannot be told apart: there is no primary key"
    return f"no row had a value in {', '.join(unseen)} to be followed" if unseen else None


def losses(comparison: Comparison, *, every_change: bool) -> Iterator[ColumnFate | RowsGone]:
    """What counts against a migration: rows that are gone, columns that are lossy or gone; where asked, all that changed."""
    yield from comparison.gone
    for fate in comparison.fates:
        if fate.fate in (Fate.LOSSY, Fate.GONE) or (every_change and fate.fate not in (Fate.KEPT, Fate.UNSEEN)):
            yield fate
