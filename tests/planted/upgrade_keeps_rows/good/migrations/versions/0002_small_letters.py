"""Customers are found by their email address, however they write it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("customer", sa.Column("email_key", sa.String(100), nullable=True))
    op.execute("UPDATE customer SET email_key = lower(email)")


def downgrade():
    op.drop_column("customer", "email_key")
