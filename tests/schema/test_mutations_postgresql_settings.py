"""What PostgreSQL sets about objects that are there: change only it, see that one difference; then settle it there and back."""

from collections.abc import Callable
from typing import Any

import pytest

from alembic_proof.schema.diff import compare

BASE = """
CREATE SCHEMA app;
CREATE ACCESS METHOD heap_too TYPE TABLE HANDLER heap_tableam_handler;
CREATE TYPE app.pair AS (a integer, "b c" text);
CREATE SEQUENCE numbers;
CREATE TABLE users (id serial PRIMARY KEY, email varchar(50) NOT NULL, age integer, "Mixed name" text,
  CONSTRAINT uq_users_email UNIQUE (email), CONSTRAINT no_twins EXCLUDE USING gist (box(point(age, age)) WITH &&));
CREATE TABLE app.words (word text NOT NULL, page integer NOT NULL);
CREATE UNIQUE INDEX ux_words ON app.words (page);
CREATE UNIQUE INDEX ux_both ON app.words (page, word);
CREATE INDEX ix_lower ON app.words (lower(word), page);
ALTER TABLE app.words REPLICA IDENTITY USING INDEX ux_both;
CREATE VIEW adults AS SELECT id, email FROM users WHERE age >= 18;
CREATE MATERIALIZED VIEW totals AS SELECT count(*) AS total, max("Mixed name") AS "the last" FROM users;
CREATE STATISTICS st_users ON age, email FROM users;
CREATE FOREIGN DATA WRAPPER plain;
CREATE SERVER known FOREIGN DATA WRAPPER plain OPTIONS (host 'a', "the port" '1');
CREATE FOREIGN TABLE app.far (id integer OPTIONS (column_name 'it''s') NOT NULL, note text DEFAULT 'x')
  SERVER known OPTIONS (table_name 'far');
CREATE FUNCTION app.to_number(app.pair) RETURNS integer IMMUTABLE LANGUAGE sql AS 'SELECT ($1).a';
CREATE TEXT SEARCH DICTIONARY app.stems (TEMPLATE = snowball, language = english);
CREATE TEXT SEARCH CONFIGURATION app.english (PARSER = pg_catalog."default");
ALTER TEXT SEARCH CONFIGURATION app.english ADD MAPPING FOR asciiword, word WITH app.stems, simple
"""

CASES = {
    # tables
    "parameters of long values": (
        "ALTER TABLE users SET (fillfactor = 70, toast.autovacuum_enabled = false, toast.vacuum_truncate = false)",
        "changed table users",
    ),
    "parameter of long values alone": ("ALTER TABLE users SET (toast.autovacuum_enabled = false)", "changed table users"),
    "access method": ("ALTER TABLE app.words SET ACCESS METHOD heap_too", "changed table app.words"),
    "table of another access method": ("CREATE TABLE other (a integer) USING heap_too", "extra table other"),
    "constraint as replica identity": ("ALTER TABLE users REPLICA IDENTITY USING INDEX uq_users_email", "changed table users"),
    "another index as replica identity": (
        "ALTER TABLE app.words REPLICA IDENTITY USING INDEX ux_words",
        "changed index app.words.ux_words",
    ),
    "no index as replica identity": ("ALTER TABLE app.words REPLICA IDENTITY DEFAULT", "changed table app.words"),
    "unlogged with its sequence": ("ALTER TABLE users SET UNLOGGED", "changed table users"),
    "unlogged sequence": ("ALTER SEQUENCE numbers SET UNLOGGED", "changed sequence numbers"),
    "all at once": (
        (
            "CREATE TABLE app.full (id integer PRIMARY KEY, a text, b text UNIQUE);\n"
            "ALTER TABLE app.full ALTER COLUMN a SET STATISTICS 9, ALTER COLUMN a SET STORAGE MAIN;\n"
            "ALTER TABLE app.full CLUSTER ON full_pkey;\nALTER TABLE app.full REPLICA IDENTITY USING INDEX full_pkey;\n"
            "ALTER INDEX app.full_b_key SET (fillfactor = 50);\nCOMMENT ON INDEX app.full_b_key IS 'it''s'"
        ),
        "extra table app.full",
    ),
    # columns
    "statistics target": ("ALTER TABLE users ALTER COLUMN email SET STATISTICS 500", "changed column users.email"),
    "statistics target of none": ("ALTER TABLE users ALTER COLUMN email SET STATISTICS 0", "changed column users.email"),
    "column with a target": (
        "ALTER TABLE users ADD COLUMN phone text;\nALTER TABLE users ALTER COLUMN phone SET STATISTICS 5",
        "extra column users.phone",
    ),
    # what is behind constraints, and indexes
    "constraint's storage parameters": ("ALTER INDEX users_pkey SET (fillfactor = 70)", "changed primary key users.users_pkey"),
    "exclusion's storage parameters": ("ALTER INDEX no_twins SET (fillfactor = 70)", "changed exclusion users.no_twins"),
    "clustered on a constraint": ("ALTER TABLE users CLUSTER ON users_pkey", "changed primary key users.users_pkey"),
    "comment on a constraint's index": ("COMMENT ON INDEX uq_users_email IS 'x'", "changed unique users.uq_users_email"),
    "index's statistics target": (
        "ALTER INDEX app.ix_lower ALTER COLUMN 1 SET STATISTICS 500",
        "changed index app.words.ix_lower",
    ),
    "index with a target": (
        "CREATE INDEX ix ON users (upper(email));\nALTER INDEX ix ALTER COLUMN 1 SET STATISTICS 500",
        "extra index users.ix",
    ),
    "statistics object's target": ("ALTER STATISTICS st_users SET STATISTICS 7", "changed statistics st_users"),
    "statistics object": (
        "CREATE STATISTICS app.st ON word, page FROM app.words;\nALTER STATISTICS app.st SET STATISTICS 0",
        "extra statistics app.st",
    ),
    # views and composite types
    "comment on a view's column": ("COMMENT ON COLUMN adults.email IS 'it''s a:b'", "changed view adults"),
    "default of a view's column": ("ALTER VIEW adults ALTER COLUMN email SET DEFAULT 'it''s (a:b)'", "changed view adults"),
    "view with comments and a default": (
        (
            "CREATE VIEW app.v AS SELECT 1 AS \"a b\", 'x' AS c;\nCOMMENT ON COLUMN app.v.\"a b\" IS 'one';\n"
            "ALTER VIEW app.v ALTER COLUMN c SET DEFAULT 'y'"
        ),
        "extra view app.v",
    ),
    "target of a materialized view's column": (
        "ALTER MATERIALIZED VIEW totals ALTER COLUMN total SET STATISTICS 500",
        "changed materialized view totals",
    ),
    "settings of a materialized view's column": (
        (
            'ALTER MATERIALIZED VIEW totals ALTER COLUMN "the last" SET (n_distinct = 5), '
            'ALTER COLUMN "the last" SET STORAGE MAIN, ALTER COLUMN "the last" SET COMPRESSION pglz'
        ),
        "changed materialized view totals",
    ),
    "materialized view's parameters of long values": (
        "ALTER MATERIALIZED VIEW totals SET (toast.autovacuum_enabled = false)",
        "changed materialized view totals",
    ),
    "materialized view's access method": (
        "ALTER MATERIALIZED VIEW totals SET ACCESS METHOD heap_too",
        "changed materialized view totals",
    ),
    "comment on an attribute": ("COMMENT ON COLUMN app.pair.\"b c\" IS 'it''s'", "changed composite type app.pair"),
    # foreign
    "wrapper": ("CREATE FOREIGN DATA WRAPPER other OPTIONS (a 'b')", "extra foreign data wrapper other"),
    "wrapper's options": ("ALTER FOREIGN DATA WRAPPER plain OPTIONS (ADD a 'it''s')", "changed foreign data wrapper plain"),
    "server": ("CREATE SERVER other TYPE 't' VERSION '1' FOREIGN DATA WRAPPER plain", "extra foreign server other"),
    "server's options": (
        "ALTER SERVER known OPTIONS (SET host 'b', DROP \"the port\", ADD c 'd')",
        "changed foreign server known",
    ),
    "foreign table": ("DROP FOREIGN TABLE app.far", "missing table app.far"),
    "foreign table's options": ("ALTER FOREIGN TABLE app.far OPTIONS (SET table_name 'near')", "changed table app.far"),
    "foreign column's options": (
        "ALTER FOREIGN TABLE app.far ALTER COLUMN id OPTIONS (DROP column_name, ADD a 'b')",
        "changed column app.far.id",
    ),
    "foreign table's server": (
        (
            "CREATE SERVER other FOREIGN DATA WRAPPER plain;\nDROP FOREIGN TABLE app.far;\nCREATE FOREIGN TABLE app.far"
            " (id integer OPTIONS (column_name 'it''s') NOT NULL, note text DEFAULT 'x')"
            " SERVER other OPTIONS (table_name 'far')"
        ),
        "changed table app.far + extra foreign server other",
    ),
    # words and types
    "text search configuration": (
        "DROP TEXT SEARCH CONFIGURATION app.english",
        "missing text search configuration app.english",
    ),
    "mapping": (
        "ALTER TEXT SEARCH CONFIGURATION app.english ALTER MAPPING FOR word WITH simple",
        "changed text search configuration app.english",
    ),
    "text search dictionary": (
        "CREATE TEXT SEARCH DICTIONARY names (TEMPLATE = simple, accept = 'false')",
        "extra text search dictionary names",
    ),
    "dictionary's options": (
        "ALTER TEXT SEARCH DICTIONARY app.stems (language = 'german')",
        "changed text search dictionary app.stems",
    ),
    "cast": (
        "CREATE CAST (app.pair AS integer) WITH FUNCTION app.to_number(app.pair) AS ASSIGNMENT",
        "extra cast (app.pair AS integer)",
    ),
}
SINCE_18 = {
    "NOT NULL on new rows alone": (
        "ALTER TABLE users ADD CONSTRAINT nn NOT NULL age NOT VALID",
        "changed column users.age",
    ),
    "NOT NULL of the table alone": (
        'ALTER TABLE users ADD CONSTRAINT nn NOT NULL "Mixed name" NO INHERIT',
        "changed column users.Mixed name",
    ),
}


_OTHERWISE_BEFORE_18 = [case for case in CASES if "target" in case or "replica" in case or "all at once" in case]


@pytest.mark.parametrize(
    ("server", "case"),
    [
        *(("postgresql", case) for case in (*CASES, *SINCE_18)),
        *(("postgresql:16", case) for case in _OTHERWISE_BEFORE_18),
    ],
)
def test_one_setting_is_one_difference_and_settles_both_ways(case: str, server: str, new_sheet: Callable[[str], Any]) -> None:
    """One setting is one difference, and the printed code makes either side into the other."""
    statements, told = (CASES | SINCE_18)[case]
    sheet = new_sheet(server).draw(BASE)
    before = sheet.look()
    after = sheet.draw(statements).look()
    differences = compare(before, after)
    assert " + ".join(f"{item.change} {item.key.kind} {item.key.full_name}" for item in differences) == told
    assert sheet.settle(before) == ()
    assert sheet.settle(after) == ()


def test_a_not_null_is_validated(new_sheet: Callable[[str], Any]) -> None:
    """A NOT NULL that held for new rows alone and now holds for all differs in that, and settles by VALIDATE."""
    sheet = new_sheet("postgresql").draw("CREATE TABLE t (a integer);\nALTER TABLE t ADD CONSTRAINT nn NOT NULL a NOT VALID")
    before = sheet.look()
    after = sheet.draw("ALTER TABLE t VALIDATE CONSTRAINT nn").look()
    (difference,) = compare(before, after)
    assert (difference.key.name, difference.changed_properties()) == ("a", ("not_null",))
    assert sheet.settle(before) == ()
    assert sheet.settle(after) == ()


def test_where_a_table_and_its_indexes_lie(new_sheet: Callable[[str], Any]) -> None:
    """A table, an index and a constraint's index that move to another tablespace differ in that, and move back and forth."""
    sheet = new_sheet("postgresql").draw("CREATE TABLE t (a integer PRIMARY KEY, b integer);\nCREATE INDEX ix ON t (b)")
    sheet.draw("CREATE MATERIALIZED VIEW m AS SELECT 1 AS a")
    before = sheet.look()
    with sheet.database.connect() as fetch:
        fetch("SET allow_in_place_tablespaces = on")
        fetch("CREATE TABLESPACE elsewhere LOCATION ''")
    moves = ("TABLE t", "INDEX ix", "INDEX t_pkey", "MATERIALIZED VIEW m")
    after = sheet.draw([f"ALTER {what} SET TABLESPACE elsewhere" for what in moves]).look()
    assert {item.key.kind: item.changed_properties() for item in compare(before, after)} == dict.fromkeys(
        ("table", "primary key", "index", "materialized view"), ("tablespace",)
    )
    assert sheet.settle(before) == ()
    assert sheet.settle(after) == ()
    assert sheet.settle(before) == ()
    sheet.draw("DROP TABLESPACE elsewhere")
