"""Customers have a nickname; it begins as the email address."""

import sqlalchemy as sa
from alembic import op
from shop.models import Customer

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("customer", sa.Column("nickname", sa.String(50)))
    op.execute(sa.update(Customer).values(nickname=Customer.email))


def downgrade():
    op.drop_column("customer", "nickname")
