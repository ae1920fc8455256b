"""Audit events added.

An event outlives its user: `user_id` becomes NULL, `subject_id` keeps the number.

Revision ID: 70c4d1e5f239
Revises: 5e82a7d3f016
Create Date: 2026-11-22 16:05:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "70c4d1e5f239"
down_revision = "5e82a7d3f016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), server_default=sa.func.current_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_audit_events_user_id_users"), ondelete="SET NULL"),
        # MariaDB makes an index for a foreign key that has none, and takes it away when another one fits: so here is one by name.
        sa.Index("ix_audit_events_user_id", "user_id"),
        mysql_charset="utf8mb4",
        mariadb_charset="utf8mb4",
    )


def downgrade() -> None:
    op.drop_table("audit_events")
