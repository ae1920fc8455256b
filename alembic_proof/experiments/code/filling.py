"""Recorded statements with values in their places: as the code's own rows and the rows that are there demand it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

import msgspec

from alembic_proof.experiments.code.recipes import Cells, Code
from alembic_proof.experiments.code.stage import Stage
from alembic_proof.recording.columns import Named
from alembic_proof.recording.meaning import Meaning, Slot
from alembic_proof.recording.words import filled
from alembic_proof.rows.literals import Value, literal, shown
from alembic_proof.rows.planned import Record
from alembic_proof.rows.tables import Column, ForeignKey, Table
from alembic_proof.rows.values import values_of

_MOST_VALUES = 14
_USUAL: Mapping[str, Value] = {
    "bool": True,
    "float": 1.5,
    "Decimal": 1.5,
    "bytes": b"a",
    "bytearray": b"a",
    "datetime": "2020-01-02 03:04:05",
    "date": "2020-01-02",
    "time": "03:04:05",
    "UUID": "00000000-0000-0000-0000-000000000001",
    "dict": "{}",
    "Json": "{}",
    "Jsonb": "{}",
    "list": [],
}
"""What stands for a value of a Python type where no column tells more."""


class Sending(msgspec.Struct, frozen=True):
    """A recorded statement with the rows that it writes: sent once for each. `about` is the column whose `value` is tried.

    `by` is the table and the foreign key of the row that refers to the one that is deleted.
    """

    text: str
    meaning: Meaning
    does: str
    rows: tuple[Cells, ...] = ({},)
    about: Column | None = None
    value: Value = None
    by: tuple[Table, ForeignKey] | None = None

    @property
    def is_plain(self) -> bool:
        return self.about is None and self.by is None and len(self.rows) == 1


class Filler:
    """Fills statements for one kind of database; `codes` are the tables as the code knows them, by full name."""

    def __init__(self, kind: str, codes: Mapping[str, Code]) -> None:
        self._kind = kind
        self._dialect = "mariadb" if kind == "mysql" else kind
        self._codes = codes
        self._numbers = count(1_000_001)

    def sendings(self, text: str, meaning: Meaning) -> Iterator[Sending]:
        """Say how a statement is tried: as it was sent, then with each value that matters in a column that changes."""
        code = self._code(meaning.writes)
        does = f"A recorded {meaning.verb}{_of(meaning, code)}"
        row = code.another_row() if code is not None else None
        if code is None or row is None:
            yield Sending(text, meaning, does)
            return
        yield Sending(text, meaning, does, (row,))
        if meaning.verb == "DELETE":
            for child, key in self._referring(code.table):
                yield Sending(
                    text, meaning, f"{does}, of a row that one of {child.full_name} refers to,", (row,), by=(child, key)
                )
        is_insert = meaning.verb in ("INSERT", "REPLACE")
        if is_insert and code.touched.wants_twins:
            yield Sending(text, meaning, f"{does} of two rows alike but for their keys", self._twins(code))
        written = dict.fromkeys(column for slot in meaning.slots if slot.is_written and (column := self._column(slot, meaning)))
        for column in written:
            if column.table == code.table.full_name and column.name in code.touched.columns and not column.is_generated:
                for value in self._choices(column, code.table):
                    another = code.another_row() or row
                    yield Sending(text, meaning, f"{does} with {column.full_name} = {shown(value)}", (another,), column, value)

    def statements(self, sending: Sending, stage: Stage) -> Sequence[str]:
        """Write a sending as SQL for the schema of a stage."""
        return [
            filled(sending.text, self._dialect, [self._written(slot, sending, row, stage) for slot in sending.meaning.slots])
            for row in sending.rows
        ]

    def _referring(self, parent: Table) -> Iterator[tuple[Table, ForeignKey]]:
        """The foreign keys that do something else now when a row of the table goes."""
        for code in self._codes.values():
            yield from ((code.table, key) for key in code.rules_on_delete() if key.referred_table == parent.full_name)

    def _twins(self, code: Code) -> tuple[Cells, ...]:
        return tuple(row for row in (code.another_row(), code.another_row()) if row is not None)

    def _choices(self, column: Column, table: Table) -> Sequence[Value]:
        is_reference = any(column.name in key.columns for key in table.foreign_keys)
        values = None if is_reference else values_of(column, self._kind)
        usual = () if values is None else (values.plain, *values.limits)
        different = {repr(value): value for value in usual}
        return [*([None] if column.nullable else []), *list(different.values())[:_MOST_VALUES]]

    def _written(self, slot: Slot, sending: Sending, row: Cells, stage: Stage) -> str:
        value = self._value(slot, sending, row, stage)
        if "list" in slot.types and not isinstance(value, list):
            value = [value]
        return literal(value, self._kind)

    def _value(self, slot: Slot, sending: Sending, row: Cells, stage: Stage) -> Value:
        column = self._column(slot, sending.meaning)
        if column is None:
            return self._usual(slot)
        if not slot.is_written:
            rows = _referred(sending.by, stage) if sending.by is not None else stage.rows.get(column.table, ())
            return rows[0].cells[column.name] if rows and column.name in rows[0].cells else self._plain(column, slot)
        if column == sending.about:
            return sending.value
        if slot.types == {"None"} and column.nullable:
            return None
        in_keys = {name for key in self._codes[column.table].table.foreign_keys for name in key.columns}
        if column.name in in_keys and column.table in stage.plans:
            return stage.fresh(column.table).get(column.name)
        return row[column.name] if column.name in row else self._plain(column, slot)

    def _plain(self, column: Column, slot: Slot) -> Value:
        values = values_of(column, self._kind)
        return self._usual(slot) if values is None else values.plain

    def _usual(self, slot: Slot) -> Value:
        types = sorted(slot.types - {"None"})
        if not types:
            return None
        if types[0] == "int":
            return next(self._numbers) if slot.is_written else 1
        return _USUAL.get(types[0], "a")

    def _code(self, named: Named | None) -> Code | None:
        if named is None:
            return None
        schema, name = named
        found = (code for code in self._codes.values() if code.table.name.lower() == name)
        return next((code for code in found if schema is None or (code.table.schema or "").lower() in ("", schema)), None)

    def _column(self, slot: Slot, meaning: Meaning) -> Column | None:
        """Find the column that a value is for."""
        if slot.position is not None:
            code = self._code(meaning.writes)
            return code.table.columns[slot.position] if code and slot.position < len(code.table.columns) else None
        return None if slot.column is None else self.column(slot.column, meaning)

    def column(self, named: Named, meaning: Meaning) -> Column | None:
        """Find a column by its name and its table's, if the statement tells it."""
        table, name = named
        tables = [meaning.aliases.get(table)] if table is not None else [meaning.writes, *sorted(meaning.tables, key=str)]
        for code in filter(None, map(self._code, tables)):
            for column in code.table.columns:
                if column.name.lower() == name:
                    return column
        return None


def _referred(by: tuple[Table, ForeignKey], stage: Stage) -> Sequence[Record]:
    """The rows of a parent that rows of a child refer to."""
    child, key = by
    theirs = [[row.cells.get(name) for name in key.columns] for row in stage.rows.get(child.full_name, ())]
    parents = stage.rows.get(key.referred_table, ())
    return [row for row in parents if [row.cells.get(name) for name in key.referred_columns] in theirs]


def _of(meaning: Meaning, code: Code | None) -> str:
    """Say which table a statement is about, where it is one."""
    names = [code.table.full_name] if code is not None else sorted(name for _, name in meaning.tables)
    word = {"INSERT": "into", "REPLACE": "into", "UPDATE": "of"}.get(meaning.verb, "from")
    return f" {word} {', '.join(names)}" if names else ""
