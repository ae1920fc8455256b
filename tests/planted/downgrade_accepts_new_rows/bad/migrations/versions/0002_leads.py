"""Who has not bought yet is a lead, with or without an email address."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_table(
        "lead",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("email", sa.String(100), nullable=True),
    )


def downgrade():
    op.execute("INSERT INTO customer (email) SELECT email FROM lead")
    op.drop_table("lead")
