"""Rows of the old code between the statements of a migration, where what the migration has done so far is there for others."""
