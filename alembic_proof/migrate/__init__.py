"""The user's env.py, borrowed, and the steps that are taken inside it. Only `host` touches Alembic's private names."""
