"""What the old code writes into a table, again and again: rows with every column, and with those alone that need a value."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

import msgspec

from alembic_proof.experiments.code.stage import words_of
from alembic_proof.experiments.rows.hand import statement_for
from alembic_proof.rows.literals import Value
from alembic_proof.rows.planned import Plan, Record
from alembic_proof.rows.tables import Table
from alembic_proof.schema.snapshot import Fetch

_APART = 45
"""How many rows are passed over, so that what is written here does not meet the rows that are there."""

_FURTHER = 500
"""How many more for a parent: rows of its own are written into that table, too."""

PATIENCE = {
    "sqlite": "PRAGMA busy_timeout = 0",
    "postgresql": "SET lock_timeout = '1s'",
    "mariadb": "SET SESSION innodb_lock_wait_timeout = 0, SESSION lock_wait_timeout = 0",
    "mysql": "SET SESSION innodb_lock_wait_timeout = 1, SESSION lock_wait_timeout = 1",
}
"""How a connection is told not to wait for long: what it would wait for is the migration, which waits for it."""
_WAITING = ("lock wait timeout", "lock timeout", "database is locked", "database table is locked", "database schema is locked")


class Form(StrEnum):
    """Which columns of a row are given."""

    EVERY = "with every column"
    NEEDED = "with only the columns that it needs"


class Written(msgspec.Struct, frozen=True):
    """A row that was sent, and the database's words where it refused it."""

    record: Record
    statement: str
    refusal: str | None

    @property
    def had_to_wait(self) -> bool:
        """Whether the migration holds what the row needs: it will be written when there is no gap any more."""
        return self.refusal is not None and any(word in self.refusal.lower() for word in _WAITING)


class Writer:
    """Writes rows of one table as code of the schema below the revision does, each another one.

    Raises:
        CannotSeedError: no row can be proposed; the words say why.

    """

    def __init__(
        self, table: Table, kind: str, admitted: Mapping[str, Sequence[Record]], tables: Mapping[str, Table], apart: int = _APART
    ) -> None:
        self.table = table
        self._kind = kind
        self._admitted = dict(admitted)
        others = {name: one for name, one in tables.items() if name != table.full_name}  # a circle ends here
        parents = [others[name] for name in _only_children_of(table) if name in others]
        self._parents = [Writer(one, kind, admitted, others, apart + _FURTHER) for one in parents]
        self._plan = Plan(table, kind, self._admitted, before=frozenset(admitted))
        own = admitted.get(table.full_name)
        if own:
            self._plan.anchor(own[0])
        self._plan.pass_over(apart)
        self.forms = [Form.EVERY, Form.NEEDED] if len(self._cells(Form.NEEDED)) < len(self._cells(Form.EVERY)) else [Form.EVERY]

    def write(self, form: Form, fetch: Fetch) -> Written:
        """Write another row, and before it the parent of which it is the only child, as the code does that makes both."""
        for parent in self._parents:
            written = parent.write(Form.EVERY, fetch)
            if written.refusal is not None:
                return written
            self._admitted[parent.table.full_name] = [written.record]
        record = Record(self.table.full_name, self._cells(form))
        statement = statement_for(record, self.table, self._kind)
        try:
            fetch(statement)
        except Exception as error:  # every driver has its own
            return Written(record, statement, words_of(error))
        return Written(record, statement, None)

    def _cells(self, form: Form) -> Mapping[str, Value]:
        cells = self._plan.plain().cells
        if form is Form.EVERY:
            return cells
        return {name: cell for name, cell in cells.items() if name in self.table.primary_key or self._is_needed(name)}

    def _is_needed(self, name: str) -> bool:
        column = self.table.column(name)
        return not column.nullable and not column.fills_itself


def _only_children_of(table: Table) -> list[str]:
    """The tables whose rows have one of this table's each: its foreign key is unique, as where a class inherits by a join."""
    keys = [key for key in table.foreign_keys if key.referred_table != table.full_name and not table.may_be_null(key)]
    return [key.referred_table for key in keys if any(set(unique) <= set(key.columns) for unique in table.uniques)]
