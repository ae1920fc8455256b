"""Customers are found by their email address."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_index("ix_customer_email", "customer", ["email"])


def downgrade():
    op.drop_index("ix_customer_email", table_name="customer")
