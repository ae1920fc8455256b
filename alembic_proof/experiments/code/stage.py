"""One schema with some rows in it, on which statements are tried: each in a savepoint, and all of it rolled back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from alembic_proof.rows.literals import Value, identifier, literal
from alembic_proof.rows.planned import CannotSeedError, Plan, Record
from alembic_proof.rows.tables import Table, in_dependency_order
from alembic_proof.schema.snapshot import Fetch

_KEPT = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """What the database said: its words if it refused, else what it gave to be read, row by row."""

    refusal: str | None
    rows: Sequence[tuple[Any, ...]] = ()


class Stage:
    """The tables of one schema, filled with a few plain rows. `unfilled` says of a table why it has none."""

    def __init__(self, fetch: Fetch, kind: str, tables: Mapping[str, Table]) -> None:
        self.kind = kind
        self.tables = tables
        self.plans: dict[str, Plan] = {}
        self.rows: dict[str, list[Record]] = {}
        self.unfilled: dict[str, str] = {}
        self._fetch = fetch
        self._order: list[Table] = []

    @contextmanager
    def open(self, *, with_foreign_keys: bool) -> Iterator[None]:
        """Hold a transaction open, and take all of it back at the end."""
        if self.kind == "sqlite":
            self._fetch(f"PRAGMA foreign_keys={'ON' if with_foreign_keys else 'OFF'}")
        self._fetch("BEGIN")
        try:
            if self.kind == "postgresql":
                self._fetch("SET CONSTRAINTS ALL IMMEDIATE")
            self._fetch("SAVEPOINT a_try")
            yield
        finally:
            self._fetch("ROLLBACK")

    def try_all(self, statements: Sequence[str]) -> Answer:
        """Run statements in a savepoint, and take them back; the rows are those of the last one."""
        return self._try(statements, keeps=False)

    def tables_for(self, names: Iterable[str]) -> list[Table]:
        """The tables of some names and the parents that their rows need, parents first. Names that are not here are left out."""
        wanted, waiting = set[str](), [name for name in names if name in self.tables]
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                keys = self.tables[name].foreign_keys
                waiting.extend(key.referred_table for key in keys if key.referred_table in self.tables)
        self._order = in_dependency_order({name: self.tables[name] for name in sorted(wanted)})
        return self._order

    def fill(self, table: Table) -> None:
        """Keep a few plain rows in a table. Its parents are filled already."""
        order = [one.full_name for one in self._order]
        before = frozenset(order[: order.index(table.full_name)])
        rows = self.rows.setdefault(table.full_name, [])
        try:
            plan = self.plans[table.full_name] = Plan(table, self.kind, self.rows, before=before)
            words = None
            for record in plan.few():
                answer = self._try([self.insert(record.cells, table)], keeps=True)
                words = words or answer.refusal
                if answer.refusal is None:
                    rows.append(record)
                if len(rows) == _KEPT:
                    return
            for record in plan.all(0) if not rows else ():
                if self._try([self.insert(record.cells, table)], keeps=True).refusal is None:
                    plan.anchor(record)
                    rows.append(record)
                    return
        except CannotSeedError as why:
            words = str(why)
            self.plans.pop(table.full_name, None)
        if not rows:
            self.unfilled[table.full_name] = f"no row of {table.full_name} could be made: {words}"

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
            self._fetch("RELEASE SAVEPOINT a_try")
            self._fetch("SAVEPOINT a_try")
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
