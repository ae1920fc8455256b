"""What a failure on rows is said to come from."""

from alembic_proof.checks.row_faults import fault_of
from alembic_proof.failure import Failure
from alembic_proof.row_evidence import Row, RowFailure
from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.snapshot import Key

SLUG = Difference(
    Change.EXTRA, Key("column", None, "posts", "slug"), None, {"type": "varchar(100)", "nullable": False, "default": None}
)


def test_a_value_that_does_not_fit_is_no_missing_default() -> None:
    """Where a backfill of a new required column fails on a long value, no default for the column is advised."""
    rows = (Row("posts", (("id", "1"), ("title", "'xxx'")), ("title",)),)
    sent = "UPDATE posts SET slug = lower(title)"
    too_long = RowFailure(Failure("DataError", "Data too long for column 'slug' at row 1", sent, 8), rows)
    empty = RowFailure(Failure("IntegrityError", "Column 'slug' cannot be null", sent, 8), rows)

    assert fault_of(too_long, (SLUG,), "mariadb", "10.11").mend == "let it take such rows too"
    assert fault_of(empty, (SLUG,), "mariadb", "10.11").mend.startswith("give posts.slug a server_default")
