"""A customer may have no telephone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CUSTOMER = sa.Table(
    "customer",
    sa.MetaData(),
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("phone", sa.String(20)),
)


def upgrade():
    with op.batch_alter_table("customer", copy_from=CUSTOMER) as batch_op:
        batch_op.alter_column("phone", existing_type=sa.String(20), nullable=True)


def downgrade():
    op.execute("UPDATE customer SET phone = '' WHERE phone IS NULL")
    with op.batch_alter_table("customer", copy_from=CUSTOMER) as batch_op:
        batch_op.alter_column("phone", existing_type=sa.String(20), nullable=False)
