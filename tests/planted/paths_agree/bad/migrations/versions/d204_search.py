"""Customers are found by what is known of them."""

from alembic import op

revision = "d204"
down_revision = "0001"
depends_on = None


def upgrade():
    op.create_index("ix_customer_phone", "customer", ["phone"])


def downgrade():
    op.drop_index("ix_customer_phone", table_name="customer")
