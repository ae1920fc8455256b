"""Differences in words, exactly as a reader gets them."""

from collections.abc import Callable
from typing import Any

import pytest

from alembic_proof.schema.diff import compare
from alembic_proof.schema.operations import settle
from alembic_proof.schema.sentences import describe, line
from alembic_proof.schema.text import as_text

BASE = """
CREATE TABLE post (id INTEGER NOT NULL PRIMARY KEY, slug VARCHAR(20), title TEXT NOT NULL, CONSTRAINT uq_slug UNIQUE (slug));
CREATE TABLE note (id INTEGER NOT NULL PRIMARY KEY)
"""
SAID = (
    (
        "CREATE INDEX ix_post_slug ON post (slug)",
        "Index ix_post_slug on table post was there after the downgrade and not before the upgrade.",
        ("+ INDEX ix_post_slug ON post (slug)",),
        "op.drop_index('ix_post_slug', table_name='post')",
    ),
    (
        "ALTER TABLE post ADD COLUMN body TEXT DEFAULT 'x'",
        "Column post.body was there after the downgrade and not before the upgrade.",
        ("+ COLUMN post.body TEXT DEFAULT 'x'",),
        "op.drop_column('post', 'body')",
    ),
    (
        "DROP TABLE note",
        "Table note was there before the upgrade and not after the downgrade.",
        ("- TABLE note (id)",),
        (
            "op.create_table('note',\nsa.Column('id', sa.INTEGER(), autoincrement=False, nullable=False),\n"
            "sa.PrimaryKeyConstraint('id')\n)"
        ),
    ),
    (
        "ALTER TABLE post RENAME COLUMN slug TO handle",
        "Column post.slug was named slug before the upgrade and handle after the downgrade.",
        ("~ COLUMN post.slug  name: slug -> handle",),
        "op.alter_column('post', 'handle',\n           new_column_name='slug')",
    ),
    (
        "CREATE VIEW slugs AS SELECT slug FROM post",
        "View slugs was there after the downgrade and not before the upgrade.",
        ("+ VIEW slugs AS CREATE VIEW slugs AS SELECT slug FROM post",),
        'op.execute("DROP VIEW slugs")',
    ),
)


@pytest.mark.parametrize(("statement", "sentence", "lines", "code"), SAID, ids=[said[0] for said in SAID])
def test_a_difference_reads_like_a_sentence(
    statement: str, sentence: str, lines: tuple[str, ...], code: str, new_sheet: Callable[[str], Any]
) -> None:
    """The sentence, the lines and the code to paste are these, to the letter."""
    sheet = new_sheet("sqlite").draw(BASE)
    before = sheet.look()
    [difference] = compare(before, sheet.draw(statement).look())
    assert describe(difference, "before the upgrade", "after the downgrade") == sentence
    assert line(difference) == lines
    assert settle(difference, "sqlite") == code


def test_a_changed_column_is_one_sentence(new_sheet: Callable[[str], Any]) -> None:
    """Type and nullability of one column are told together, and settled by one call."""
    one = new_sheet("sqlite").draw("CREATE TABLE t (a VARCHAR(5), b INTEGER)").look()
    other = new_sheet("sqlite").draw("CREATE TABLE t (a TEXT NOT NULL, b INTEGER)").look()
    [difference] = compare(one, other)
    assert describe(difference) == (
        "Column t.a differed: the type was VARCHAR(5) in the expected schema and TEXT in the actual schema; "
        "it was nullable in the expected schema and NOT NULL in the actual schema."
    )
    assert line(difference) == ("~ COLUMN t.a  type: VARCHAR(5) -> TEXT", "~ COLUMN t.a  nullable: true -> false")
    assert settle(difference, "sqlite") == (
        "with op.batch_alter_table('t') as batch_op:\n"
        "    batch_op.alter_column('a',\n"
        "               existing_type=sa.TEXT(),\n"
        "               type_=sa.VARCHAR(length=5),\n"
        "               nullable=True)"
    )


def test_column_order_counts_only_if_asked_for(new_sheet: Callable[[str], Any]) -> None:
    """The same columns in another order are equal, and differ for whoever asks."""
    one = new_sheet("sqlite").draw("CREATE TABLE t (a TEXT, b INTEGER)").look()
    other = new_sheet("sqlite").draw("CREATE TABLE t (b INTEGER, a TEXT)").look()
    assert compare(one, other) == ()
    assert [item.changed_properties() for item in compare(one, other, column_order=True)] == [("position",), ("position",)]


def test_a_snapshot_as_text(new_sheet: Callable[[str], Any]) -> None:
    """The text of a schema is stable and says each object in a line."""
    assert as_text(new_sheet("sqlite").draw(BASE).look()) == (
        "TABLE note\n"
        "    COLUMN note.id INTEGER NOT NULL\n"
        "    PRIMARY KEY ON note (id)\n"
        "TABLE post\n"
        "    COLUMN post.id INTEGER NOT NULL\n"
        "    COLUMN post.slug VARCHAR(20)\n"
        "    COLUMN post.title TEXT NOT NULL\n"
        "    PRIMARY KEY ON post (id)\n"
        "    UNIQUE uq_slug ON post (slug)\n"
    )


def test_the_database_itself_is_the_first_line(new_sheet: Callable[[str], Any]) -> None:
    """What holds for the whole of a MariaDB database is said before its tables."""
    text = as_text(new_sheet("mariadb").draw("CREATE TABLE a (b INT)").look())
    assert text.startswith("DATABASE itself")
