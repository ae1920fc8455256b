"""What a row of the old code met between two statements of a migration: plain frozen data. It judges nothing."""

from enum import StrEnum

import msgspec

from alembic_proof.schema.diff import Difference
from alembic_proof.spot import Spot


class Harm(StrEnum):
    """What came of a row that was written there."""

    STOPPED = "stopped"  # the upgrade failed with it, and passes without it
    REFUSED = "refused"  # the database did not take it there, and takes it before and after the upgrade
    UNFILLED = "unfilled"  # it was left with a NULL where rows from before and after the upgrade have a value
    LOST = "lost"  # it was gone after the upgrade, and rows from before it were not


class Slip(msgspec.Struct, frozen=True):
    """A row of the old code that was written between two statements, and what came of it.

    `object` is the column to blame where there is one, else the table. `words` are the database's own, `row` what was left of
    it. `line` is where the upgrade failed. `is_refused_above` says that the new schema refuses such a row anyway.
    """

    table: str
    object: str
    harm: Harm
    after: Spot
    before: Spot
    does: str
    write: str
    words: str | None = None
    row: str | None = None
    line: int | None = None
    is_refused_above: bool = False

    @property
    def at_line(self) -> int | None:
        """Where a reader looks first: where the upgrade failed, else at the end of the gap."""
        return self.line or self.before.line


class GapStep(msgspec.Struct, frozen=True):
    """One revision whose statements leave gaps. `untried` are tables for which there was no row to write, with the reason.

    `changes` compares the schema after the upgrade (expected) with the one before it (actual), where a row came to harm.
    """

    revision: str
    blocked: str | None = None
    slips: tuple[Slip, ...] = ()
    untried: tuple[tuple[str, str], ...] = ()
    changes: tuple[Difference, ...] = ()
