"""From Alembic's operation objects to the lines that somebody pastes."""

import io
import re
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa
from alembic.autogenerate import render_python_code
from alembic.operations import Operations
from alembic.operations.ops import MigrateOperation, UpgradeOps
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, MetaData, Table
from sqlalchemy.dialects import registry
from sqlalchemy.engine import Dialect
from sqlalchemy.types import ARRAY

from alembic_proof.schema.operations.types import StatedType

_INDENT = "    "
_PARAMETER = re.compile(
    r"(?<![:\w\\]):(?=\w)"
)  # what sqlalchemy.text() takes for a bound parameter; a backslash says that it is none


class Step(msgspec.Struct, frozen=True):
    """One thing to do. Steps of a lower `phase` come first; `table` is set for what SQLite must do in a batch on that table."""

    phase: int
    code: str
    table: str | None = None


def dialect_of(kind: str) -> Dialect:
    """Make the dialect of a kind of database; no connection."""
    # MariaDB is SQLAlchemy's mysql with its own name: both write the same DDL. The style of parameters is one in which
    # a percent sign is only that: in the drivers' own it would be doubled, and doubled again by whoever runs the code.
    dialect: Dialect = registry.load("mysql" if kind == "mariadb" else kind)(paramstyle="named")
    return dialect


def quoted(name: str, kind: str) -> str:
    """Quote a name where the database needs it."""
    return dialect_of(kind).identifier_preparer.quote(name)


def qualified(schema: str | None, name: str, kind: str) -> str:
    """Write a name with its schema, each in quotes where it needs them."""
    return quoted(name, kind) if schema is None else f"{quoted(schema, kind)}.{quoted(name, kind)}"


def execute(sql: str) -> str:
    """Write op.execute() for a statement, in triple quotes where one line would not hold it."""
    sql = sql.strip().rstrip(";")
    escaped = as_text(sql).replace("\\", "\\\\")
    if "\n" not in escaped and '"' not in escaped:
        return f'op.execute("{escaped}")'
    safe = escaped.replace('"""', '\\"""')
    return f'op.execute("""{safe} """)' if safe.endswith('"') else f'op.execute("""{safe}""")'


def as_text(sql: str) -> str:
    """Write SQL for sqlalchemy.text(): a colon before a word is no parameter."""
    return _PARAMETER.sub(r"\\:", sql)


def to_render(sql: str) -> sa.TextClause:
    """Make a text for an operation that will be rendered: rendering takes one backslash away before each colon."""
    return sa.text(_PARAMETER.sub(r"\\\\:", sql))


def rendered(operations: Sequence[MigrateOperation], kind: str, *, prefix: str = "op.") -> str:
    """Render operations as Alembic writes them into a migration; plain SQL where a type has no class."""
    if any(_has_stated_type(operation) for operation in operations):
        return "\n".join(execute(statement) for operation in operations for statement in statements_of(operation, kind))
    context = MigrationContext.configure(dialect=dialect_of(kind))
    code = render_python_code(UpgradeOps(list(operations)), alembic_module_prefix=prefix, migration_context=context)
    lines = [line.removeprefix(_INDENT) for line in code.splitlines()]
    code = "\n".join(line for line in lines if not line.startswith("# ###")).strip()
    for name in ("postgresql", "mysql", "sqlite"):
        if f" {name}." in code or f"({name}." in code or f"={name}." in code:
            code = f"from sqlalchemy.dialects import {name}\n{code}"
    return code


def statements_of(operation: MigrateOperation, kind: str) -> list[str]:
    """Compile an operation to the SQL that Alembic would send."""
    buffer = io.StringIO()
    context = MigrationContext.configure(dialect=dialect_of(kind), opts={"as_sql": True, "output_buffer": buffer})
    Operations(context).invoke(operation)
    return [statement.strip().replace("\\:", ":") for statement in buffer.getvalue().split(";\n\n") if statement.strip()]


def _has_stated_type(operation: MigrateOperation) -> bool:
    found: list[object] = [getattr(operation, name, None) for name in ("modify_type", "existing_type")]
    columns = (getattr(operation, "column", None), *(getattr(operation, "columns", None) or ()))
    found.extend(column.type for column in columns if isinstance(column, Column))
    return any(isinstance(type_.item_type if isinstance(type_, ARRAY) else type_, StatedType) for type_ in found)


def indented(code: str) -> str:
    """Move every line to the right by one step."""
    return "\n".join(_INDENT + line if line else line for line in code.splitlines())


def empty_table(name: str, schema: str | None = None) -> Table:
    """Make a table to hang columns on: SQLAlchemy's DDL asks a column for its table."""
    return Table(name, MetaData(), schema=schema)
