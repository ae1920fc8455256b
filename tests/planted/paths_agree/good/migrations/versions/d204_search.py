"""Customers are found by what is known of them."""

from alembic import op

revision = "d204"
down_revision = "0001"


def upgrade():
    op.create_index("ix_customer_email", "customer", ["email"])


def downgrade():
    op.drop_index("ix_customer_email", table_name="customer")
