"""Email added.

Nullable, so that code without it goes on running. 92e6f307145b fills it, a3f70418256c requires it.

Revision ID: 5e82a7d3f016
Revises: 4d1f60b8c97e
Create Date: 2026-11-22 15:50:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "5e82a7d3f016"
down_revision = "4d1f60b8c97e"
branch_labels = None
depends_on = None

BYTES = {"charset": "utf8mb4", "collation": "utf8mb4_nopad_bin"}
KEY_TYPE = sa.String(255).with_variant(mysql.VARCHAR(255, **BYTES), "mysql", "mariadb")
# An address has at most 254 characters. The rest is for the marks of 92e6f307145b.
EMAIL_TYPE = sa.String(320).with_variant(mysql.VARCHAR(320, **BYTES), "mysql", "mariadb")


def upgrade() -> None:
    with op.batch_alter_table("users") as batch_op:
        batch_op.add_column(sa.Column("email", EMAIL_TYPE, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("users", copy_from=users_with_email()) as batch_op:
        batch_op.drop_column("email")


def users_with_email() -> sa.Table:
    """The table as this revision left it: SQLite drops a column by copying."""
    return sa.Table(
        "users",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("username_key", KEY_TYPE, nullable=False),
        sa.Column("email", EMAIL_TYPE, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
        sa.Index("ix_users_username", "username"),
    )
