"""Rows that fit a schema: pure, from a snapshot to values. It connects to nothing, and loads Hypothesis only to draw.

- `tables.tables_of(snapshot)` gives tables with columns, keys and foreign keys; `tables.in_dependency_order()` parents first.
- `values.values_of(column, kind)` gives what a column may hold: `plain`, `limits`, `nth(n)` all different, `strategy()`.
- `literals.literal(value, kind)` and `literals.identifier(name, kind)` write them as SQL.
- `strategies_for("users.email", emails())` says what no generator can guess.
"""

from alembic_proof.rows.hooks import strategies_for

__all__ = ["strategies_for"]
