"""How a value that came back as another type is told."""

from datetime import date
from decimal import Decimal

from alembic_proof.experiments.code.recipes import Recipe, Verb
from alembic_proof.experiments.code.surprises import read_otherwise


def test_a_type_is_told_once() -> None:
    """Before each value stands its type; where Python's own form of it begins with that, the value is told plainly."""
    recipe = Recipe("A SELECT of t.v", Verb.SELECT)

    assert read_otherwise([1.5], [Decimal("1.50")], "v", recipe) == ("float 1.5", "Decimal 1.50")
    assert read_otherwise(["2000-01-01"], [date(2000, 1, 1)], "v", recipe) == ("str '2000-01-01'", "date 2000-01-01")
