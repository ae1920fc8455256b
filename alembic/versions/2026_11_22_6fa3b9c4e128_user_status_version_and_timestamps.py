"""User status, version and timestamps.

All four have defaults in the database, so that code that does not know them goes on creating users.

Revision ID: 6fa3b9c4e128
Revises: 5e82a7d3f016
Create Date: 2026-11-22 16:00:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

revision = "6fa3b9c4e128"
down_revision = "5e82a7d3f016"
branch_labels = None
depends_on = None

BYTES = {"charset": "utf8mb4", "collation": "utf8mb4_nopad_bin"}
KEY_TYPE = sa.String(255).with_variant(mysql.VARCHAR(255, **BYTES), "mysql", "mariadb")
EMAIL_TYPE = sa.String(320).with_variant(mysql.VARCHAR(320, **BYTES), "mysql", "mariadb")


def users(*added: sa.Column[object] | sa.Constraint) -> sa.Table:
    """The table as this revision finds it, and what it added: SQLite alters by copying."""
    return sa.Table(
        "users",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("username_key", KEY_TYPE, nullable=False),
        sa.Column("email", EMAIL_TYPE, nullable=True),
        *added,
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
        sa.Index("ix_users_username", "username"),
    )


def columns() -> list[sa.Column[object]]:
    return [
        sa.Column("status", sa.String(16), server_default="active", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.current_timestamp(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.current_timestamp(), nullable=False),
    ]


def upgrade() -> None:
    with op.batch_alter_table("users", copy_from=users()) as batch_op:
        for column in columns():
            batch_op.add_column(column)
        batch_op.create_check_constraint(batch_op.f("ck_users_status_known"), "status IN ('active', 'suspended')")


def downgrade() -> None:
    known = sa.CheckConstraint("status IN ('active', 'suspended')", name="ck_users_status_known")
    with op.batch_alter_table("users", copy_from=users(*columns(), known)) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_users_status_known"), type_="check")
        batch_op.drop_column("updated_at")
        batch_op.drop_column("created_at")
        batch_op.drop_column("version")
        batch_op.drop_column("status")
