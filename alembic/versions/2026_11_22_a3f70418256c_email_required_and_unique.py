"""Email required and unique.

The contract step of 5e82a7d3f016, for when no running code creates users without an address. 92e6f307145b did the long work;
what came since is marked here in the same way, with a mark of its own, and the downgrade takes back only that.

Revision ID: a3f70418256c
Revises: 92e6f307145b
Create Date: 2026-11-22 16:30:00+00:00
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import mysql

# proof: accept upgrade-keeps-rows users.email -- a duplicate past 254 characters is no address and has no room for its mark
# proof: accept downgrade-keeps-rows users.email -- the same ones come back empty
# proof: accept old-code-still-runs users.email -- code since 5e82a7d3f016 writes it
# proof: accept old-code-still-runs users.uq_users_email -- code since 5e82a7d3f016 gives each user an address of their own

revision = "a3f70418256c"
down_revision = "92e6f307145b"
branch_labels = None
depends_on = None

EMAIL_LENGTH = 320
BYTES = {"charset": "utf8mb4", "collation": "utf8mb4_nopad_bin"}
KEY_TYPE = sa.String(255).with_variant(mysql.VARCHAR(255, **BYTES), "mysql", "mariadb")
EMAIL_TYPE = sa.String(EMAIL_LENGTH).with_variant(mysql.VARCHAR(EMAIL_LENGTH, **BYTES), "mysql", "mariadb")
USERS = sa.table("users", sa.column("id", sa.Integer), sa.column("email", sa.String))
NUMBER = sa.cast(USERS.c.id, sa.String(10))
MISSING = sa.literal("missing-") + NUMBER + "@late-email.invalid"
DUPLICATE = sa.literal(".late-duplicate-") + NUMBER + ".invalid"


def users(*added: sa.Constraint, email_is_nullable: bool) -> sa.Table:
    """The table before and after: SQLite alters by copying."""
    return sa.Table(
        "users",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("username_key", KEY_TYPE, nullable=False),
        sa.Column("email", EMAIL_TYPE, nullable=email_is_nullable),
        sa.Column("status", sa.String(16), server_default="active", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.current_timestamp(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.current_timestamp(), nullable=False),
        *added,
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
        sa.CheckConstraint("status IN ('active', 'suspended')", name="ck_users_status_known"),
        sa.Index("ix_users_username", "username"),
    )


def upgrade() -> None:
    op.execute(sa.update(USERS).where(USERS.c.email.is_(None)).values(email=MISSING))
    mark_duplicates()
    with op.batch_alter_table("users", copy_from=users(email_is_nullable=True)) as batch_op:
        batch_op.alter_column("email", existing_type=EMAIL_TYPE, existing_nullable=True, nullable=False)
        batch_op.create_unique_constraint(batch_op.f("uq_users_email"), ["email"])


def downgrade() -> None:
    unique = sa.UniqueConstraint("email", name="uq_users_email")
    with op.batch_alter_table("users", copy_from=users(unique, email_is_nullable=False)) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_users_email"), type_="unique")
        batch_op.alter_column("email", existing_type=EMAIL_TYPE, existing_nullable=False, nullable=True)
    op.execute(sa.update(USERS).where(USERS.c.email == MISSING).values(email=sa.null()))
    is_marked = USERS.c.email.like(sa.literal("%") + DUPLICATE)
    op.execute(sa.update(USERS).where(is_marked).values(email=sa.func.replace(USERS.c.email, DUPLICATE, "")))


def mark_duplicates() -> None:
    """Mark all but the first of the users who share an address."""
    nth = sa.func.row_number().over(partition_by=USERS.c.email, order_by=USERS.c.id).label("nth")
    numbered = sa.select(USERS.c.id, nth).where(USERS.c.email.is_not(None)).subquery("numbered")
    later = sa.select(numbered.c.id).where(numbered.c.nth > 1).subquery("later")  # MariaDB updates from a derived table only
    fits = sa.func.length(USERS.c.email) + sa.func.length(DUPLICATE) <= EMAIL_LENGTH
    marked = sa.case((fits, USERS.c.email + DUPLICATE), else_=MISSING)
    op.execute(sa.update(USERS).where(USERS.c.id.in_(sa.select(later.c.id))).values(email=marked))
