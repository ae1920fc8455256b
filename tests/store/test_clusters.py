"""What is kept of a private PostgreSQL: all that its databases hold, or nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from alembic_proof.databases.cluster import pack_files
from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A private server."""
    opened = open_server("postgresql")
    yield opened
    opened.close()


def test_it_comes_back_as_it_was(server: Server) -> None:
    """Schema, rows, counters and settings are those that were kept, and it can be copied; the other databases are gone."""
    made, other = server.create(), server.create()
    with made.connect() as fetch:
        fetch("CREATE TABLE item (id serial PRIMARY KEY, name text)")
        fetch("INSERT INTO item (name) VALUES ('one'), ('two')")
        fetch("CREATE INDEX ix_name ON item (name) WHERE id > 1")
        before = server.read(fetch)
    packed = server.keep({"3": made})
    assert packed is not None
    with pytest.raises(Exception, match="does not exist"), other.connect() as fetch:
        fetch("SELECT 1")

    again = open_server("postgresql", packed)
    try:
        for database in (again.kept("3"), again.copy(again.kept("3"))):
            assert database is not None
            with database.connect() as fetch:
                assert again.read(fetch) == before
                assert fetch("SELECT id, name FROM item ORDER BY id") == [(1, "one"), (2, "two")]
                assert fetch("INSERT INTO item (name) VALUES ('three') RETURNING id") == [(3,)]
                fetch("DELETE FROM item WHERE id = 3")
                fetch("SELECT setval('item_id_seq', 2)")
    finally:
        again.close()


def test_unlogged_tables_are_not_kept(server: Server) -> None:
    """A server that recovers empties them: then nothing is kept rather than a database with fewer rows."""
    made = server.create()
    with made.connect() as fetch:
        fetch("CREATE UNLOGGED TABLE seen (id integer)")

    assert server.keep({"1": made}) is None


def test_what_a_log_held_before_is_left_out(tmp_path: Path) -> None:
    """A segment comes back as long as it was, with zeros where nothing of this server stood any more; all else is whole."""
    data = tmp_path / "data"
    (data / "pg_wal").mkdir(parents=True)
    log, other = data / "pg_wal" / "000000010000000000000002", data / "other"
    log.write_bytes(b"now" + b"before" * 1000)
    other.write_bytes(b"now" + b"before" * 1000)

    pack_files(data, {}, set(), {log: 3}).extract(tmp_path / "again")

    assert (tmp_path / "again/pg_wal" / log.name).read_bytes() == b"now" + bytes(6000)
    assert (tmp_path / "again/other").read_bytes() == other.read_bytes()
