"""A name is a full name."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.alter_column("customer", "name", new_column_name="full_name", existing_type=sa.String(100))


def downgrade():
    op.alter_column("customer", "full_name", new_column_name="name", existing_type=sa.String(100))
