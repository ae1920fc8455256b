"""Where migrations run: scratch servers and scratch databases, one file per kind. Knows nothing of Alembic."""
