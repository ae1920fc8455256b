"""Password dropped: the second step of b4081529367d, for when no running code reads or writes `password`.

What only older code wrote is copied first. The way back is exact: the column held the same hash.

Revision ID: c519263a478e
Revises: b4081529367d
Create Date: 2026-11-22 16:50:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

# proof: accept upgrade-keeps-rows users.password -- where the two columns differ, password_hash is the newer one
# proof: accept downgrade-keeps-rows users.password -- comes back as password_hash, also where only that one was filled
# proof: accept downgrade-keeps-rows users.password_hash -- stays filled where only password was: it is the same hash
# proof: accept old-code-still-runs users.password -- code since b4081529367d reads and writes password_hash
# proof: accept old-code-still-runs users.password_hash -- code since b4081529367d fills it

revision = "c519263a478e"
down_revision = "b4081529367d"
branch_labels = None
depends_on = None

BYTES = {"charset": "utf8mb4", "collation": "utf8mb4_nopad_bin"}
KEY_TYPE = sa.String(255).with_variant(mysql.VARCHAR(255, **BYTES), "mysql", "mariadb")
EMAIL_TYPE = sa.String(320).with_variant(mysql.VARCHAR(320, **BYTES), "mysql", "mariadb")
HASH_TYPE = sa.String(255)
SOMEWHERE = "password IS NOT NULL OR password_hash IS NOT NULL"


def users(*own: sa.schema.SchemaItem) -> sa.Table:
    """The table, but for what this revision changes: SQLite alters by copying."""
    return sa.Table(
        "users",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("username_key", KEY_TYPE, nullable=False),
        sa.Column("email", EMAIL_TYPE, nullable=False),
        sa.Column("status", sa.String(16), server_default="active", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.current_timestamp(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.current_timestamp(), nullable=False),
        *own,
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
        sa.UniqueConstraint("email", name="uq_users_email"),
        sa.CheckConstraint("status IN ('active', 'suspended')", name="ck_users_status_known"),
        sa.Index("ix_users_username", "username"),
    )


def upgrade() -> None:
    table = sa.table("users", sa.column("password"), sa.column("password_hash"))
    op.execute(sa.update(table).where(table.c.password_hash.is_(None)).values(password_hash=table.c.password))
    before = users(
        sa.Column("password", HASH_TYPE, nullable=True),
        sa.Column("password_hash", HASH_TYPE, nullable=True),
        sa.CheckConstraint(SOMEWHERE, name="ck_users_password_somewhere"),
    )
    with op.batch_alter_table("users", copy_from=before) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_users_password_somewhere"), type_="check")
        batch_op.alter_column("password_hash", existing_type=HASH_TYPE, existing_nullable=True, nullable=False)
        batch_op.drop_column("password")


def downgrade() -> None:
    after = users(sa.Column("password_hash", HASH_TYPE, nullable=False))
    with op.batch_alter_table("users", copy_from=after) as batch_op:
        batch_op.add_column(sa.Column("password", HASH_TYPE, nullable=True))
        batch_op.alter_column("password_hash", existing_type=HASH_TYPE, existing_nullable=False, nullable=True)
        batch_op.create_check_constraint(batch_op.f("ck_users_password_somewhere"), SOMEWHERE)
    table = sa.table("users", sa.column("password"), sa.column("password_hash"))
    op.execute(sa.update(table).values(password=table.c.password_hash))
