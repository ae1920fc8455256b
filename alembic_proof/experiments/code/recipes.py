"""What the code of one version does at a table that the other version's schema changes. Pure: from tables to recipes.

A statement that names a column which the other schema lacks would fail for that alone: it is told once, and the column left out
of the other statements, so that they show what else changed. A new column that every row needs is told once, and then given.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from alembic_proof.experiments.code.touched import Touched
from alembic_proof.rows.literals import Value, shown
from alembic_proof.rows.planned import CannotSeedError, Plan, Record
from alembic_proof.rows.tables import Column, ForeignKey, Table
from alembic_proof.rows.values import values_of

Cells = Mapping[str, Value]
_MOST_VALUES = 14
_APART = 500
"""How many rows are passed over, so that what code writes does not meet the rows that are there."""


class Verb(StrEnum):
    """What a recipe does."""

    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class Recipe(msgspec.Struct, frozen=True):
    """One thing that code does at a table. `cells` are written, a row for each, `fixed` of them just so on either side.

    `without` is the new column that the row is not given. `is_absence` says that it fails only for what is not there. `by` is the
    foreign key whose parent's row is deleted, not the own one.
    """

    does: str
    verb: Verb
    cells: tuple[Cells, ...] = ()
    columns: tuple[str, ...] = ()
    about: str | None = None
    fixed: frozenset[str] = frozenset()
    without: str | None = None
    is_absence: bool = False
    by: ForeignKey | None = None


class Code(msgspec.Struct):
    """The code of one version at one table. `why_no_rows` says why it has no rows to write."""

    table: Table
    touched: Touched
    kind: str
    why_no_rows: str | None = None
    _plan: Plan | None = None

    def __post_init__(self) -> None:
        alone = replace(self.table, foreign_keys=())  # what a row refers to depends on where it is written
        try:
            self._plan = Plan(alone, self.kind, {}, before=frozenset())
        except CannotSeedError as why:
            self.why_no_rows = str(why)
            return
        self._plan.pass_over(_APART)

    def anchor(self, record: Record) -> None:
        """Take the cells of a row that the own schema admitted for plain."""
        if self._plan is not None:
            in_keys = {name for key in self.table.foreign_keys for name in key.columns}
            self._plan.anchor(Record(record.table, {name: one for name, one in record.cells.items() if name not in in_keys}))

    def recipes(self) -> Iterator[Recipe]:
        """Everything that is tried, in order."""
        table, every = self.table, tuple(column.name for column in self.table.columns)
        if self.touched.is_gone:
            yield Recipe(f"A SELECT from {table.full_name}", Verb.SELECT, columns=every, is_absence=True)
            return
        for name in self.touched.gone:
            yield Recipe(f"A SELECT of {table.full_name}.{name}", Verb.SELECT, columns=(name,), about=name, is_absence=True)
        if self._plan is None:
            return
        yield from self._inserts()
        if self.touched.wants_twins:
            yield Recipe("An INSERT of two rows alike but for their keys", Verb.INSERT, (self._fresh(), self._fresh()))
        for name in self.touched.columns:
            yield from self._about(table.column(name))
        yield Recipe(f"A DELETE of a row of {table.full_name}", Verb.DELETE)
        for key in self.rules_on_delete():
            does = f"A DELETE of a row of {key.referred_table} that one of {table.full_name} refers to"
            yield Recipe(does, Verb.DELETE, by=key)

    def another_row(self) -> Cells | None:
        """Another plain row as the code writes it; None where it has none to write."""
        return None if self._plan is None else self._fresh()

    def rules_on_delete(self) -> Iterator[ForeignKey]:
        """The foreign keys that do something else now when their parent goes."""
        changed = {one.key.name for one in self.touched.differences if "on_delete" in one.changed_properties()}
        yield from (key for key in self.table.foreign_keys if key.name in changed)

    def is_counted(self, recipe: Recipe) -> bool:
        """Say whether a recipe is about a column that the database counts up."""
        return any(column.name == recipe.about and column.is_counted for column in self.table.columns)

    def _inserts(self) -> Iterator[Recipe]:
        columns = {column.name: column for column in self.table.columns}
        fresh = self._fresh()
        demanded = {name: cell for name, cell in fresh.items() if not columns[name].nullable and not columns[name].fills_itself}
        counted = {name: cell for name, cell in fresh.items() if columns[name].is_counted and not columns[name].is_always_counted}
        does = "An INSERT with only the columns that it needs"
        yield Recipe(does, Verb.INSERT, (demanded,))
        if counted:
            yield Recipe(does, Verb.INSERT, ({**counted, **demanded},))
        yield self._insert("An INSERT with every column", fresh)
        for name in self.touched.required:
            does = f"An INSERT that does not know {self.table.full_name}.{name}"
            yield replace(self._insert(does, self._fresh()), about=name, without=name)

    def _about(self, column: Column) -> Iterator[Recipe]:
        """Each value that matters in one column, written by an INSERT, and one UPDATE."""
        if column.is_generated:
            return
        values = values_of(column, self.kind)
        usual: Sequence[Value] = () if values is None else _different((values.plain, *values.limits))
        is_reference = any(column.name in key.columns for key in self.table.foreign_keys)
        choices = [*([None] if column.nullable else []), *(() if is_reference else usual[:_MOST_VALUES])]
        for value in choices:
            does = f"An INSERT with {column.full_name} = {shown(value)}"
            cells = {**self._fresh(), column.name: value}
            yield replace(self._insert(does, cells), about=column.name, fixed=frozenset({column.name}))
        if column.name not in self.table.primary_key and not is_reference and column.name in self._fresh():
            cells = {column.name: self._fresh()[column.name]}
            yield Recipe(f"An UPDATE of {column.full_name}", Verb.UPDATE, (cells,), about=column.name)

    def _insert(self, does: str, cells: Cells) -> Recipe:
        left = tuple(column.name for column in self.table.columns if column.name not in self.touched.gone)
        return Recipe(does, Verb.INSERT, (cells,), columns=left)

    def _fresh(self) -> Cells:
        """Another plain row."""
        assert self._plan is not None, "asked for where rows can be made"
        cells = next(iter(self._plan.few())).cells
        always = {column.name for column in self.table.columns if column.is_always_counted}
        return {name: cell for name, cell in cells.items() if name not in always}


def _different(values: Sequence[Value]) -> Sequence[Value]:
    found: dict[str, Value] = {}
    for value in values:
        found.setdefault(repr(value), value)
    return tuple(found.values())
