from collections.abc import Iterator

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Engine, NullPool, text

from alembic_proof.databases.scratch import Server
from fooapi.db.engine import build_engine
from tests.fooapi.history import config_for
from tests.fooapi.rows import Row, read, write

# What a revision changes in rows that were there, by its nature; the migration says the same in an acceptance.
REFILLED = {
    "4d1f60b8c97e": {"username_key"},
    "c519263a478e": {"password", "password_hash"},
}


@pytest.fixture
def database(server: Server) -> Iterator[tuple[Engine, Config]]:
    """An empty database of its own for each test, and Alembic's configuration for it."""
    made = server.create()
    engine = build_engine(made.url, poolclass=NullPool)
    yield engine, config_for(made.url)
    engine.dispose()
    server.drop(made)


def history() -> list[Script]:
    """All revisions, from the first to the last."""
    return [*ScriptDirectory.from_config(config_for()).walk_revisions()][::-1]


def one_down(config: Config, script: Script) -> None:
    """Take back one revision, whichever branch it is on."""
    below = script.down_revision
    target = below[0] if isinstance(below, tuple) else f"{script.revision}@-1" if below else "base"
    command.downgrade(config, target)


def without(rows: list[Row], columns: set[str]) -> list[Row]:
    """Leave out columns that a comparison is not about."""
    return [{name: value for name, value in row.items() if name not in columns} for row in rows]


def test_rows_come_back_from_every_revision(database: tuple[Engine, Config]) -> None:
    """With rows of every kind in the tables, each revision goes up, down and up again, and the rows come back as they were."""
    engine, config = database
    for script in history():
        write(engine, f"before-{script.revision}")
        before = {table: read(engine, table) for table in ("users", "audit_events")}
        command.upgrade(config, script.revision)
        after = {table: read(engine, table) for table in before}
        one_down(config, script)
        for table, rows in before.items():
            refilled = REFILLED.get(script.revision, set())
            assert without(read(engine, table), refilled) == without(rows, refilled), (script.revision, table)
        command.upgrade(config, script.revision)
        for table, rows in after.items():
            moments = {"created_at", "updated_at", "occurred_at"}
            assert without(read(engine, table), moments) == without(rows, moments), (script.revision, table)


def test_rows_written_after_the_upgrade_survive_the_downgrade(database: tuple[Engine, Config]) -> None:
    """The rollback that really happens: every revision takes back its schema over rows that came after it."""
    engine, config = database
    for script in history():
        command.upgrade(config, script.revision)
        write(engine, f"after-{script.revision}")
        users = len(read(engine))
        one_down(config, script)
        assert len(read(engine)) == (users if script.revision != "2b9d4f71c6e3" else 0), script.revision
        command.upgrade(config, script.revision)


def test_spellings_of_one_name_share_a_key_and_the_first_keeps_it(database: tuple[Engine, Config]) -> None:
    """The keys are unique, the names untouched, and the mark of a duplicate is one that no name can have."""
    engine, config = database
    command.upgrade(config, "2b9d4f71c6e3")
    write(engine, "row")
    names = [row["username"] for row in read(engine)]
    command.upgrade(config, "3c7e19a2d584")
    rows = read(engine)
    assert [row["username"] for row in rows] == names
    keys = {row["id"]: row["username_key"] for row in rows}
    assert [keys[number] for number in range(1, 10)] == [
        *("rené", "rené~DUPLICATE-2", "rené~DUPLICATE-3", "rene", "rene "),
        *("", " ", "strasse", "strasse~DUPLICATE-9"),
    ]
    assert len(set(keys.values())) == len(keys)
    assert max(map(len, keys.values())) == 200


def test_emails_are_filled_marked_and_given_back(database: tuple[Engine, Config]) -> None:
    """Missing and shared addresses get marks of their revision; each downgrade takes back its own, and only that."""
    engine, config = database
    command.upgrade(config, "81d5e2f6034a")
    write(engine, "first")
    emails = [row["email"] for row in read(engine)]
    command.upgrade(config, "92e6f307145b")
    filled = [row["email"] for row in read(engine)]
    assert filled[:4] == ["missing-1@email.invalid", "who@example.org", "who@example.org.duplicate-3.invalid", "WHO@example.org"]
    assert len(set(filled)) == len(filled)
    write(engine, "second")
    between = [row["email"] for row in read(engine)]
    command.upgrade(config, "a3f70418256c")
    required = [row["email"] for row in read(engine)]
    assert required[: len(filled)] == filled
    assert required[len(filled)] == f"missing-{len(filled) + 1}@late-email.invalid"
    assert len(set(required)) == len(required)
    command.downgrade(config, "92e6f307145b")
    assert [row["email"] for row in read(engine)] == between
    command.downgrade(config, "81d5e2f6034a")
    assert [row["email"] for row in read(engine)][: len(emails)] == emails


def test_many_users_are_filled_in_batches(database: tuple[Engine, Config]) -> None:
    """A table of more rows than a batch is filled to the last row."""
    engine, config = database
    command.upgrade(config, "2b9d4f71c6e3")
    with engine.begin() as connection:
        statement = text("INSERT INTO users (username, password) VALUES (:name, 'hash')")
        connection.execute(statement, [{"name": f"user {number % 2400}"} for number in range(2500)])
    command.upgrade(config, "a3f70418256c")
    rows = read(engine)
    assert len({row["email"] for row in rows}) == len({row["username_key"] for row in rows}) == 2500
    assert sum("~DUPLICATE-" in row["username_key"] for row in rows) == 100


def test_hash_moves_to_its_new_column_whoever_wrote_it(database: tuple[Engine, Config]) -> None:
    """Between the two steps old code fills `password` and new code `password_hash`; both hashes arrive, and go back."""
    engine, config = database
    command.upgrade(config, "b4081529367d")
    write(engine, "row")
    written = [row["password_hash"] or row["password"] for row in read(engine)]
    assert any(row["password"] is None for row in read(engine))
    assert any(row["password_hash"] is None for row in read(engine))
    command.upgrade(config, "c519263a478e")
    assert [row["password_hash"] for row in read(engine)] == written
    command.downgrade(config, "a3f70418256c")
    assert [row["password"] for row in read(engine)] == written
