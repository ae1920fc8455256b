"""Customers have an email address, if they like."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("customer", sa.Column("email", sa.String(100)))


def downgrade():
    op.drop_column("customer", "email")
