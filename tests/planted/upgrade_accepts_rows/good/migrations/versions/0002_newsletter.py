"""Whoever has an email address gets the newsletter."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(100), nullable=False),
    )
    op.execute("INSERT INTO subscriber (email) SELECT email FROM customer WHERE email IS NOT NULL")


def downgrade():
    op.drop_table("subscriber")
