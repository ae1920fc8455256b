"""What is kept of a private MariaDB, and what its copies hold: all that a clean stop leaves, or nothing."""

from collections.abc import Iterator

import pytest

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A private server."""
    opened = open_server("mariadb")
    yield opened
    opened.close()


SHOP = (
    "CREATE TABLE shop (id INTEGER AUTO_INCREMENT PRIMARY KEY, name VARCHAR(20) INVISIBLE, length INTEGER AS (LENGTH(name)))",
    "CREATE TABLE item (id INTEGER PRIMARY KEY, shop INTEGER, price FLOAT, FOREIGN KEY of_shop (shop) REFERENCES shop (id))",
    "INSERT INTO shop (id, name) VALUES (7, 'one')",
    "INSERT INTO shop (name) VALUES ('two')",
    "DELETE FROM shop WHERE id = 8",
    "INSERT INTO item VALUES (1, 7, 16777216.1)",
    "CREATE VIEW cheap AS SELECT id FROM item WHERE price < 1",
    "CREATE TRIGGER put BEFORE INSERT ON item FOR EACH ROW SET NEW.price = COALESCE(NEW.price, 9)",
    "CREATE PROCEDURE nothing() SELECT 1",
    "CREATE EVENT never ON SCHEDULE EVERY 1 YEAR DO SELECT 1",
)


def test_a_copy_is_what_the_other_one_was(server: Server) -> None:
    """Schema, rows, counters, and what no statement tells: an index that a foreign key made still gives way to another one."""
    made = server.create()
    made.run_script(SHOP)
    with made.connect() as fetch:
        before = server.read(fetch)
    packed = server.keep({"3": made})
    assert packed is not None
    again = open_server("mariadb", packed)
    try:
        for database in (again.copy(again.kept("3")), again.copy(again.kept("3")), server.copy(made)):
            assert database is not None
            with database.connect() as fetch:
                assert again.read(fetch) == before
                assert fetch("SELECT shop, CAST(price AS DOUBLE) FROM item") == ((7, 16777216.0),)
                fetch("INSERT INTO shop (name) VALUES ('three')")
                assert fetch("SELECT id, length FROM shop ORDER BY id") == ((7, 3), (9, 5))
                fetch("CREATE INDEX ix_shop ON item (shop)")
                assert [row[2] for row in fetch("SHOW INDEX FROM item")] == ["PRIMARY", "ix_shop"]
    finally:
        again.close()
    with made.connect() as fetch:
        assert server.read(fetch) == before, "copies are apart from it"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE seen (id INTEGER) ENGINE = MEMORY",
        "CREATE SEQUENCE numbers",
        "SET GLOBAL log_bin_trust_function_creators = NOT @@GLOBAL.log_bin_trust_function_creators",
    ],
)
def test_what_a_stop_would_change(server: Server, statement: str) -> None:
    """Rows in memory, numbers put by, settings of the running server: there is no copy then, rather than one that differs."""
    made = server.create()
    made.run_script([statement])

    assert server.copy(made) is None
    assert server.keep({"1": made}) is None
    made.run_script(["DROP TABLE IF EXISTS seen", "DROP SEQUENCE IF EXISTS numbers"])
    if "GLOBAL" in statement:
        made.run_script([statement])
    assert server.copy(made) is not None


def test_a_role_that_only_a_copy_has(server: Server) -> None:
    """What a history makes beside its database is noticed on the server of a copy as well, also when that is gone."""
    copy = server.copy(server.create())
    assert copy is not None
    before = server.shared()
    copy.run_script(["CREATE ROLE reader"])
    server.drop(copy)

    assert server.shared() - before == {"user reader"}
