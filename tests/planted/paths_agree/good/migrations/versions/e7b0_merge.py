"""Telephone numbers and search come together."""

revision = "e7b0"
down_revision = ("d204", "8c1d")


def upgrade():
    pass


def downgrade():
    pass
