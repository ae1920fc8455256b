"""A name is a full name."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.drop_column("customer", "name")
    op.add_column("customer", sa.Column("full_name", sa.String(100), nullable=True))


def downgrade():
    raise NotImplementedError("the names are gone")
