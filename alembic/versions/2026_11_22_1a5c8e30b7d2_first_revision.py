"""First revision.

It changes nothing: it shows that the database is reached, and makes the version table.

Revision ID: 1a5c8e30b7d2
Revises:
Create Date: 2026-11-22 15:10:00+00:00
"""

revision = "1a5c8e30b7d2"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
