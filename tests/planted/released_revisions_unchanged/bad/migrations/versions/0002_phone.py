"""Customers have a telephone number, and are found by their email address."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("customer", sa.Column("phone", sa.String(30)))
    op.create_index("ix_customer_email", "customer", ["email"])


def downgrade():
    op.drop_index("ix_customer_email", table_name="customer")
    op.drop_column("customer", "phone")
