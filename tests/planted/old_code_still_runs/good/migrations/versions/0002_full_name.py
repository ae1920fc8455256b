"""A customer's name is going to be called full_name: code writes both from now on."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.add_column("customer", sa.Column("full_name", sa.String(100)))
    op.execute("UPDATE customer SET full_name = name")


def downgrade():
    op.drop_column("customer", "full_name")
