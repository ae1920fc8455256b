"""What is the same under another name."""

from alembic_proof.schema.diff import Change, compare
from alembic_proof.schema.snapshot import Key, Snapshot


def children(table: str, constraint: str) -> Snapshot:
    """A table with one column, and a foreign key that the database named after it, as MariaDB does."""
    return Snapshot(
        {
            Key("table", None, None, table): {},
            Key("column", None, table, "parent"): {"type": "int", "nullable": True, "position": 1},
            Key("foreign key", None, table, constraint): {
                "columns": ("parent",),
                "referred_table": "parents",
                "referred_columns": ("id",),
            },
        }
    )


def test_a_renamed_table_whose_constraints_are_renamed_with_it() -> None:
    """Both are told as renamed, each under its old name with the new one."""
    differences = compare(children("posts", "posts_ibfk_1"), children("articles", "articles_ibfk_1"))
    assert {(one.change, one.key.full_name, one.renamed_to) for one in differences} == {
        (Change.RENAMED, "posts", "articles"),
        (Change.RENAMED, "posts.posts_ibfk_1", "articles_ibfk_1"),
    }
    assert all(one.actual == one.expected for one in differences)
