"""What two cells mean, whatever their spelling."""

import pytest

from alembic_proof.experiments.rows.meaning import meaning
from alembic_proof.rows.tables import Column


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("2024-02-29 12:34:56", "2024-02-29 12:34:56+00", True),
        ("2024-02-29 12:34:56", "2024-02-29 14:34:56+02", True),
        ("2024-02-29 12:34:56", "2024-02-29 12:34:56+02", False),
        ("0001-01-01 00:00:00+14", "0001-01-01 00:00:00+14", True),
    ],
)
def test_a_moment_is_the_same_with_and_without_its_time_zone(one: str, other: str, *, is_same: bool) -> None:
    """A column that becomes timestamptz, or plain again, holds the moments that it held: sessions speak UTC."""
    before, after = (
        Column(table="t", name="at", type=f"timestamp {zone} time zone", nullable=True) for zone in ("without", "with")
    )

    assert (meaning(one, before) == meaning(other, after)) is is_same
