"""One schema with some rows in it, on which statements are tried: each in a savepoint, and all of it rolled back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, time
from itertools import chain
from typing import Any

import msgspec
from msgspec.structs import replace

from alembic_proof.experiments.rows.hand import statement_for
from alembic_proof.experiments.rows.waiting import wait_for_parents, wait_no_more
from alembic_proof.rows.literals import Value, identifier, literal
from alembic_proof.rows.planned import CannotSeedError, Plan, Record
from alembic_proof.rows.references import promises
from alembic_proof.rows.tables import Table, in_dependency_order
from alembic_proof.rows.values import values_of
from alembic_proof.schema.snapshot import Fetch

_KEPT = 2


class Answer(msgspec.Struct, frozen=True):
    """What the database said: its words if it refused, else what it gave to be read, row by row."""

    refusal: str | None
    rows: Sequence[tuple[Any, ...]] = ()


class Stage:
    """The tables of one schema, with a few plain rows as one version's code writes them: the schema's own code, or the other.

    `unfilled` says of a table why it has none.
    """

    def __init__(self, fetch: Fetch, kind: str, tables: Mapping[str, Table], writer: Mapping[str, Table]) -> None:
        self.kind = kind
        self.tables = tables
        self.plans: dict[str, Plan] = {}
        self.rows: dict[str, list[Record]] = {}
        self.unfilled: dict[str, str] = {}
        self._fetch = fetch
        self._writer = writer
        self._as_written: dict[str, list[Record]] = {}  # with what this schema lacks: the writer's keys refer to it
        self._order: list[Table] = []
        self._count = 0

    @contextmanager
    def open(self, *, with_foreign_keys: bool) -> Iterator[None]:
        """Hold a transaction open, and take all of it back at the end."""
        if self.kind == "sqlite":
            self._fetch(f"PRAGMA foreign_keys={'ON' if with_foreign_keys else 'OFF'}")
        self._begin()
        try:
            yield
        except BaseException:
            with suppress(Exception):  # what ended the work may have ended the transaction
                self._fetch("ROLLBACK")
            raise
        self._fetch("ROLLBACK")

    def _begin(self) -> None:
        self._fetch("BEGIN")
        self._fetch(wait_no_more(self.kind))
        self._fetch("SAVEPOINT a_try")

    def try_all(self, statements: Sequence[str]) -> Answer:
        """Run statements in a savepoint, and take them back; the rows are those of the last one."""
        return self._try(statements, keeps=False)

    def fill(self, names: Iterable[str]) -> None:
        """Keep a few plain rows in some tables and in those that they refer to, written as the writer's code writes them."""
        wanted, waiting = set[str](), [name for name in names if name in self._writer]
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting.extend(
                    key.referred_table for key in self._writer[name].foreign_keys if key.referred_table in self._writer
                )
        self._order = in_dependency_order({name: self._writer[name] for name in sorted(wanted)})
        if not self._fill_all(are_promised=True):
            self._fetch("ROLLBACK")
            self._begin()
            self._forget()
            self._fill_all(are_promised=False)

    def _fill_all(self, *, are_promised: bool) -> bool:
        """Fill the tables in their order, and say whether all parents came that rows were promised."""
        promised: dict[str, Mapping[str, Value]] = {}
        before: frozenset[str] = frozenset()
        tables = {table.full_name: table for table in self._order if table.full_name in self.tables}
        for name, table in tables.items():
            own = promises(table, tables, before, self.kind) if are_promised else {}
            self._wait_for(own, table)
            self._fill(table, before, own)
            promised.update(own if self.rows.get(name) else {})
            before |= {name}
        rows = self._as_written
        came = all(any(cells.items() <= one.cells.items() for one in rows.get(name, ())) for name, cells in promised.items())
        if came:
            self._say(wait_no_more(self.kind))
            for plan in self.plans.values():
                plan.are_filled(before)
        return came

    def _wait_for(self, promised: Mapping[str, Mapping[str, Value]], table: Table) -> None:
        here = self.tables[table.full_name]
        keys = [key for key in here.foreign_keys if key.referred_table in promised]
        waiting = wait_for_parents(keys, here.schema, self.kind) if keys else None
        if waiting is not None:
            self._say(waiting)

    def _say(self, statement: str) -> None:
        """Say what no try takes back."""
        for one in (statement, "RELEASE SAVEPOINT a_try", "SAVEPOINT a_try"):
            self._fetch(one)

    def _forget(self) -> None:
        for kept in (self.plans, self.rows, self.unfilled, self._as_written):
            kept.clear()

    def _fill(self, table: Table, before: frozenset[str], promised: Mapping[str, Mapping[str, Value]]) -> None:
        rows = self.rows.setdefault(table.full_name, [])
        words = None
        try:
            plan = self.plans[table.full_name] = Plan(table, self.kind, self._as_written, before=before, promised=promised)
            for record in chain(plan.few(), plan.patterns(), plan.all(0)):
                written = Record(record.table, self.as_here(record.cells, table))
                answer = self._try([statement_for(written, self.tables[table.full_name], self.kind)], keeps=True)
                words = words or answer.refusal
                if answer.refusal is None:
                    plan.anchor(record)
                    rows.append(written)
                if self._is_there(written):
                    whole = replace(record, cells={**record.cells, **written.cells})
                    self._as_written.setdefault(table.full_name, []).append(whole)
                if len(rows) == _KEPT:
                    return
        except CannotSeedError as why:
            words = str(why)
            self.plans.pop(table.full_name, None)
        if not rows:
            self.unfilled[table.full_name] = f"no row of {table.full_name} could be made: {words}"

    def _is_there(self, written: Record) -> bool:
        """Whether a row can be referred to: it was kept, or what is left of its key here is that of a row that was."""
        key, rows = self.tables[written.table].primary_key, self.rows[written.table]
        keys = [[row.cells.get(name) for name in key] for row in rows]
        return written in rows or (
            bool(key) and set(key) <= written.cells.keys() and [written.cells[name] for name in key] in keys
        )

    def as_here(self, cells: Mapping[str, Value], table: Table, without: str | None = None) -> dict[str, Value]:
        """A row of the writer's as this schema takes it: without what is gone here, with the new columns that it has to have."""
        here = self.tables[table.full_name]
        known = {column.name for column in table.columns}
        row = {name: value for name, value in cells.items() if any(column.name == name for column in here.columns)}
        for column in here.columns:
            is_needed = not (column.nullable or column.fills_itself or column.is_generated or column.name in known)
            values = values_of(column, self.kind) if is_needed and column.name != without else None
            if values is not None:
                self._count += 1
                tells_apart = any(column.name in unique for unique in here.uniques)
                parent = self._parent_of(column.name, here)
                usual = values.nth(self._count) if tells_apart else values.plain
                row[column.name] = usual if parent is None else parent
        return row

    def _parent_of(self, column: str, table: Table) -> Value:
        """What a column holds to refer to a row that is here; None if it refers to none."""
        for key in table.foreign_keys:
            rows = self.rows.get(key.referred_table)
            if column in key.columns and rows:
                return rows[0].cells.get(key.referred_columns[key.columns.index(column)])
        return None

    def fresh(self, table: str) -> Mapping[str, Value]:
        """Propose the cells of another plain row."""
        return next(iter(self.plans[table].few())).cells

    def insert(self, cells: Mapping[str, Value], table: Table) -> str:
        names = ", ".join(identifier(name, self.kind) for name in cells)
        values = ", ".join(literal(value, self.kind) for value in cells.values())
        if cells:
            return f"INSERT INTO {self.named(table.schema, table.name)} ({names}) VALUES ({values})"  # noqa: S608 - what code sends
        nothing = "() VALUES ()" if self.kind in ("mariadb", "mysql") else "DEFAULT VALUES"
        return f"INSERT INTO {self.named(table.schema, table.name)} {nothing}"

    def select(self, columns: Sequence[str], table: Table, row: Mapping[str, Value] | None = None) -> str:
        # SQLite takes "name" for a text where there is no such column, but not with its table's name before it.
        before = f"{identifier(table.name, self.kind)}." if self.kind == "sqlite" else ""
        names = ", ".join(before + identifier(name, self.kind) for name in columns)
        return f"SELECT {names} FROM {self.named(table.schema, table.name)}{self.where(table, row)}"  # noqa: S608 - what code sends

    def where(self, table: Table, row: Mapping[str, Value] | None) -> str:
        """Name one row by its key; every row where the key is not known."""
        if not row or not table.primary_key or not all(name in row for name in table.primary_key):
            return ""
        terms = (f"{identifier(name, self.kind)} = {literal(row[name], self.kind)}" for name in table.primary_key)
        return f" WHERE {' AND '.join(terms)}"

    def named(self, schema: str | None, name: str) -> str:
        """Write the name of a table or view."""
        return ".".join(identifier(part, self.kind) for part in (schema, name) if part is not None)

    def _try(self, statements: Sequence[str], *, keeps: bool) -> Answer:
        rows: Sequence[tuple[Any, ...]] = ()
        refusal = None
        try:
            for statement in statements:
                rows = self._fetch(statement)
        except Exception as error:  # every driver has its own
            refusal = words_of(error)
        if refusal is not None or not keeps:
            self._fetch("ROLLBACK TO SAVEPOINT a_try")
        else:
            for mark in ("RELEASE SAVEPOINT a_try", "SAVEPOINT a_try"):
                self._fetch(mark)
        return Answer(refusal, rows)


def words_of(error: BaseException) -> str:
    """The database's own words, on one line, without the number that PyMySQL puts before them."""
    numbered = len(error.args) == 2 and isinstance(error.args[0], int)  # noqa: PLR2004
    words = str(error.args[1] if numbered else error).strip()
    return f"{type(error).__name__}: {words.splitlines()[0] if words else ''}"


def type_of(value: Any) -> str:
    """Name the Python type that a driver gave; a moment with a time zone is another type than one without."""
    zoned = " with a time zone" if isinstance(value, datetime | time) and value.tzinfo is not None else ""
    return f"{type(value).__name__}{zoned}"
