"""The flag said who is closed; now it says who is active."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    number = op.get_bind().execute(sa.text("SELECT count(*) FROM customer")).scalar_one()
    if number:
        op.execute("UPDATE customer SET is_active = NOT is_active")


def downgrade():
    op.execute("UPDATE customer SET is_active = NOT is_active")
