"""How checks name a place and show what a database said."""

import re

from alembic_proof.evidence import DatabaseEvidence, Failure
from alembic_proof.findings import Direction, Subject
from alembic_proof.history import Revision
from alembic_proof.schema.diff import Difference

_LONGEST = 800
_LONGEST_TEXT = 60
_QUOTE = "'"
_LITERAL = re.compile(r"'((?:[^']|'')*)'")


def at_upgrade(database: DatabaseEvidence, revision: Revision, line: int | None = None) -> Subject:
    """The revision's upgrade(), at the line given or where the function begins."""
    return Subject(
        database=database.name,
        revision=revision.id,
        direction=Direction.UPGRADE,
        file=revision.file,
        line=line or revision.upgrade_line,
    )


def at_downgrade(database: DatabaseEvidence, revision: Revision, line: int | None = None) -> Subject:
    """The revision's downgrade(), at the line given or where the function begins."""
    return Subject(
        database=database.name,
        revision=revision.id,
        direction=Direction.DOWNGRADE,
        file=revision.file,
        line=line or revision.downgrade_line,
    )


def weighty(differences: tuple[Difference, ...] | None) -> tuple[Difference, ...] | None:
    """What counts against a migration: all but SQLite's AUTOINCREMENT, which every batch rebuild drops or keeps by itself.

    Alembic's batch mode does not reflect it; what the models ask for is compared with the migrated schema all the same.
    """
    if differences is None:
        return None
    return tuple(difference for difference in differences if difference.changed_properties() != ("autoincrement",))


def shown_failure(failure: Failure) -> tuple[str, ...]:
    """The statement and the database's own words, untouched; what fills a screen is cut."""
    statement = () if failure.statement is None else tuple(failure.statement.splitlines())
    return tuple(_cut(line) for line in (*statement, *failure.words.splitlines()))


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}... ({len(line)} characters)"


def shown_statement(statement: str) -> str:
    """Write a statement for a person: a long text in it is cut, with its length told."""
    return _LITERAL.sub(lambda found: found[0] if len(found[1]) <= _LONGEST_TEXT else _shortened(found[1]), statement)


def _shortened(text: str) -> str:
    return f"'{text[:8]}...' ({len(text.replace(_QUOTE * 2, _QUOTE))} characters)"
