"""What a project lacks to use alembic-proof every day, as edits of its files. Writes nothing by itself; runs no env.py."""
