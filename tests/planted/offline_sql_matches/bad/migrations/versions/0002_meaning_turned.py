"""The flag said who is closed; now it says who is active."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    customers = op.get_bind().execute(sa.text("SELECT id, is_active FROM customer")).all()
    for customer in customers:
        turned = sa.text("UPDATE customer SET is_active = :active WHERE id = :id")
        op.execute(turned.bindparams(id=customer.id, active=not customer.is_active))


def downgrade():
    op.execute("UPDATE customer SET is_active = NOT is_active")
