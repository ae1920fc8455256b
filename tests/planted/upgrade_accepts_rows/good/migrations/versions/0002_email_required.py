"""Every customer has an email address."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CUSTOMER = sa.Table(
    "customer",
    sa.MetaData(),
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("email", sa.String(100)),
)


def upgrade():
    op.execute("UPDATE customer SET email = '(none)' WHERE email IS NULL")
    with op.batch_alter_table("customer", copy_from=CUSTOMER) as batch_op:
        batch_op.alter_column("email", existing_type=sa.String(100), nullable=False)


def downgrade():
    with op.batch_alter_table("customer", copy_from=CUSTOMER) as batch_op:
        batch_op.alter_column("email", existing_type=sa.String(100), nullable=True)
    op.execute("UPDATE customer SET email = NULL WHERE email = '(none)'")
