"""The difference between two snapshots, told object by object. A pure function."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from alembic_proof.schema.snapshot import Key, Snapshot, Value


class Change(StrEnum):
    """What is different about an object. `expected` is the left side of a comparison, `actual` the right side."""

    MISSING = "missing"  # only in the expected schema
    EXTRA = "extra"  # only in the actual schema
    CHANGED = "changed"  # in both, with other properties
    RENAMED = "renamed"  # the same object under another name


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that differs. `expected` and `actual` hold all its properties on each side, None where it is absent.

    `renamed_to` is its name in the actual schema when `change` is RENAMED.
    """

    change: Change
    key: Key
    expected: Mapping[str, Value] | None
    actual: Mapping[str, Value] | None
    renamed_to: str | None = None

    def changed_properties(self) -> tuple[str, ...]:
        if self.expected is None or self.actual is None:
            return ()
        names = dict.fromkeys((*self.expected, *self.actual))
        return tuple(name for name in names if self.expected.get(name) != self.actual.get(name))


def compare(expected: Snapshot, actual: Snapshot) -> tuple[Difference, ...]:
    """List what differs, tables first, then what belongs to them; nothing is told twice.

    A missing or extra table stands for all its columns, constraints and indexes.
    """
    raise NotImplementedError
