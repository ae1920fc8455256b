"""A hand on env.py's own connection: it writes rows and reads them, on the driver's cursor, where no listener sees it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from alembic_proof.experiments.rows.waiting import wait_for_parents, wait_no_more
from alembic_proof.migrate.inside import Inside, LeavesTransaction
from alembic_proof.rows.literals import identifier, literal
from alembic_proof.rows.planned import Record
from alembic_proof.rows.tables import ForeignKey, Table

Cell = Any
"""What a driver gives for a column: on PostgreSQL the server's own text for it."""
Picture = Mapping[str, Sequence[Mapping[str, Cell]]]
"""All rows of some tables, by the table's full name; each row by its columns' names."""

_MOST_ROWS = 2000
_MARK = "alembic_proof_row"
_NEW_LABEL = "55P04"
_SEVERAL_AT_ONCE = ("psycopg", "psycopg_async", "psycopg2")  # drivers that send several statements in one message


class CannotReadError(Exception):
    """Rows are there and the driver cannot read them."""


class Hand:
    """Writes and reads rows. `is_trial` says that a transaction is open already and stays so."""

    def __init__(self, inside: Inside, kind: str, *, is_trial: bool) -> None:
        self._connection = inside.connection
        self._kind = kind
        self._is_trial = is_trial

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Hold a transaction open; what was written is committed at the end, but for a trial."""
        if self._is_trial:
            yield
            return
        with self._connection.begin():
            yield

    def insert(self, record: Record, table: Table) -> str | None:
        """Insert one row; return the database's words if it refuses, and leave the transaction as it was."""
        return self._try(statement_for(record, table, self._kind))

    def link(self, record: Record, table: Table) -> str | None:
        """Set what a row refers to, now that it is there; return the database's words if it refuses."""
        target = qualified(table, self._kind)
        settings = ", ".join(
            f"{identifier(name, self._kind)} = {literal(cell, self._kind)}" for name, cell in record.links.items()
        )
        return self._try(f"UPDATE {target} SET {settings}{self._where(record, table)}")

    def take_out(self, record: Record, table: Table) -> None:
        """Delete a row that was inserted."""
        self._try(f"DELETE FROM {qualified(table, self._kind)}{self._where(record, table)}")

    def _where(self, record: Record, table: Table) -> str:
        cells = {name: record.cells[name] for name in table.primary_key or record.cells if name in record.cells}
        terms = (
            f"{identifier(name, self._kind)} {'IS NULL' if cell is None else f'= {literal(cell, self._kind)}'}"
            for name, cell in cells.items()
        )
        return f" WHERE {' AND '.join(terms)}"

    @contextmanager
    def awaiting(self, keys: Sequence[ForeignKey], schema: str | None) -> Iterator[None]:
        """Let rows be inserted whose parents come after them; that they did come is asked when the transaction ends."""
        waiting = wait_for_parents(keys, schema, self._kind)
        if waiting is not None:
            self._try(waiting) if self._kind == "postgresql" else self.say(waiting)
        try:
            yield
        finally:
            if self._kind not in ("postgresql", "sqlite"):  # those wait until the transaction ends
                self.say(wait_no_more(self._kind))

    def has_rows(self, table: Table) -> bool:
        """Whether a table has rows, from whomever: a migration may have put in the only one that it admits."""
        return bool(self.say(f"SELECT 1 FROM {qualified(table, self._kind)} LIMIT 1"))

    def settle(self, tables: Sequence[Table]) -> str | None:
        """Let counters go on after the keys that were given, and deferred constraints speak; return what they say."""
        if self._kind != "postgresql":
            return None
        self.count_on(tables)
        return self._try("SET CONSTRAINTS ALL IMMEDIATE")

    def count_on(self, tables: Sequence[Table]) -> None:
        """Let PostgreSQL's counters go on after the keys that were given: a trigger may write into these tables, too."""
        for table in tables if self._kind == "postgresql" else ():
            for column in table.columns:
                if column.is_counted:
                    self.say(_set_counter(table, column.name))

    def picture(self, tables: Sequence[Table]) -> Picture:
        """Read all rows of some tables.

        Raises:
            CannotReadError: the driver cannot, with its words.

        """
        try:
            return {table.full_name: self._rows(table) for table in tables}
        except Exception as error:
            raise CannotReadError(_words(error)) from error

    def is_too_many(self, rows: Sequence[Mapping[str, Cell]]) -> bool:
        """Whether a picture may leave some of a table's rows out."""
        return len(rows) >= _MOST_ROWS

    def empty(self, tables: Sequence[Table]) -> None:
        """Empty tables, counters included, whoever refers to them: on PostgreSQL that is emptied, too."""
        if self._kind == "postgresql":
            for table in tables:
                if self.has_rows(table):
                    self.say(f"TRUNCATE TABLE {qualified(table, self._kind)} RESTART IDENTITY CASCADE")
            return
        self.say("SET SESSION foreign_key_checks = 0")
        try:
            for table in tables:
                if self.say(f"SELECT 1 FROM {qualified(table, self._kind)} LIMIT 1"):
                    self.say(f"TRUNCATE TABLE {qualified(table, self._kind)}")
        finally:
            self.say("SET SESSION foreign_key_checks = 1")

    def _rows(self, table: Table) -> Sequence[Mapping[str, Cell]]:
        names = [column.name for column in table.columns]
        if not names:
            return []
        columns = ", ".join(self._as_read(name) for name in names)
        order = ", ".join(identifier(name, self._kind) for name in table.primary_key)
        query = f"SELECT {columns} FROM {qualified(table, self._kind)}{f' ORDER BY {order}' if order else ''} LIMIT {_MOST_ROWS}"
        return [dict(zip(names, row, strict=True)) for row in self.say(query)]

    def _as_read(self, name: str) -> str:
        quoted = identifier(name, self._kind)
        return f"{quoted}::text" if self._kind == "postgresql" else quoted

    def _try(self, statement: str) -> str | None:
        is_postgresql = self._kind == "postgresql"
        at_once = is_postgresql and self._connection.dialect.driver in _SEVERAL_AT_ONCE
        begin, end = f"SAVEPOINT {_MARK}", f"RELEASE SAVEPOINT {_MARK}"
        statements = [f"{begin}; {statement}; {end}"] if at_once else [begin, statement, end] if is_postgresql else [statement]
        try:
            for one in statements:
                self.say(one)
        except Exception as error:
            if is_postgresql and self._is_trial and _waits_for_commit(error):
                raise LeavesTransaction from error
            if is_postgresql:
                self.say(f"ROLLBACK TO SAVEPOINT {_MARK}")
            return _words(error)
        return None

    def say(self, statement: str) -> Sequence[tuple[Any, ...]]:
        """Run a statement on the driver's cursor; return its rows, if it has any."""
        cursor = self._connection.connection.cursor()
        try:
            cursor.execute(statement)
            return [tuple(row) for row in cursor.fetchall()] if cursor.description else []
        finally:
            cursor.close()


def statement_for(record: Record, table: Table, kind: str) -> str:
    """Write the INSERT of one row."""
    names = ", ".join(identifier(name, kind) for name in record.cells)
    values = ", ".join(literal(value, kind) for value in record.cells.values())
    target = qualified(table, kind)
    if not record.cells:
        return f"INSERT INTO {target} {'() VALUES ()' if kind in ('mariadb', 'mysql') else 'DEFAULT VALUES'}"
    overriding = " OVERRIDING SYSTEM VALUE" if any(column.is_always_counted for column in table.columns) else ""
    return f"INSERT INTO {target} ({names}){overriding} VALUES ({values})"


def qualified(table: Table, kind: str) -> str:
    """Write a table's name, with its schema where it has one."""
    return ".".join(identifier(part, kind) for part in (table.schema, table.name) if part is not None)


def _set_counter(table: Table, column: str) -> str:
    target = qualified(table, "postgresql")
    return (
        f"SELECT setval(pg_get_serial_sequence({literal(target, 'postgresql')}, {literal(column, 'postgresql')}), "
        f"(SELECT max({identifier(column, 'postgresql')}) FROM {target}))"
    )


def _waits_for_commit(error: Exception) -> bool:
    """Whether a label of an enum was refused that PostgreSQL takes as soon as the transaction that added it is over."""
    return _NEW_LABEL in {getattr(error, name, None) for name in ("sqlstate", "pgcode")}


def _words(error: Exception) -> str:
    number_and_words = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], str) else str(error)
    return str(number_and_words).strip().splitlines()[0] if str(number_and_words).strip() else type(error).__name__
