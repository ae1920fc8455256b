"""The shop is a customer of its own."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("INSERT INTO customer (email) VALUES ('shop@example.org')")


def downgrade():
    pass
