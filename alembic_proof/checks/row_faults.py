"""What a failure on rows comes from: what refused them, the query that counts them, the line that mends it."""

import json
import re
from collections.abc import Iterator

import msgspec

from alembic_proof.checks.exclusions import clashing_pairs
from alembic_proof.row_evidence import Row, RowFailure
from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.snapshot import Key

_WORD = re.compile(r"\w+")
_PLAIN = re.compile(r"[\w $-]+")  # else it is an expression of an index
_SPOKEN = {
    "null": ("not null", "not-null", "null value", "be null"),
    "unique": ("unique", "duplicate"),
    "foreign key": ("foreign key",),
    "check": ("check constraint",),
    "exclusion": ("exclusion constraint",),
    "type": ("too long", "out of range", "overflow"),
}
"""How databases speak of what refuses a row."""
_LIMIT = re.compile(r"too long for type character varying\((\d+)\)")
_LIKE_THESE = "look for rows like those shown"
_FIRST_WITH_A_TRIAL = 16
_BITS = {"smallint": 16, "integer": 32, "bigint": 64}
_NUMBERS = frozenset({*_BITS, "numeric", "real", "double precision"})


class Fault(msgspec.Struct, frozen=True):
    """`query` counts the offending rows, `mend` is what a fix says, `code` what it pastes before the failing line.

    `breach` is what refuses them, as in _SPOKEN; "type" where a value does not fit.
    """

    query: str
    mend: str
    code: str | None = None
    column: str | None = None
    breach: str = "type"

    @property
    def is_before(self) -> bool:
        """Whether the rows are mended before the line that fails; else the line itself is."""
        return self.mend.startswith(("fill", "change", "delete", "decide"))


def fault_of(found: RowFailure, changes: tuple[Difference, ...], kind: str, version: str) -> Fault:
    """Find what the rows offended: what the revision changed about their tables, else the values that mattered."""
    rows = {row.table: row for row in reversed(found.rows)}
    spoken = _breach_spoken_of(found.failure.message)
    every = [(change, fault) for change in changes for fault in _of_change(change, rows, kind, version)]
    faults = [(_named(change, fault, found), fault) for change, fault in every if spoken in (None, fault.breach)]
    best = max(faults, key=lambda one: one[0], default=None)
    return best[1] if best is not None and _is_to_blame(best[0], spoken, found) else _of_values(found, kind)


def _is_to_blame(named: tuple[int, int, int, int], spoken: str | None, found: RowFailure) -> bool:
    """Whether a change may be why: a NULL is refused in a column's name, and code of the revision's own fails by itself."""
    is_of_its_table, *clearly, in_the_statement = named
    sent = (found.failure.statement or "").lstrip()
    if spoken == "null" and not sent.upper().startswith("ALTER"):
        return bool(is_of_its_table) and any(clearly)
    return bool(is_of_its_table) and (bool(sent) or any(clearly) or bool(in_the_statement))


def _breach_spoken_of(message: str) -> str | None:
    said = message.lower()
    return next((breach for breach, words in _SPOKEN.items() if any(word in said for word in words)), None)


def object_of(found: RowFailure, fault: Fault) -> str:
    """Name what a failure is about, for an acceptance: a column where one is to blame, else the table."""
    if fault.column is not None:
        return fault.column
    telling = [f"{row.table}.{name}" for row in found.rows for name in row.telling]
    return telling[0] if len(set(telling)) == 1 else found.rows[-1].table if found.rows else ""


def _of_change(change: Difference, rows: dict[str, Row], kind: str, version: str) -> Iterator[Fault]:
    key, after = change.key, change.actual
    table = key.owner.full_name if key.owner else key.full_name
    if table not in rows or after is None:
        return
    name = _name(table, kind)
    columns = tuple(str(one) for one in after.get("columns") or () if one)  # type: ignore[union-attr]  # columns are a tuple
    listed = ", ".join(_name(one, kind) if _PLAIN.fullmatch(one) else one for one in columns)
    if key.kind == "column":
        yield from _of_column(change, key, rows[table], kind, version)
    elif change.change not in (Change.EXTRA, Change.CHANGED):
        return
    elif key.kind in ("unique", "primary key") or (key.kind == "index" and after.get("unique")):
        only = f" WHERE {after['predicate']}" if after.get("predicate") else ""
        same = f"SELECT {listed}, count(*) FROM {name}{only} GROUP BY {listed} HAVING count(*) > 1"
        yield Fault(same, f"decide which of the rows that share {listed} keeps it, and change the others first", breach="unique")
    elif key.kind == "check":
        against = f"SELECT count(*) FROM {name} WHERE NOT ({after['expression']})"
        yield Fault(against, "change the rows that the CHECK refuses", breach="check")
    elif key.kind == "exclusion":
        query = clashing_pairs(name, str(after["definition"])) or f"SELECT * FROM {name}    -- {_LIKE_THESE}"
        mend = f"change or delete one row of each pair that {key.name} refuses side by side"
        yield Fault(query, mend, breach="exclusion")
    elif key.kind == "foreign key":
        yield _of_foreign_key(name, columns, after["referred_table"], after["referred_columns"], kind)


def _of_column(change: Difference, key: Key, row: Row, kind: str, version: str) -> Iterator[Fault]:
    before, after = change.expected, change.actual
    assert after is not None, "the caller looked"
    assert key.owner is not None, "a column belongs to a table"
    table, column = _name(key.owner.full_name, kind), _name(key.name, kind)
    if before is None:
        if not after["nullable"] and after.get("default") is None:
            telling = _condition(row, kind)
            if telling is not None and not telling[1].endswith("IS NULL"):
                telling = None  # a NULL is what a backfill hands on
            yield Fault(
                f"SELECT count(*) FROM {table}{f' WHERE {telling[1]}' if telling else ''}",
                f"fill {key.full_name} for such rows too before it is NOT NULL"
                if telling
                else f"give {key.full_name} a server_default, or add it nullable, fill it, and make it NOT NULL then",
                column=key.full_name,
                breach="null",
            )
        return
    if before["nullable"] and not after["nullable"] and ("NULL" in dict(row.cells).get(key.name, "NULL")):
        fill = f"UPDATE {table} SET {column} = ... WHERE {column} IS NULL"
        yield Fault(
            f"SELECT count(*) FROM {table} WHERE {column} IS NULL",
            "fill what is empty first",
            f'op.execute("{fill}")    # choose your value',
            key.full_name,
            breach="null",
        )
    if before["type"] != after["type"]:
        yield Fault(
            _of_type(table, column, (str(before["type"]), str(after["type"])), kind, version),
            f"change the values of {key.full_name} that {after['type']} does not take",
            column=key.full_name,
        )


def _of_type(table: str, column: str, types: tuple[str, str], kind: str, version: str) -> str:
    old, type_ = types
    if kind == "postgresql" and type_ in _BITS and old.partition("(")[0] in _NUMBERS:
        limit = 2 ** (_BITS[type_] - 1)
        return f"SELECT count(*) FROM {table} WHERE {column} NOT BETWEEN {-limit} AND {limit - 1}"
    length = type_.rpartition("(")[2].rstrip(")")
    if "char" in type_.lower() and length.isdigit():
        function = "char_length" if kind != "sqlite" else "length"
        return f"SELECT count(*) FROM {table} WHERE {function}({column}) > {length}"
    major = version.partition(".")[0]
    if kind == "postgresql" and major.isdigit() and int(major) >= _FIRST_WITH_A_TRIAL:
        return f"SELECT count(*) FROM {table} WHERE NOT pg_input_is_valid({column}::text, '{type_}')"
    return f"SELECT {column}, count(*) FROM {table} GROUP BY {column}    -- {_LIKE_THESE}"


def _of_foreign_key(table: str, columns: tuple[str, ...], referred: object, referred_columns: object, kind: str) -> Fault:
    parent = _name(str(referred), kind)
    names = tuple(str(one) for one in referred_columns) if isinstance(referred_columns, tuple) else ()
    same = " AND ".join(
        f"{parent}.{_name(theirs, kind)} = {table}.{_name(own, kind)}" for own, theirs in zip(columns, names, strict=False)
    )
    filled = " AND ".join(f"{_name(own, kind)} IS NOT NULL" for own in columns)
    query = f"SELECT count(*) FROM {table} WHERE {filled} AND NOT EXISTS (SELECT 1 FROM {parent} WHERE {same})"
    return Fault(query, f"delete or mend the rows of {table} that refer to nothing in {parent}", breach="foreign key")


def _of_values(found: RowFailure, kind: str) -> Fault:
    """Nothing in the schema refused: code of the revision's own did."""
    mend = "let it take such rows too"
    sent = found.failure.statement or ""
    is_of_rows = sent.upper().startswith("INSERT") and "_alembic_tmp_" not in sent
    if is_of_rows and _breach_spoken_of(found.failure.message) == "unique":
        mend = "let the database choose the key of what it inserts, or insert only what is not there yet"
    for row in found.rows:
        told = _condition(row, kind, found.failure.message)
        if told is not None:
            name, condition = told
            return Fault(f"SELECT count(*) FROM {_name(row.table, kind)} WHERE {condition}", mend, column=f"{row.table}.{name}")
    table = _name(found.rows[-1].table, kind) if found.rows else "..."
    if len(found.rows) == 1:
        if found.failure.statement is None:  # no value was too special for it: perhaps all have a form that no schema tells
            mend += ", or say in [tool.alembic_proof.rows.values] what they hold"
        return Fault(f"SELECT count(*) FROM {table}", mend)
    return Fault(f"SELECT * FROM {table}    -- {_LIKE_THESE}", mend)


def _condition(row: Row, kind: str, message: str = "") -> tuple[str, str] | None:
    """The first column whose value mattered, and what finds rows that have it."""
    cells = dict(row.cells)
    for name in row.telling:
        column, value = _name(name, kind), cells.get(name, "")
        if value == "NULL":
            return name, f"{column} IS NULL"
        if "..." not in value:
            # PostgreSQL compares no documents of type json: their texts are compared.
            compared = f"CAST({column} AS text)" if kind == "postgresql" and _is_document(value) else column
            return name, f"{compared} = {value}"
        limit = _LIMIT.search(message)
        if limit is not None:
            return name, f"{'length' if kind == 'sqlite' else 'char_length'}({column}) > {limit[1]}"
    return None


def _is_document(value: str) -> bool:
    try:
        return value.startswith("'") and not isinstance(json.loads(value[1:-1].replace("''", "'")), int | float)
    except ValueError:
        return False


def _named(change: Difference, fault: Fault, found: RowFailure) -> tuple[int, int, int, int]:
    """How clearly the database speaks of a change: of its table, by its name, all of its columns, or in the statement alone."""
    table = change.key.table or change.key.name
    words = f"{found.failure.message} {found.failure.statement or ''}"
    is_there = re.search(rf"(?<!\w)(?:_alembic_tmp_)?{re.escape(table)}(?!\w)", words) is not None
    is_elsewhere = found.failure.statement is not None and not is_there and "version_num" not in words
    said, sent = (set(_WORD.findall(text or "")) for text in (found.failure.message, found.failure.statement))
    names = {change.key.name, (fault.column or "").rpartition(".")[2]} - {""}
    columns = (change.actual or {}).get("columns")
    is_all_said = isinstance(columns, tuple) and bool(columns) and {str(one) for one in columns} <= said
    return (
        not is_elsewhere,
        bool(names & said),
        len(columns) if is_all_said and isinstance(columns, tuple) else 0,
        bool(names & sent),
    )


def _name(full_name: str, kind: str) -> str:
    # Alembic's renderer costs a tenth of a start, and most runs find nothing to tell.
    from alembic_proof.schema.operations.code import quoted  # noqa: PLC0415

    return ".".join(quoted(part, kind) for part in full_name.split("."))
