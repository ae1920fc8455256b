"""Where the service keeps its data. Models import `base_class`; Alembic imports `base`; requests use `session`."""
