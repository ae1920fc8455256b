"""User model added.

Revision ID: 2b9d4f71c6e3
Revises: 1a5c8e30b7d2
Create Date: 2026-11-22 15:12:00+00:00
"""

import sqlalchemy as sa
from alembic import op

revision = "2b9d4f71c6e3"
down_revision = "1a5c8e30b7d2"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        # MariaDB's own default may be a character set without most of the world's names.
        mysql_charset="utf8mb4",
        mariadb_charset="utf8mb4",
    )
    with op.batch_alter_table("users") as batch_op:
        batch_op.create_index(batch_op.f("ix_users_username"), ["username"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("users") as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_username"))
    op.drop_table("users")
