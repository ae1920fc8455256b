"""Audit events indexed by time.

On PostgreSQL the index is built while the table is written to. That takes no transaction, and time: it waits for every older
transaction, so it has a revision of its own, without the time limits that env.py sets.

Revision ID: d62a374b589f
Revises: c519263a478e
Create Date: 2026-11-22 17:00:00+00:00
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context, op

revision = "d62a374b589f"
down_revision = "c519263a478e"
branch_labels = None
depends_on = None

NAME = "ix_audit_events_occurred_at"


def upgrade() -> None:
    with outside_a_transaction():
        # An attempt that was interrupted leaves an index that is not valid, under the same name.
        op.drop_index(NAME, table_name="audit_events", if_exists=True, postgresql_concurrently=True)
        op.create_index(NAME, "audit_events", ["occurred_at"], postgresql_concurrently=True)


def downgrade() -> None:
    with outside_a_transaction():
        op.drop_index(NAME, table_name="audit_events", postgresql_concurrently=True)


@contextmanager
def outside_a_transaction() -> Iterator[None]:
    """Leave the transaction and the time limits on PostgreSQL; elsewhere do nothing."""
    if context.get_context().dialect.name != "postgresql":
        yield
        return
    with context.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute("SET statement_timeout = 0")
        try:
            yield
        finally:
            op.execute("RESET lock_timeout")
            op.execute("RESET statement_timeout")
