"""Customers have a nickname; it begins as the email address."""

from typing import TYPE_CHECKING

import sqlalchemy as sa
from alembic import op

if TYPE_CHECKING:
    from shop.models import Customer

    the_model_of_today: type[Customer]

revision = "0002"
down_revision = "0001"

customer = sa.table("customer", sa.column("email", sa.String(100)), sa.column("nickname", sa.String(50)))


def upgrade():
    op.add_column("customer", sa.Column("nickname", sa.String(50)))
    op.execute(sa.update(customer).values(nickname=customer.c.email))


def downgrade():
    op.drop_column("customer", "nickname")
