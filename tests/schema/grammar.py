"""Small schemas to generate, one change to each, and the SQL of both."""

from dataclasses import dataclass, field, replace

from hypothesis import strategies as st

DEFAULTS = {
    "INTEGER": "7",
    "BIGINT": "8",
    "VARCHAR(20)": "'x'",
    "DATE": "'2020-01-01'",
    "NUMERIC(8, 2)": "1.50",
    "TEXT": None,
}
_NAMES = ("a", "b", "c", "d", "e", "order", "Mixed", "with space")


@dataclass(frozen=True)
class Column:
    """A column that is no key."""

    name: str
    type: str
    nullable: bool = True
    has_default: bool = False


@dataclass(frozen=True)
class Part:
    """A named constraint or index: `what` is unique, check, foreign key or index; `target` is the table that is referred to."""

    what: str
    name: str
    columns: tuple[str, ...]
    target: str = ""
    option: bool = False


@dataclass(frozen=True)
class Table:
    """A table with the key id."""

    name: str
    columns: tuple[Column, ...]
    parts: tuple[Part, ...] = field(default=())


@dataclass(frozen=True)
class Change:
    """The schema after a change, the SQL that makes and undoes it, and the difference that is to be told.

    `before` is the schema before it, where the change needs another than the one that it was drawn for.
    """

    tables: tuple[Table, ...]
    apply: str
    undo: str
    told: str
    before: tuple[Table, ...] = ()


def sql_of(column: Column, quote: str) -> str:
    """Write a column as CREATE TABLE and ADD COLUMN have it."""
    default = f" DEFAULT {DEFAULTS[column.type]}" if column.has_default and DEFAULTS[column.type] else ""
    return f"{_q(column.name, quote)} {column.type}{default}{'' if column.nullable else ' NOT NULL'}"


def constraint(part: Part, quote: str) -> str:
    """Write a constraint as CREATE TABLE and ADD have it."""
    listed = ", ".join(_q(name, quote) for name in part.columns)
    start = f"CONSTRAINT {part.name}"
    if part.what == "unique":
        return f"{start} UNIQUE ({listed})"
    if part.what == "check":
        return f"{start} CHECK ({_q(part.columns[0], quote)} <> {'5' if part.option else '6'})"
    action = " ON DELETE CASCADE" if part.option else ""
    return f"{start} FOREIGN KEY ({listed}) REFERENCES {part.target} (id){action}"


def index(table: str, part: Part, quote: str) -> str:
    """Write CREATE INDEX."""
    listed = ", ".join(_q(name, quote) for name in part.columns)
    return f"CREATE {'UNIQUE ' if part.option else ''}INDEX {part.name} ON {table} ({listed})"


def create(table: Table, quote: str) -> list[str]:
    """Write the statements that make a table."""
    inside = ["id INTEGER NOT NULL PRIMARY KEY", *(sql_of(column, quote) for column in table.columns)]
    inside += [constraint(part, quote) for part in table.parts if part.what != "index"]
    return [
        f"CREATE TABLE {table.name} ({', '.join(inside)})",
        *(index(table.name, part, quote) for part in table.parts if part.what == "index"),
    ]


def _q(name: str, quote: str) -> str:
    return f"{quote}{name}{quote}"


@st.composite
def schemas(draw: st.DrawFn) -> tuple[Table, ...]:
    """One to three tables; a later one may refer to an earlier one."""
    tables: list[Table] = []
    for number in range(draw(st.integers(1, 3))):
        names = draw(st.lists(st.sampled_from(_NAMES), min_size=1, max_size=5, unique=True))
        columns = tuple(
            Column(name, draw(st.sampled_from(tuple(DEFAULTS))), draw(st.booleans()), draw(st.booleans())) for name in names
        )
        table = Table(f"t{number}", columns)
        wanted = draw(st.lists(st.sampled_from(("unique", "check", "foreign key", "index")), max_size=4))
        for place, what in enumerate(wanted):
            part = draw(parts(table, what, f"{what.replace(' ', '_')}_{number}_{place}", tuple(tables)))
            if part is not None and not any(_same(part, other) for other in table.parts):
                table = replace(table, parts=(*table.parts, part))
        tables.append(table)
    return tuple(tables)


@st.composite
def parts(draw: st.DrawFn, table: Table, what: str, name: str, others: tuple[Table, ...]) -> Part | None:
    """A constraint or index that the table's columns admit."""
    fitting = [column.name for column in table.columns if column.type != "TEXT"]
    if what in ("check", "foreign key"):
        fitting = [column.name for column in table.columns if column.type == "INTEGER"]
    if not fitting or (what == "foreign key" and not others):
        return None
    columns = (
        draw(st.lists(st.sampled_from(fitting), min_size=1, max_size=2, unique=True))
        if what in ("unique", "index")
        else fitting[:1]
    )
    target = draw(st.sampled_from(others)).name if what == "foreign key" else ""
    return Part(what, name, tuple(columns), target, draw(st.booleans()))


def _same(part: Part, other: Part) -> bool:
    return (part.what, part.columns) == (other.what, other.columns)


@st.composite
def changes(draw: st.DrawFn, tables: tuple[Table, ...], quote: str) -> Change:  # noqa: C901, PLR0911 - a grammar's alternatives
    """One change of one object."""
    number = draw(st.integers(0, len(tables) - 1))
    table = tables[number]
    what = draw(st.sampled_from(("table", "column", "drop column", "type", "nullable", "default", "part", "drop part", "name")))
    if what == "drop column":
        free = [column for column in table.columns if not any(column.name in part.columns for part in table.parts)]
        if free and len(table.columns) > 1:
            column = draw(st.sampled_from(free))
            kept = tuple(other for other in table.columns if other != column)
            start = f"ALTER TABLE {table.name}"
            return Change(
                _with(tables, number, replace(table, columns=kept)),
                f"{start} DROP COLUMN {_q(column.name, quote)}",
                f"{start} ADD COLUMN {sql_of(column, quote)}",
                f"missing column {table.name}.{column.name}",
            )
    if what in ("type", "nullable", "default"):
        free = [column for column in table.columns if not any(column.name in part.columns for part in table.parts)]
        if free:
            return _altered(draw, tables, number, draw(st.sampled_from(free)), what=what, quote=quote)
    if what == "part":
        kind = draw(st.sampled_from(("unique", "check", "foreign key", "index")))
        part = draw(parts(table, kind, "added", tables[:number]))
        if part is not None and not any(_same(part, other) for other in table.parts):
            changed = _with(tables, number, replace(table, parts=(*table.parts, part)))
            return Change(changed, *_part_sql(table, part, quote), f"extra {_kind(part, quote)} {table.name}.added")
    if what in ("drop part", "name") and table.parts:
        part = draw(st.sampled_from(table.parts))
        rest = tuple(other for other in table.parts if other != part)
        undo, apply = _part_sql(table, part, quote)
        if what == "drop part":
            told = f"missing {_kind(part, quote)} {table.name}.{part.name}"
            return Change(_with(tables, number, replace(table, parts=rest)), apply, undo, told)
        if part.what == "index":
            renamed = replace(part, name="renamed")
            again, back = _part_sql(table, renamed, quote)
            told = f"renamed {_kind(part, quote)} {table.name}.{part.name}"
            parts_now = (*rest, renamed)
            return Change(_with(tables, number, replace(table, parts=parts_now)), f"{apply};\n{again}", f"{back};\n{undo}", told)
    if what == "table":
        added = Table("added", (Column("a", "INTEGER"),), (Part("index", "ix_added", ("a",)),))
        return Change((*tables, added), ";\n".join(create(added, quote)), "DROP TABLE added", "extra table added")
    column = Column("added", draw(st.sampled_from(tuple(DEFAULTS))), has_default=draw(st.booleans()))
    start = f"ALTER TABLE {table.name}"
    return Change(
        _with(tables, number, replace(table, columns=(*table.columns, column))),
        f"{start} ADD COLUMN {sql_of(column, quote)}",
        f"{start} DROP COLUMN {_q('added', quote)}",
        f"extra column {table.name}.added",
    )


def _altered(draw: st.DrawFn, tables: tuple[Table, ...], number: int, column: Column, *, what: str, quote: str) -> Change:
    table = tables[number]
    if what == "nullable":
        changed = replace(column, nullable=not column.nullable)
    elif what == "default" and DEFAULTS[column.type]:
        changed = replace(column, has_default=not column.has_default)
    else:
        column_types = [type_ for type_ in DEFAULTS if type_ != column.type]
        changed = replace(column, type=draw(st.sampled_from(column_types)), has_default=False)
        column, table = replace(column, has_default=False), _without_default(table, column)
        tables = _with(tables, number, table)
    kept = tuple(changed if other == column else other for other in table.columns)
    before, after = (_retyped(table.name, side, quote) for side in (column, changed))
    told = f"changed column {table.name}.{column.name}"
    return Change(_with(tables, number, replace(table, columns=kept)), after, before, told, before=tables)


def _without_default(table: Table, column: Column) -> Table:
    kept = tuple(replace(other, has_default=False) if other == column else other for other in table.columns)
    return replace(table, columns=kept)


def _retyped(table: str, column: Column, quote: str) -> str:
    if quote == "`":
        return f"ALTER TABLE {table} MODIFY COLUMN {sql_of(column, quote)}"
    name = _q(column.name, quote)
    default = DEFAULTS[column.type] if column.has_default else None
    start = f"ALTER TABLE {table} ALTER COLUMN {name}"
    return (
        f"{start} TYPE {column.type} USING NULL;\n{start} {'DROP' if column.nullable else 'SET'} NOT NULL;\n"
        f"{start} {f'SET DEFAULT {default}' if default else 'DROP DEFAULT'}"
    )


def _kind(part: Part, quote: str) -> str:
    return "unique" if part.what == "index" and part.option and quote == "`" else part.what


def _part_sql(table: Table, part: Part, quote: str) -> tuple[str, str]:
    """The SQL that makes a part, and the one that drops it."""
    start = f"ALTER TABLE {table.name}"
    if part.what == "index":
        on = f" ON {table.name}" if quote == "`" else ""
        return index(table.name, part, quote), f"DROP INDEX {part.name}{on}"
    make = f"{start} ADD {constraint(part, quote)}"
    if quote == "`" and part.what == "foreign key":
        return make, f"{start} DROP FOREIGN KEY {part.name}"
    return make, f"{start} DROP CONSTRAINT {part.name}"


def _with(tables: tuple[Table, ...], number: int, table: Table) -> tuple[Table, ...]:
    return (*tables[:number], table, *tables[number + 1 :])
