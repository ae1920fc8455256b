"""Emails backfilled. Data only, in batches.

A user without an address gets `missing-<id>@email.invalid`. Of users who share one, the first keeps it; each later one's ends in
`.duplicate-<id>.invalid`. No mail reaches the domain invalid (RFC 2606) and the service lets nobody register one, so the marks
tell what this revision did, and the downgrade takes back only that.

Revision ID: 92e6f307145b
Revises: 81d5e2f6034a
Create Date: 2026-11-22 16:20:00+00:00
"""

from collections.abc import Iterator
from contextlib import nullcontext

import sqlalchemy as sa
from alembic import context, op

# proof: accept upgrade-keeps-rows users.email -- a duplicate past 254 characters is no address and has no room for its mark
# proof: accept downgrade-keeps-rows users.email -- the same ones come back empty

revision = "92e6f307145b"
down_revision = "81d5e2f6034a"
branch_labels = None
depends_on = None

BATCH_SIZE = 1000
EMAIL_LENGTH = 320
USERS = sa.table("users", sa.column("id", sa.Integer), sa.column("email", sa.String))
NUMBER = sa.cast(USERS.c.id, sa.String(10))
MISSING = sa.literal("missing-") + NUMBER + "@email.invalid"
DUPLICATE = sa.literal(".duplicate-") + NUMBER + ".invalid"


def upgrade() -> None:
    # Each batch is committed by itself, and locks its rows only as long as it takes. SQLite has one writer in any case.
    commits_each = context.get_context().dialect.name != "sqlite"
    with context.get_context().autocommit_block() if commits_each else nullcontext():
        for ids in batches():
            op.execute(sa.update(USERS).where(USERS.c.email.is_(None), ids).values(email=MISSING))
        mark_duplicates()


def downgrade() -> None:
    op.execute(sa.update(USERS).where(USERS.c.email == MISSING).values(email=sa.null()))
    is_marked = USERS.c.email.like(sa.literal("%") + DUPLICATE)
    op.execute(sa.update(USERS).where(is_marked).values(email=sa.func.replace(USERS.c.email, DUPLICATE, "")))


def batches() -> Iterator[sa.ColumnElement[bool]]:
    """Give conditions that cover all users, each a batch of them; in SQL that is printed, one for all."""
    if context.is_offline_mode():
        yield sa.true()
        return
    last = -(2**31)
    while True:
        some = sa.select(USERS.c.id).where(USERS.c.id > last).order_by(USERS.c.id).limit(BATCH_SIZE).subquery()
        until = op.get_bind().scalar(sa.select(sa.func.max(some.c.id)))
        if until is None:
            return
        yield USERS.c.id.between(last + 1, until)
        last = until


def mark_duplicates() -> None:
    """Mark all but the first of the users who share an address."""
    nth = sa.func.row_number().over(partition_by=USERS.c.email, order_by=USERS.c.id).label("nth")
    numbered = sa.select(USERS.c.id, nth).where(USERS.c.email.is_not(None)).subquery("numbered")
    later = sa.select(numbered.c.id).where(numbered.c.nth > 1).subquery("later")  # MariaDB updates from a derived table only
    fits = sa.func.length(USERS.c.email) + sa.func.length(DUPLICATE) <= EMAIL_LENGTH
    marked = sa.case((fits, USERS.c.email + DUPLICATE), else_=MISSING)
    op.execute(sa.update(USERS).where(USERS.c.id.in_(sa.select(later.c.id))).values(email=marked))
