"""What a database holds: one reader per database, snapshots and their difference. Knows nothing of Alembic's history."""
