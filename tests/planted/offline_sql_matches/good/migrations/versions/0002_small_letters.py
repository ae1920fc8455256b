"""Email addresses are written in small letters."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("UPDATE customer SET email = lower(email)")


def downgrade():
    pass
