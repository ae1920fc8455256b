"""One module for each table. A new one is imported in `fooapi.db.base`, or Alembic does not see it."""
