"""The query for production that an exclusion constraint asks for counts the pairs that it refuses."""

import psycopg
import pytest

from alembic_proof.checks.exclusions import clashing_pairs

TABLE = """
CREATE TABLE bookings (room integer, note text, starts timestamp, ends timestamp, gone boolean DEFAULT false);
INSERT INTO bookings VALUES (1, 'a, (', '2024-01-01', '2024-01-03'), (1, 'b', '2024-01-02', '2024-01-04'),
  (1, 'c', '2024-02-01', '2024-02-02'), (2, 'd', '2024-01-01', '2024-01-09');
INSERT INTO bookings VALUES (1, 'e', '2024-01-01', '2024-01-09', true)
"""
CONSTRAINTS = {
    "overlap": ("(int4range(room, room, '[]') WITH =, tsrange(starts, ends) WITH &&)", 3),
    "of some rows": ("(int4range(room, room, '[]') WITH =, tsrange(starts, ends) WITH &&) WHERE (NOT gone AND note <> ',)')", 1),
    "one column": ("(box(point(room, room), point(room, room)) WITH &&)", 6),
}


@pytest.mark.parametrize("case", CONSTRAINTS)
def test_each_pair_once(case: str, postgresql_url: str) -> None:
    """The server's own spelling of the constraint becomes a query that runs, and counts what stands in its way."""
    words, pairs = CONSTRAINTS[case]
    with psycopg.connect(postgresql_url.replace("+psycopg", "")) as connection:
        connection.execute(TABLE.replace("CREATE TABLE", "CREATE TEMP TABLE"))
        connection.execute("CREATE TEMP TABLE like_it (LIKE bookings)")
        connection.execute(f"ALTER TABLE like_it ADD CONSTRAINT no_clash EXCLUDE USING gist {words}")
        [definition] = (
            connection.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'no_clash'").fetchone() or ()
        )
        query = clashing_pairs("bookings", definition)
        assert query is not None
        assert connection.execute(query).fetchone() == (pairs,)
        connection.rollback()


def test_what_is_not_taken_apart() -> None:
    """An operator class behind a term: no query rather than a wrong one."""
    assert clashing_pairs("t", "EXCLUDE USING gist (name gist_trgm_ops WITH %)") is None
    assert clashing_pairs("t", "UNIQUE (name)") is None
