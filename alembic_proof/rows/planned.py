"""Which rows are tried on a table: a plain one and its twin, each limit of each column alone, all limits together, drawn ones.

A plan only proposes. What the database admits is found by trying; the rows that it admitted come back in `admitted`, which later
rows refer to, and `anchor` makes the first admitted row the plain one where the proposed one was refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import msgspec

from alembic_proof.rows.drawing import drawn_from
from alembic_proof.rows.hooks import learned
from alembic_proof.rows.literals import Value
from alembic_proof.rows.patterns import Variety, is_ordered, named_together, patterns
from alembic_proof.rows.tables import Column, ForeignKey, Table
from alembic_proof.rows.values import named_values, values_of

if TYPE_CHECKING:
    from alembic_proof.rows.types import Values

_FEW = 2
_FEW_PARENTS = 4
_MOST_NAMED = 6
_MOST_DIAGONALS = 12


class CannotSeedError(Exception):
    """No row of a table can be proposed; the words say why."""


class Record(msgspec.Struct, frozen=True):
    """One row to insert. Columns that `cells` leaves out fill themselves; `links` are set when what they refer to is there."""

    table: str
    cells: Mapping[str, Value]
    links: Mapping[str, Value] = msgspec.field(default_factory=dict)


class Plan:
    """The rows that are proposed for one table, in order; `admitted` holds, by table, those that the database took.

    `promised` holds, by table, the cells of a row that is still to come.
    """

    def __init__(
        self,
        table: Table,
        kind: str,
        admitted: Mapping[str, Sequence[Record]],
        *,
        before: frozenset[str],
        promised: Mapping[str, Mapping[str, Value]] | None = None,
    ) -> None:
        self.table = table
        self._admitted = admitted
        self._before = before
        self._promised = promised or {}
        self._kind = kind
        self._count = 0
        in_keys = {name for key in table.foreign_keys for name in key.columns}
        self._named = {name: named_values(table.column(name), kind) for name in in_keys}
        self._values: dict[str, Values | None] = {}
        for column in table.columns:
            if column.is_generated or column.name in in_keys:
                continue
            values = values_of(column, kind)
            if values is not None:
                self._values[column.name] = values
            elif column.nullable and not column.fills_itself:
                self._values[column.name] = None
            elif not column.fills_itself:
                raise CannotSeedError(f"no values are known for column {column.full_name} of type {column.type}")
        self._plain: dict[str, Value] = {}
        self._refused: set[tuple[str, str]] = set()
        self._telling = self._columns_that_tell_rows_apart(in_keys)

    def pass_over(self, number: int) -> None:
        """Leave out the keys of so many rows."""
        self._count += number

    def are_filled(self, tables: frozenset[str]) -> None:
        """Let further rows refer to tables that came later in a circle."""
        self._before |= tables

    def plain(self) -> Record:
        """The row that is tried first."""
        return self._row()

    def few(self) -> Iterator[Record]:
        """Plain rows that others refer to, and one for each value that a CHECK or an enum names: a reference may ask for it."""
        return chain((self._row(),), self._one_of_each_name(), (self._row() for _ in range(_FEW)))

    def patterns(self) -> Iterator[Record]:
        """Rows with what CHECK constraints of several columns may admit, until each value was admitted in one of them."""
        choices = {column.name: self._choices_together(column) for column in named_together(self.table)}
        variety = Variety(choices)
        for pattern in patterns(choices):
            if variety.is_whole():
                return
            if variety.would_gain(pattern):
                there = self._number_admitted()
                yield self._row(**pattern)
                if self._number_admitted() > there:
                    variety.add(pattern)

    def all(self, drawn: int) -> Iterator[Record]:
        """Every row that is tried; the first is plain."""
        limits = chain(self._one_at_a_time(), self._diagonals(), self._diagonals(), self._twins())
        return chain((self._row(),), limits, self._drawn(drawn))

    def brief(self) -> Iterator[Record]:
        """A few rows that differ in every column, NULL among them: for where each row is taken many times."""
        return chain((self._row(),), islice(self._one_at_a_time(), 1), self._diagonals())

    def anchor(self, record: Record) -> None:
        """Take the cells of an admitted row for plain."""
        self._plain = {name: value for name, value in record.cells.items() if name not in self._telling}

    def _columns_that_tell_rows_apart(self, in_keys: set[str]) -> frozenset[str]:
        """One column of each unique set, the one with the most values, unless the foreign keys in it can do it."""
        telling: set[str] = set()
        for unique in self.table.uniques:
            own = [name for name in unique if self._values.get(name) is not None]
            if own and not telling & set(own):
                telling.add(max(own, key=self._how_many))
        return frozenset(telling - in_keys)

    def _how_many(self, name: str) -> int:
        values = self._values[name]
        return len({str(values.nth(n)) for n in range(1, 30)}) if values is not None else 0

    def _row(self, **own: Value) -> Record:
        self._count += 1
        cells: dict[str, Value] = {}
        for name, values in self._values.items():
            column = self.table.column(name)
            if name in own:
                cells[name] = own[name]
            elif values is None:
                cells[name] = None
            elif column.is_counted:
                cells[name] = self._count
            elif name in self._telling:
                cells[name] = values.nth(self._count)
            else:
                cells[name] = self._plain.get(name, values.plain)
        position = self._count - 1
        for key in self.table.foreign_keys:
            position = self._refer(key, cells, position, own)
        return Record(self.table.full_name, cells)

    def _refer(self, key: ForeignKey, cells: dict[str, Value], position: int, own: Mapping[str, Value]) -> int:
        """Fill the columns of a foreign key; what is left of `position` chooses the next key's parent: all pairs come."""
        if any(name in own for name in key.columns):
            cells.update({name: own.get(name) for name in key.columns if self.table.column(name).nullable or name in own})
            return position
        may_be_null = self.table.may_be_null(key)
        if key.referred_table != self.table.full_name and key.referred_table not in self._before and may_be_null:
            cells.update({name: None for name in key.columns if self.table.column(name).nullable})
            return position
        parents = [one.cells for one in self._admitted.get(key.referred_table, ()) if set(key.referred_columns) <= set(one.cells)]
        parents = [one for one in parents if self._may_refer(key, one)] or parents
        if parents:
            is_unique = self._is_in_a_unique(key)
            # Rows alike but for their keys refer to the same row; every other parent has its child all the same.
            is_one_of_few = not is_unique and position % _FEW_PARENTS
            parent = parents[position % (min(len(parents), _FEW_PARENTS) if is_one_of_few else len(parents))]
            cells.update({name: parent[referred] for name, referred in zip(key.columns, key.referred_columns, strict=True)})
            return position // len(parents) if is_unique else position
        if key.referred_table == self.table.full_name and not may_be_null:
            cells.update({name: cells.get(referred) for name, referred in zip(key.columns, key.referred_columns, strict=True)})
        elif may_be_null:
            cells.update({name: None for name in key.columns if self.table.column(name).nullable})
        elif set(key.referred_columns) <= self._promised.get(key.referred_table, {}).keys():
            promise = self._promised[key.referred_table]
            cells.update({name: promise[referred] for name, referred in zip(key.columns, key.referred_columns, strict=True)})
        else:
            raise CannotSeedError(f"it refers to {key.referred_table}, which has no rows")
        return position

    def _may_refer(self, key: ForeignKey, parent: Mapping[str, Value]) -> bool:
        """Whether a parent has what a CHECK of this table names for the columns of the key: the kind that a subtype is of."""
        pairs = zip(key.columns, key.referred_columns, strict=True)
        return all(not (named := self._named.get(name)) or parent[referred] in named for name, referred in pairs)

    def _number_admitted(self) -> int:
        return len(self._admitted.get(self.table.full_name, ()))

    def _is_in_a_unique(self, key: ForeignKey) -> bool:
        return any(set(key.columns) & set(unique) for unique in self.table.uniques)

    def _choices(self, column: Column) -> list[Value]:
        """What a column may hold beside its plain value."""
        if column.is_counted or column.is_generated:
            return []
        values = self._values.get(column.name)
        usual = [] if values is None else [values.plain, *values.limits]
        return [one for one in ([None] if column.nullable else []) + usual if (column.name, repr(one)) not in self._refused]

    def _choices_together(self, column: Column) -> list[Value]:
        """What a column may hold where a CHECK speaks of others too: NULL, what is named, another value where one is larger."""
        found: list[Value] = [None] if column.nullable else []
        values = self._values.get(column.name)
        if values is not None and not column.is_counted:
            plain = self._plain.get(column.name, values.plain)
            usual = named_values(column, self._kind) or (values.limits if isinstance(values.plain, bool) else ())
            found += [one for one in usual[:_MOST_NAMED] if repr(one) != repr(plain)]
            found += [values.nth(2)] if is_ordered(column) else []
        return list(dict.fromkeys(found))

    def _one_of_each_name(self) -> Iterator[Record]:
        for column in self.table.columns:
            values = self._values.get(column.name)
            if values is not None and not column.is_counted:
                plain = self._plain.get(column.name, values.plain)
                others = (one for one in named_values(column, self._kind)[:_MOST_NAMED] if repr(one) != repr(plain))
                yield from (self._row(**{column.name: value}) for value in others)

    def _one_at_a_time(self) -> Iterator[Record]:
        yield self._row(**{column.name: None for column in self.table.columns if column.nullable and not column.is_generated})
        for column in self.table.columns:
            for value in self._choices(column):
                there = self._number_admitted()
                yield self._row(**{column.name: value})
                if self._number_admitted() == there:
                    self._refused.add((column.name, repr(value)))

    def _diagonals(self) -> Iterator[Record]:
        """Rows in which every column is at a limit: two passes make duplicates of all."""
        choices = {c.name: self._choices(c) for c in self.table.columns if c.name in self._values and c.name not in self._telling}
        longest = min(max((len(values) for values in choices.values()), default=0), _MOST_DIAGONALS)
        for number in range(longest):
            yield self._row(**{name: values[number % len(values)] for name, values in choices.items() if values})

    def _twins(self) -> Iterator[Record]:
        """Twins in case of the plain texts, beside each NULL and each kind: those that are deleted softly, those that are not."""
        twins = {name: twin for name, values in self._values.items() if (twin := self._twin_of(name, values)) is not None}
        if not twins:
            return
        empty = {column.name: None for column in self.table.columns if column.nullable and not column.is_generated}
        yield self._row(**{**twins, **empty})
        for column in self.table.columns:
            for value in self._choices(column)[:_MOST_NAMED]:
                if value is None or self._is_a_kind(column):
                    yield self._row(**{**twins, column.name: value})

    def _twin_of(self, name: str, values: "Values | None") -> Value:
        if values is None or name in self._telling or not isinstance(values.plain, str) or self.table.column(name).checks:
            return None
        return next((one for one in values.limits if one != values.plain and str(one).lower() == values.plain), None)

    def _is_a_kind(self, column: Column) -> bool:
        """Whether a column holds few values, which say what sort of row it is."""
        values = self._values.get(column.name)
        return values is not None and (isinstance(values.plain, bool) or bool(named_values(column, self._kind)))

    def _drawn(self, number: int) -> Iterator[Record]:
        if not number:
            return
        names = [name for name, values in self._values.items() if values is not None and not self.table.column(name).is_counted]
        found = frozenset((name, form) for name, (_, form) in learned().items())
        for cells in _drawn_cells(tuple(self.table.column(name) for name in names), self._kind, number, found):
            yield self._row(**{name: value for name, value in cells.items() if (name, repr(value)) not in self._refused})


@lru_cache(maxsize=1024)  # a table looks the same at most revisions, and drawing is what takes longest here
def _drawn_cells(
    columns: tuple[Column, ...], kind: str, number: int, _learned: frozenset[tuple[str, str]]
) -> tuple[dict[str, Any], ...]:
    from hypothesis import strategies as st

    every = {column: values.strategy() for column in columns if (values := values_of(column, kind)) is not None}
    named = {column.name: st.one_of(st.none(), one) if column.nullable else one for column, one in every.items()}
    return drawn_from(st.fixed_dictionaries(named), number, of=columns[0].table if columns else "")
