"""Customers have a telephone number, if they like."""

import sqlalchemy as sa
from alembic import op

revision = "8c1d"
down_revision = "0001"


def upgrade():
    op.add_column("customer", sa.Column("phone", sa.String(20)))


def downgrade():
    op.drop_column("customer", "phone")
