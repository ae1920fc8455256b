"""Customers are found by their email address, however they write it."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("UPDATE customer SET email = lower(email)")


def downgrade():
    raise NotImplementedError("how they were written is not known any more")
