"""Username key required.

The contract step of 3c7e19a2d584, for when no running code creates users without a key.
It fills what older code left out before it closes.

Revision ID: 4d1f60b8c97e
Revises: 3c7e19a2d584
Create Date: 2026-11-22 15:40:00+00:00
"""

import hashlib
import unicodedata
from collections.abc import Iterator

import sqlalchemy as sa
from alembic import context, op
from alembic.util import CommandError
from sqlalchemy.dialects import mysql

# proof: accept downgrade-keeps-rows users.username_key -- a key that was filled in stays: newer code would have written the same
# proof: accept old-code-still-runs users.username_key -- code since 3c7e19a2d584 writes it

revision = "4d1f60b8c97e"
down_revision = "3c7e19a2d584"
branch_labels = None
depends_on = None

BATCH_SIZE = 1000
KEY_TYPE = sa.String(255).with_variant(mysql.VARCHAR(255, charset="utf8mb4", collation="utf8mb4_nopad_bin"), "mysql", "mariadb")


def users(*, key_is_nullable: bool) -> sa.Table:
    """The table before and after: SQLite alters by copying."""
    return sa.Table(
        "users",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        sa.Column("password", sa.String(255), nullable=False),
        sa.Column("username_key", KEY_TYPE, nullable=key_is_nullable),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
        sa.Index("ix_users_username", "username"),
    )


def upgrade() -> None:
    if context.is_offline_mode():
        raise CommandError(
            f"Cannot write {revision} as SQL: it computes the keys in Python. Run it on a connection, "
            f"and render what lies above with --sql {revision}:head instead."
        )
    fill_keys(op.get_bind())
    with op.batch_alter_table("users", copy_from=users(key_is_nullable=True)) as batch_op:
        batch_op.alter_column("username_key", existing_type=KEY_TYPE, existing_nullable=True, nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("users", copy_from=users(key_is_nullable=False)) as batch_op:
        batch_op.alter_column("username_key", existing_type=KEY_TYPE, existing_nullable=False, nullable=True)


def fill_keys(connection: sa.Connection) -> None:
    """Give a key to every user without one, in the order of their ids."""
    table = sa.table("users", sa.column("id", sa.Integer), sa.column("username_key", KEY_TYPE))
    statement = sa.update(table).where(table.c.id == sa.bindparam("user_id")).values(username_key=sa.bindparam("new_key"))
    for batch in users_without_key(connection):
        wanted = {user_id: username_key(username) for user_id, username in batch}
        held = sa.select(table.c.username_key).where(table.c.username_key.in_(set(wanted.values())))
        taken = set(connection.scalars(held))
        changes = []
        for user_id, key in wanted.items():
            changes.append({"user_id": user_id, "new_key": f"{key}~DUPLICATE-{user_id}" if key in taken else key})
            taken.add(key)
        connection.execute(statement, changes)


def users_without_key(connection: sa.Connection) -> Iterator[list[tuple[int, str]]]:
    """Read ids and names in batches: the table may not fit into memory."""
    table = sa.table("users", sa.column("id", sa.Integer), sa.column("username", sa.String), sa.column("username_key", sa.String))
    last = None
    while True:
        query = sa.select(table.c.id, table.c.username).where(table.c.username_key.is_(None)).order_by(table.c.id)
        rows = connection.execute((query if last is None else query.where(table.c.id > last)).limit(BATCH_SIZE)).all()
        if not rows:
            return
        last = rows[-1].id
        yield [(row.id, row.username) for row in rows]


def username_key(username: str) -> str:
    """Fold a name as `fooapi.usernames` does today; written again here, because that module may change and this may not."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())
    if len(folded) <= 200:  # noqa: PLR2004 - leaves room for the mark
        return folded
    return folded[:136] + hashlib.sha256(folded.encode()).hexdigest()
