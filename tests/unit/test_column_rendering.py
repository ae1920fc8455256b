"""Columns as Alembic's operations need them."""

from alembic_proof.schema.operations.columns import column
from alembic_proof.schema.snapshot import Key


def test_a_primary_key_with_a_server_default_is_rendered() -> None:
    """A default that is SQL has no truth value of its own: only whether there is one counts."""
    key = Key("column", None, "workspaces", "name")
    made = column(key, {"type": "VARCHAR(63)", "nullable": False, "default": "'default'"}, "sqlite", in_primary_key=True)
    assert str(made.server_default.arg) == "'default'"  # type: ignore[union-attr]  # it has one: that is the point
