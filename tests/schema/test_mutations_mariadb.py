"""Each kind of object that MariaDB has: change only it, and see that one difference; then settle it there and back."""

from collections.abc import Callable
from typing import Any

import pytest

from alembic_proof.schema.diff import compare

BASE = """
CREATE TABLE users (id integer PRIMARY KEY AUTO_INCREMENT, email varchar(50) NOT NULL, age integer DEFAULT 18, note text,
  mood enum('sad', 'it''s') DEFAULT 'sad', seen timestamp NULL DEFAULT NULL,
  CONSTRAINT uq_users_email UNIQUE (email), CONSTRAINT ck_users_age CHECK (age > 0));
CREATE INDEX ix_users_age ON users (age);
CREATE TABLE posts (id integer PRIMARY KEY, author_id integer, title varchar(80) COLLATE utf8mb4_bin, body text,
  CONSTRAINT fk_posts_author FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE logs (id integer) ENGINE=MyISAM;
CREATE TABLE notes (id integer);
CREATE VIEW adults AS SELECT id FROM users WHERE age >= 18;
CREATE TABLE turns (id integer, n integer);
CREATE TRIGGER tr_a BEFORE UPDATE ON turns FOR EACH ROW SET NEW.n = 1;
CREATE TRIGGER tr_b BEFORE UPDATE ON turns FOR EACH ROW SET NEW.n = 2;
CREATE TRIGGER tr_c BEFORE UPDATE ON turns FOR EACH ROW SET NEW.n = 3;
CREATE TABLE parts (id integer) PARTITION BY RANGE (id)
  (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE);
CREATE TRIGGER tr_users BEFORE INSERT ON users FOR EACH ROW SET NEW.note = 'a:b';
CREATE FUNCTION twice(n integer) RETURNS integer DETERMINISTIC RETURN n * 2;
CREATE PROCEDURE clean(IN n integer) DELETE FROM posts WHERE id = n;
CREATE SEQUENCE numbers INCREMENT 5;
CREATE EVENT sweep ON SCHEDULE EVERY 1 DAY DO DELETE FROM posts
"""
FOREIGN_KEY = "ALTER TABLE posts ADD CONSTRAINT fk_posts_author FOREIGN KEY (author_id) REFERENCES users (id)"

CASES = {
    "table": ("CREATE TABLE tags (id bigint PRIMARY KEY AUTO_INCREMENT, name varchar(20) UNIQUE)", "extra table tags"),
    "table gone": ("DROP TABLE posts", "missing table posts"),
    "table name": ("RENAME TABLE posts TO articles", "renamed table posts"),
    "engine": ("CREATE TABLE aria (id integer) ENGINE=MyISAM", "extra table aria"),
    "engine changed": ("ALTER TABLE logs ENGINE=InnoDB", "changed table logs"),
    "table's collation": ("ALTER TABLE users COLLATE utf8mb4_bin", "changed table users"),
    "table's options": ("ALTER TABLE users ROW_FORMAT=COMPACT STATS_PERSISTENT=1", "changed table users"),
    "table's comment": ("ALTER TABLE users COMMENT 'people'", "changed table users"),
    "signs that pack rows in a comment": ("ALTER TABLE users COMMENT 'a\x01b\x02\x03'", "changed table users"),
    "column": ("ALTER TABLE users ADD COLUMN phone varchar(20) DEFAULT 'none'", "extra column users.phone"),
    "column gone": ("ALTER TABLE posts DROP COLUMN body", "missing column posts.body"),
    "column name": ("ALTER TABLE posts RENAME COLUMN body TO content", "renamed column posts.body"),
    "indexed column name": ("ALTER TABLE users RENAME COLUMN email TO mail", "renamed column users.email"),
    "type": ("ALTER TABLE users MODIFY note longtext", "changed column users.note"),
    "unsigned": ("ALTER TABLE users MODIFY age integer unsigned DEFAULT 18", "changed column users.age"),
    "label": ("ALTER TABLE users MODIFY mood enum('sad', 'it''s', 'ok') DEFAULT 'sad'", "changed column users.mood"),
    "precision": ("ALTER TABLE users MODIFY seen timestamp(3) NULL DEFAULT NULL", "changed column users.seen"),
    "nullable": ("ALTER TABLE posts MODIFY body text NOT NULL", "changed column posts.body"),
    "default": ("ALTER TABLE users ALTER COLUMN age SET DEFAULT 21", "changed column users.age"),
    "text as default": ("ALTER TABLE users ALTER COLUMN note SET DEFAULT 'it''s :x 5%'", "changed column users.note"),
    "expression as default": ("ALTER TABLE users MODIFY note text DEFAULT (concat('a', 'b'))", "changed column users.note"),
    "column's character set": ("ALTER TABLE posts MODIFY body text CHARACTER SET latin1", "changed column posts.body"),
    "column's collation": ("ALTER TABLE posts MODIFY title varchar(80) COLLATE utf8mb4_general_ci", "changed column posts.title"),
    "on update": (
        "ALTER TABLE users MODIFY seen timestamp NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP",
        "changed column users.seen",
    ),
    "auto increment": ("ALTER TABLE posts MODIFY id integer AUTO_INCREMENT", "changed column posts.id"),
    "invisible": ("ALTER TABLE users MODIFY note text INVISIBLE", "changed column users.note"),
    "column's comment": ("ALTER TABLE users MODIFY note text COMMENT 'it''s'", "changed column users.note"),
    "generated": ("ALTER TABLE posts ADD COLUMN size integer AS (length(body)) STORED", "extra column posts.size"),
    "virtual": ("ALTER TABLE posts ADD COLUMN size integer AS (length(body)) VIRTUAL", "extra column posts.size"),
    "json": ("ALTER TABLE users ADD COLUMN data json", "extra column users.data"),
    "column's own check": (
        "ALTER TABLE users MODIFY note text CHECK (note <> '')",
        "extra check users.note",
    ),
    "primary key": ("ALTER TABLE posts DROP PRIMARY KEY", "missing primary key posts.PRIMARY"),
    "primary key's columns": (
        "ALTER TABLE posts DROP PRIMARY KEY, ADD PRIMARY KEY (id, title)",
        "changed column posts.title + changed primary key posts.PRIMARY",
    ),
    "unique": ("ALTER TABLE posts ADD CONSTRAINT uq_title UNIQUE (title, id)", "extra unique posts.uq_title"),
    "unique's name": ("ALTER TABLE users RENAME INDEX uq_users_email TO uq", "renamed unique users.uq_users_email"),
    "foreign key": ("ALTER TABLE posts DROP FOREIGN KEY fk_posts_author", "missing foreign key posts.fk_posts_author"),
    "foreign key with its index": (
        "ALTER TABLE posts DROP FOREIGN KEY fk_posts_author;\nDROP INDEX fk_posts_author ON posts",
        "missing foreign key posts.fk_posts_author",
    ),
    "on delete": (
        f"ALTER TABLE posts DROP FOREIGN KEY fk_posts_author;\n{FOREIGN_KEY} ON DELETE SET NULL",
        "changed foreign key posts.fk_posts_author",
    ),
    "check": ("ALTER TABLE users DROP CONSTRAINT ck_users_age", "missing check users.ck_users_age"),
    "check's text": (
        (
            "ALTER TABLE users DROP CONSTRAINT ck_users_age;\n"
            "ALTER TABLE users ADD CONSTRAINT ck_users_age CHECK (age > 0 AND note <> 'a:b' AND note NOT LIKE 'x%')"
        ),
        "changed check users.ck_users_age",
    ),
    "index": ("DROP INDEX ix_users_age ON users", "missing index users.ix_users_age"),
    "index's name": ("ALTER TABLE users RENAME INDEX ix_users_age TO ix_age", "renamed index users.ix_users_age"),
    "unique index": ("CREATE UNIQUE INDEX ix ON posts (title)", "extra unique posts.ix"),
    "index's order": ("CREATE INDEX ix ON posts (title DESC, id)", "extra index posts.ix"),
    "index's length": ("CREATE INDEX ix ON posts (body(10))", "extra index posts.ix"),
    "full text": ("CREATE FULLTEXT INDEX ix ON posts (body)", "extra index posts.ix"),
    "ignored": ("ALTER TABLE users ALTER INDEX ix_users_age IGNORED", "changed index users.ix_users_age"),
    "view": ("DROP VIEW adults", "missing view adults"),
    "view's text": ("CREATE OR REPLACE VIEW adults AS SELECT id FROM users WHERE age >= 21", "changed view adults"),
    "trigger": ("DROP TRIGGER tr_users", "missing trigger users.tr_users"),
    "trigger's text": (
        "CREATE OR REPLACE TRIGGER tr_users BEFORE INSERT ON users FOR EACH ROW SET NEW.note = 'c'",
        "changed trigger users.tr_users",
    ),
    "function": ("DROP FUNCTION twice", "missing function twice"),
    "function's body": (
        "CREATE OR REPLACE FUNCTION twice(n integer) RETURNS bigint NOT DETERMINISTIC NO SQL RETURN n + n",
        "changed function twice",
    ),
    "procedure": ("DROP PROCEDURE clean", "missing procedure clean"),
    "view's check option": (
        "CREATE OR REPLACE VIEW adults AS SELECT id FROM users WHERE age >= 18 WITH LOCAL CHECK OPTION",
        "changed view adults",
    ),
    "view's security": (
        "CREATE OR REPLACE SQL SECURITY INVOKER VIEW adults AS SELECT id FROM users WHERE age >= 18",
        "changed view adults",
    ),
    "procedure's security": ("ALTER PROCEDURE clean SQL SECURITY INVOKER COMMENT 'x'", "changed procedure clean"),
    "on update of a key": (
        f"ALTER TABLE posts DROP FOREIGN KEY fk_posts_author;\n{FOREIGN_KEY} ON DELETE CASCADE ON UPDATE CASCADE",
        "changed foreign key posts.fk_posts_author",
    ),
    "index's comment": (
        "DROP INDEX ix_users_age ON users;\nCREATE INDEX ix_users_age ON users (age) COMMENT 'x'",
        "changed index users.ix_users_age",
    ),
    "event disabled": ("ALTER EVENT sweep ON COMPLETION PRESERVE DISABLE", "changed event sweep"),
    "system versioning": ("ALTER TABLE notes ADD SYSTEM VERSIONING", "changed table notes"),
    "sequence": ("DROP SEQUENCE numbers", "missing sequence numbers"),
    "sequence's parameters": ("ALTER SEQUENCE numbers INCREMENT 7 MAXVALUE 1000 CYCLE", "changed sequence numbers"),
    "event": ("DROP EVENT sweep", "missing event sweep"),
    "event's name": ("ALTER EVENT sweep RENAME TO brush", "renamed event sweep"),
    "trigger before another": (
        "CREATE TRIGGER tr_d BEFORE UPDATE ON turns FOR EACH ROW PRECEDES tr_b SET NEW.n = 4",
        "extra trigger turns.tr_d",
    ),
    "trigger before all": (
        "CREATE TRIGGER tr_d BEFORE UPDATE ON turns FOR EACH ROW PRECEDES tr_a SET NEW.n = 4",
        "extra trigger turns.tr_d",
    ),
    "trigger between gone": ("DROP TRIGGER tr_b", "missing trigger turns.tr_b"),
    "first trigger gone": ("DROP TRIGGER tr_a", "missing trigger turns.tr_a"),
    "triggers' order": (
        "DROP TRIGGER tr_a;\nCREATE TRIGGER tr_a BEFORE UPDATE ON turns FOR EACH ROW FOLLOWS tr_b SET NEW.n = 1",
        "changed trigger turns.tr_b",
    ),
    "partitions": (
        "ALTER TABLE parts PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (20), PARTITION p1 VALUES LESS THAN MAXVALUE)",
        "changed table parts",
    ),
    "partitions gone": ("ALTER TABLE parts REMOVE PARTITIONING", "changed table parts"),
    "partitions in partitions": (
        (
            "ALTER TABLE notes PARTITION BY LIST (id) SUBPARTITION BY HASH (id) (PARTITION p VALUES IN (1, 2)"
            " (SUBPARTITION s0, SUBPARTITION s1), PARTITION q VALUES IN (3) (SUBPARTITION s2, SUBPARTITION s3))"
        ),
        "changed table notes",
    ),
    "partitioned by a hash": ("CREATE TABLE hashed (id integer) PARTITION BY HASH (id) PARTITIONS 3", "extra table hashed"),
    "database's collation": ("ALTER DATABASE COLLATE = utf8mb4_bin", "changed database itself"),
    "view's algorithm": (
        "CREATE OR REPLACE ALGORITHM = TEMPTABLE VIEW adults AS SELECT id FROM users WHERE age >= 18",
        "changed view adults",
    ),
    "event's schedule": ("ALTER EVENT sweep ON SCHEDULE EVERY 2 HOUR COMMENT 'x'", "changed event sweep"),
}


@pytest.mark.parametrize("case", CASES)
def test_one_change_is_one_difference_and_settles_both_ways(case: str, new_sheet: Callable[[str], Any]) -> None:
    """A schema with one object changed differs in exactly that, and the printed code makes either side into the other."""
    statements, told = CASES[case]
    sheet = new_sheet("mariadb").draw(BASE)
    before = sheet.look()
    after = sheet.draw(statements).look()
    differences = compare(before, after)
    assert " + ".join(f"{item.change} {item.key.kind} {item.key.full_name}" for item in differences) == told
    assert sheet.settle(before) == ()
    assert sheet.settle(after) == ()
