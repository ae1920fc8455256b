"""A customer's name is called full_name."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("ALTER TABLE customer RENAME COLUMN name TO full_name")


def downgrade():
    op.execute("ALTER TABLE customer RENAME COLUMN full_name TO name")
