"""What a failure on rows is said to come from."""

import pytest

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


def test_only_what_a_partial_index_holds_is_counted() -> None:
    """The query for production speaks of the rows that the new index is about, not of those that are deleted softly."""
    index: dict[str, str | int | bool | tuple[str, ...] | None] = {
        "columns": ("email",),
        "unique": True,
        "predicate": "gone_at IS NULL",
    }
    change = Difference(Change.EXTRA, Key("index", None, "users", "ix_email"), None, index)
    words = "UNIQUE constraint failed: users.email"
    found = RowFailure(Failure("IntegrityError", words, "CREATE UNIQUE INDEX ix_email ON users (email)", 8), (Row("users", ()),))
    query = "SELECT email, count(*) FROM users WHERE gone_at IS NULL GROUP BY email HAVING count(*) > 1"

    assert fault_of(found, (change,), "sqlite", "3").query == query


def test_a_backfill_that_misses_some_rows() -> None:
    """Where a NULL is handed on, rows that have it are counted, and the advice is to fill the column for them too."""
    rows = (Row("posts", (("id", "1"), ("title", "NULL")), ("title",)),)
    failure = Failure("NotNullViolation", 'column "slug" contains null values', "ALTER TABLE posts ALTER slug SET NOT NULL", 9)
    found = fault_of(RowFailure(failure, rows), (SLUG,), "postgresql", "18")

    assert found.query == "SELECT count(*) FROM posts WHERE title IS NULL"
    assert found.mend == "fill posts.slug for such rows too before it is NOT NULL"


@pytest.mark.parametrize(
    ("value", "words", "condition"),
    [
        ("'null'", "'NoneType' object has no attribute 'get'", "CAST(title AS text) = 'null'"),
        ("'12'", "no such key", "title = '12'"),
        ("'{NULL}'", "null value in column", "title = '{NULL}'"),
        ("'xxx...' (100 characters)", "value too long for type character varying(60)", "char_length(title) > 60"),
    ],
)
def test_what_finds_such_rows(value: str, words: str, condition: str) -> None:
    """A query that the database runs: texts of documents, which have no equality, and the length of what is too long to show."""
    rows = (Row("posts", (("id", "1"), ("title", value)), ("title",)),)
    found = RowFailure(Failure("Error", words, None, 9), rows)

    assert fault_of(found, (), "postgresql", "18").query == f"SELECT count(*) FROM posts WHERE {condition}"
