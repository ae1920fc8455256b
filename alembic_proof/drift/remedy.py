"""The SQL that brings a database back to its history, written by Alembic's own renderer. Nothing is connected to."""

import io
from collections.abc import Sequence

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from alembic_proof.schema.diff import Difference
from alembic_proof.schema.operations import settle_all


def sql_for(differences: Sequence[Difference], kind: str) -> str:
    """Write the statements that settle all differences; the operations themselves, as comments, where SQL cannot say it."""
    if not differences:
        return "-- nothing to bring back\n"
    code = settle_all(differences, kind)
    buffer = io.StringIO()
    context = MigrationContext.configure(dialect_name=kind, opts={"as_sql": True, "output_buffer": buffer})
    try:
        with Operations.context(context) as op:
            exec(code, {"op": op, "sa": sa})  # noqa: S102 - lines that our own renderer wrote, and that have no connection
    except Exception as error:  # noqa: BLE001 - a dialect without a database refuses in many ways
        words = str(error).strip().splitlines()[0]
        told = "\n".join(f"--   {text}" for text in code.splitlines())
        return f"-- This needs a database to be written as SQL ({words}). As operations of a revision:\n{told}\n"
    return buffer.getvalue().rstrip() + "\n"
