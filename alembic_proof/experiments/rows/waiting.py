"""How a database is told that rows may come before their parents: tables refer to each other in a circle."""

from collections.abc import Sequence

from alembic_proof.rows.literals import identifier
from alembic_proof.rows.tables import ForeignKey


def wait_for_parents(keys: Sequence[ForeignKey], schema: str | None, kind: str) -> str | None:
    """Let rows be inserted whose parents come after them; None where no constraint of PostgreSQL can wait."""
    if kind == "sqlite":
        return "PRAGMA defer_foreign_keys = ON"
    if kind != "postgresql":
        return "SET SESSION foreign_key_checks = 0"
    names = [(schema, key.name) for key in keys if key.is_deferrable]
    listed = ", ".join(".".join(identifier(part, kind) for part in name if part is not None) for name in names)
    return f"SET CONSTRAINTS {listed} DEFERRED" if names else None


def wait_no_more(kind: str) -> str:
    """Ask for parents at once again: on PostgreSQL also for those of the rows that are there."""
    if kind == "sqlite":
        return "PRAGMA defer_foreign_keys = OFF"
    return "SET CONSTRAINTS ALL IMMEDIATE" if kind == "postgresql" else "SET SESSION foreign_key_checks = 1"
