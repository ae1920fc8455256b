"""Prove Alembic migrations: run every revision on a real scratch database, gather evidence, judge it."""

__all__ = ["__version__"]

__version__ = "0.1.0"
