"""Merge status and audit events: two changes that were made at the same time.

Revision ID: 81d5e2f6034a
Revises: 6fa3b9c4e128, 70c4d1e5f239
Create Date: 2026-11-22 16:10:00+00:00
"""

revision = "81d5e2f6034a"
down_revision = ("6fa3b9c4e128", "70c4d1e5f239")
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
