"""The flag said who is closed; now it says who is active."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("UPDATE customer SET is_active = NOT is_active")


def downgrade():
    pass
