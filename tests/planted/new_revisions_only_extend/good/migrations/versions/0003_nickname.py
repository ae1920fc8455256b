"""Customers have a nickname, if they like."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    op.add_column("customer", sa.Column("nickname", sa.String(50)))


def downgrade():
    op.drop_column("customer", "nickname")
