"""Which statements change the schema and nothing else."""

import pytest

from alembic_proof.migrate.plain import is_plain


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE users (id INTEGER)",
        "create unique index ix on users (id)",
        "ALTER TABLE users\n  ADD COLUMN name VARCHAR(50)",
        "DROP TYPE mood",
        "CREATE OR REPLACE VIEW names AS SELECT name FROM users",
        "COMMENT ON TABLE users IS 'people'",
        'PRAGMA main.table_xinfo("users")',
        "INSERT INTO _alembic_tmp_users (id) SELECT users.id FROM users",
        'INSERT INTO "_alembic_tmp_Users" (id) SELECT id FROM "Users"',
        "SELECT name FROM sqlite_master WHERE type = 'table'",
        "DROP INDEX ix;",
    ],
)
def test_a_change_of_the_schema_is_plain(statement: str) -> None:
    """What a snapshot shows needs no second upgrade to be known."""
    assert is_plain(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO users (id) VALUES (1)",
        "UPDATE users SET name = ''",
        "DELETE FROM users",
        "SELECT setval('users_id_seq', 7)",
        "CREATE ROLE reader",
        "GRANT SELECT ON users TO reader",
        "DO $$ BEGIN CREATE TYPE mood AS ENUM (); END $$",
        "ALTER TABLE users ADD COLUMN a INT; INSERT INTO users VALUES (1)",
        "CREATE TABLESPACE fast LOCATION '/x'",
        "COMMIT",
        "CREATE TABLETOP users (id INTEGER)",
        "",
    ],
)
def test_anything_else_is_not_plain(statement: str) -> None:
    """Rows, roles, code in a block and several statements in one text have to be run again to be known."""
    assert not is_plain(statement)
