"""A telephone number, and an index."""

from alembic import op
import sqlalchemy as sa

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # 20 is what ITU-T E.164 asks for, and some
    op.add_column(
        "customer",
        sa.Column("phone", sa.String(20)),
    )
    op.create_index("ix_customer_email", "customer", ["email"])


def downgrade():
    op.drop_index("ix_customer_email", table_name="customer")
    op.drop_column("customer", "phone")
