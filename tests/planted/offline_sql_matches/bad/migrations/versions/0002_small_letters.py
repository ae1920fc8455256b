"""Email addresses are written in small letters."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    customers = op.get_bind().execute(sa.text("SELECT id, email FROM customer")).all()
    for customer in customers:
        op.execute(
            sa.text("UPDATE customer SET email = :email WHERE id = :id").bindparams(id=customer.id, email=customer.email.lower())
        )


def downgrade():
    pass
