"""What became of rows: plain frozen data. It judges nothing."""

from enum import StrEnum

import msgspec

from alembic_proof.failure import Failure
from alembic_proof.schema.diff import Difference
from alembic_proof.spot import Spot


class Fate(StrEnum):
    """What became of a column's values."""

    KEPT = "kept"
    FILLED = "filled"  # where it was NULL it has a value; all else is kept
    CHANGED = "changed"  # each value has become another one, and no two the same
    MOVED = "moved"  # found by value under another name or in another table
    LOSSY = "lossy"  # two values have become one
    GONE = "gone"
    UNSEEN = "unseen"  # its name is gone, and no row with a value was there to be followed


class Row(msgspec.Struct, frozen=True):
    """A row as a person reads it: columns with their values as SQL. `telling` are the columns whose values matter."""

    table: str
    cells: tuple[tuple[str, str], ...]
    telling: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """Write it with its key and with what matters: "users(id=1, email=NULL)"."""
        return f"{self.table}({', '.join(f'{name}={value}' for name, value in self.cells)})"


class RowFailure(msgspec.Struct, frozen=True):
    """A step that failed on rows: the smallest set that was found to show it."""

    failure: Failure
    rows: tuple[Row, ...]


class ColumnFate(msgspec.Struct, frozen=True):
    """What became of one column of the old schema. `now` is where its values are; for GONE it took some: where it was NULL.

    `pairs` are values before and after, as SQL: for LOSSY two that became one, for GONE one that is nowhere. `looks_renamed_to`
    names a like column that came in its place, `emptied_by` a rebuilt table whose foreign key took the values along.
    """

    table: str
    column: str
    fate: Fate
    now: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    looks_renamed_to: str | None = None
    emptied_by: str | None = None


class RowsGone(msgspec.Struct, frozen=True):
    """Rows of a table that were there before and not after. `emptied_by` names the rebuilt table that took them along."""

    table: str
    number: int
    of: int
    example: Row | None = None
    is_dropped: bool = False
    emptied_by: str | None = None


class Comparison(msgspec.Struct, frozen=True):
    """Old rows against what is there later: each column's fate, and the rows that are gone."""

    fates: tuple[ColumnFate, ...] = ()
    gone: tuple[RowsGone, ...] = ()
    unmatched: tuple[str, ...] = ()  # tables whose rows cannot be told apart

    @property
    def is_clean(self) -> bool:
        return not self.gone and all(fate.fate not in (Fate.LOSSY, Fate.GONE) for fate in self.fates)


class Cause(StrEnum):
    """Why the same rows came to something else."""

    ANOTHER_RUN = "another run"  # nothing was done otherwise: the time, chance
    ANOTHER_ORDER = "another order"  # they were written in another order, and lay so
    ANOTHER_ZONE = "another zone"  # the session that migrated spoke in another time zone


class Unsteady(msgspec.Struct, frozen=True):
    """What two upgrades of the same rows left otherwise: a column's `values`, or without one whether `row` was still there.

    `spots` are statements of the upgrade that may have done it.
    """

    table: str
    column: str | None
    cause: Cause
    row: str | None
    values: tuple[str, str]
    spots: tuple[Spot, ...] = ()


class Apart(msgspec.Struct, frozen=True):
    """What two ways made of the same rows: a column's `values` at the end of either, or whether `row` was still there."""

    table: str
    column: str | None
    row: str | None
    values: tuple[str, str]


class Loaded(msgspec.Struct, frozen=True):
    """A SELECT of the upgrade's own that got all rows of a table at once."""

    table: str
    rows: int
    spot: Spot


class Drawn(msgspec.Struct, frozen=True):
    """How rows were drawn beside those at the limits: so many for each table, from which seed, by which Hypothesis."""

    examples: int
    seed: int
    hypothesis: str


class RowStep(msgspec.Struct, frozen=True):
    """Rows at one revision on one database.

    `seeded` are the tables that had rows before the upgrade, with how many; `unseeded` those that should have, and why not.
    None stands for what was not tried: `kept` after an upgrade that failed on all rows, `returned` also after a downgrade that
    did. `failed_back` is a downgrade that failed on the rows from before, `new_rows` one that failed on rows written after the
    upgrade. `assumed` and `new_assumed` name texts that are read as something else, and what for.
    `changes` is what the upgrade does to the schema, where something failed.
    """

    revision: str
    blocked: str | None = None
    seeded: tuple[tuple[str, int], ...] = ()
    unseeded: tuple[tuple[str, str], ...] = ()
    upgrade: RowFailure | None = None
    kept: Comparison | None = None
    failed_back: RowFailure | None = None
    returned: Comparison | None = None
    new_seeded: tuple[tuple[str, int], ...] = ()
    new_unseeded: tuple[tuple[str, str], ...] = ()
    is_tried_with_new_rows: bool = False
    new_rows: RowFailure | None = None
    assumed: tuple[str, ...] = ()
    new_assumed: tuple[str, ...] = ()
    changes: tuple[Difference, ...] = ()
    loaded: tuple[Loaded, ...] = ()
    unsteady: tuple[Unsteady, ...] = ()
