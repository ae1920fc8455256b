"""Each kind of object that SQLite has: change only it, and see that one difference; then settle it there and back."""

from collections.abc import Callable
from typing import Any

import pytest

from alembic_proof.schema.diff import compare

BASE = """
CREATE TABLE users (id INTEGER NOT NULL, email VARCHAR(50) NOT NULL, age INTEGER DEFAULT 18, note TEXT,
  CONSTRAINT pk_users PRIMARY KEY (id), CONSTRAINT uq_users_email UNIQUE (email), CONSTRAINT ck_users_age CHECK (age > 0));
CREATE INDEX ix_users_age ON users (age);
CREATE TABLE posts (id INTEGER NOT NULL PRIMARY KEY, author_id INTEGER, title TEXT COLLATE NOCASE, body TEXT, UNIQUE (title),
  CHECK (length(title) > 2), CONSTRAINT fk_posts_author FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE);
CREATE VIEW adults AS SELECT id FROM users WHERE age >= 18;
CREATE TRIGGER tr_users AFTER INSERT ON users BEGIN UPDATE users SET note = 'a;b' WHERE id = new.id; END
"""
POSTS = """
CREATE TABLE posts_new (id INTEGER NOT NULL PRIMARY KEY, author_id INTEGER, title TEXT COLLATE NOCASE, body TEXT, UNIQUE (title),
  CHECK (length(title) > 2), CONSTRAINT fk_posts_author FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE)"""


def rebuilt(before: str, after: str) -> list[str]:
    """The table posts made anew with one piece of its statement replaced, as SQLite's own manual says to."""
    assert before in POSTS
    create = POSTS.replace(before, after, 1)
    return [create, "DROP TABLE posts", "ALTER TABLE posts_new RENAME TO posts"]


CASES = {
    "table": (["CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT DEFAULT 'x' UNIQUE)"], "extra table tags"),
    "table gone": (["DROP TABLE posts"], "missing table posts"),
    "table name": (["ALTER TABLE posts RENAME TO articles"], "renamed table posts"),
    "strict": (rebuilt("ON DELETE CASCADE)", "ON DELETE CASCADE) STRICT"), "changed table posts"),
    "without rowid": (rebuilt("ON DELETE CASCADE)", "ON DELETE CASCADE) WITHOUT ROWID"), "changed table posts"),
    "autoincrement": (rebuilt("PRIMARY KEY", "PRIMARY KEY AUTOINCREMENT"), "changed table posts"),
    "column": (["ALTER TABLE users ADD COLUMN phone TEXT DEFAULT 'none'"], "extra column users.phone"),
    "column gone": (["ALTER TABLE posts DROP COLUMN body"], "missing column posts.body"),
    "column name": (["ALTER TABLE users RENAME COLUMN note TO remark"], "renamed column users.note"),
    "indexed column name": (["ALTER TABLE users RENAME COLUMN email TO mail"], "renamed column users.email"),
    "type": (rebuilt("body TEXT", "body BLOB"), "changed column posts.body"),
    "unknown type": (rebuilt("body TEXT", "body GEOMETRY"), "changed column posts.body"),
    "nullable": (rebuilt("body TEXT", "body TEXT NOT NULL"), "changed column posts.body"),
    "default": (rebuilt("body TEXT", "body TEXT DEFAULT 'it''s :x 5%'"), "changed column posts.body"),
    "expression as default": (rebuilt("body TEXT", "body TEXT DEFAULT (lower('A') || 'b')"), "changed column posts.body"),
    "collation": (rebuilt("COLLATE NOCASE", "COLLATE RTRIM"), "changed column posts.title"),
    "collation gone": (rebuilt("COLLATE NOCASE", ""), "changed column posts.title"),
    "generated": (["ALTER TABLE posts ADD COLUMN size INTEGER AS (length(body))"], "extra column posts.size"),
    "generated and stored": (
        rebuilt("body TEXT", "body TEXT, size INTEGER AS (length(body)) STORED"),
        "extra column posts.size",
    ),
    "on conflict": (rebuilt("UNIQUE (title)", "UNIQUE (title) ON CONFLICT IGNORE"), "changed unique posts.(title)"),
    "primary key": (rebuilt("INTEGER NOT NULL PRIMARY KEY", "INTEGER NOT NULL"), "missing primary key posts.(id)"),
    "primary key's columns": (
        [
            POSTS.replace("NOT NULL PRIMARY KEY", "NOT NULL").replace(" UNIQUE", " PRIMARY KEY (id, author_id), UNIQUE"),
            "DROP TABLE posts",
            "ALTER TABLE posts_new RENAME TO posts",
        ],
        "changed primary key posts.(id)",
    ),
    "unique": (rebuilt(" UNIQUE (title),", ""), "missing unique posts.(title)"),
    "unique's name": (rebuilt("UNIQUE (title)", "CONSTRAINT uq UNIQUE (title)"), "renamed unique posts.(title)"),
    "second unique": (
        rebuilt("UNIQUE (title)", "UNIQUE (title), CONSTRAINT uq_2 UNIQUE (title, body)"),
        "extra unique posts.uq_2",
    ),
    "foreign key": (rebuilt("body TEXT", "body TEXT REFERENCES users (email)"), "extra foreign key posts.(body)"),
    "on delete": (rebuilt("ON DELETE CASCADE", "ON DELETE SET NULL"), "changed foreign key posts.fk_posts_author"),
    "deferrable": (
        rebuilt("ON DELETE CASCADE", "ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"),
        "changed foreign key posts.fk_posts_author",
    ),
    "foreign key's name": (rebuilt("fk_posts_author", "fk_other"), "renamed foreign key posts.fk_posts_author"),
    "check": (rebuilt(" CHECK (length(title) > 2),", ""), "missing check posts.(length(title) > 2)"),
    "check's name": (rebuilt("CHECK", "CONSTRAINT ck CHECK"), "renamed check posts.(length(title) > 2)"),
    "index": (["DROP INDEX ix_users_age"], "missing index users.ix_users_age"),
    "index's name": (
        ["DROP INDEX ix_users_age", "CREATE INDEX ix_age ON users (age)"],
        "renamed index users.ix_users_age",
    ),
    "unique index": (
        ["DROP INDEX ix_users_age", "CREATE UNIQUE INDEX ix_users_age ON users (age)"],
        "changed index users.ix_users_age",
    ),
    "index's order": (
        ["DROP INDEX ix_users_age", "CREATE INDEX ix_users_age ON users (age DESC)"],
        "changed index users.ix_users_age",
    ),
    "index's collation": (
        ["CREATE INDEX ix_note ON users (note COLLATE NOCASE)"],
        "extra index users.ix_note",
    ),
    "index's predicate": (
        ["DROP INDEX ix_users_age", "CREATE INDEX ix_users_age ON users (age) WHERE note IS NOT NULL AND note <> 'a:b'"],
        "changed index users.ix_users_age",
    ),
    "index on an expression": (
        ["CREATE INDEX ix_lower ON users (lower(email), age + 1)"],
        "extra index users.ix_lower",
    ),
    "view": (["DROP VIEW adults"], "missing view adults"),
    "view's text": (
        ["DROP VIEW adults", "CREATE VIEW adults AS SELECT id FROM users WHERE age >= 21"],
        "changed view adults",
    ),
    "trigger": (["DROP TRIGGER tr_users"], "missing trigger users.tr_users"),
    "trigger's text": (
        ["DROP TRIGGER tr_users", "CREATE TRIGGER tr_users AFTER INSERT ON users WHEN new.id > 1 BEGIN SELECT 1; END"],
        "changed trigger users.tr_users",
    ),
    "virtual table": (["CREATE VIRTUAL TABLE found USING fts5 (title, body)"], "extra virtual table found"),
}


@pytest.mark.parametrize("case", CASES)
def test_one_change_is_one_difference_and_settles_both_ways(case: str, new_sheet: Callable[[str], Any]) -> None:
    """A schema with one object changed differs in exactly that, and the printed code makes either side into the other."""
    statements, told = CASES[case]
    sheet = new_sheet("sqlite").draw(BASE)
    before = sheet.look()
    after = sheet.draw(statements).look()
    differences = compare(before, after)
    assert [f"{item.change} {item.key.kind} {item.key.full_name}" for item in differences] == [told]
    assert sheet.settle(before) == ()
    assert sheet.settle(after) == ()
