"""Which differences have to do with one another."""

import pytest

from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.related import related
from alembic_proof.schema.snapshot import Key


def column(table: str, name: str, type_: str = "integer") -> Difference:
    """A column that the expected schema has and the actual one lacks."""
    return Difference(Change.MISSING, Key("column", None, table, name), {"type": type_}, None)


def foreign_key(table: str, referred: str) -> Difference:
    """A foreign key that is lacking."""
    return Difference(Change.MISSING, Key("foreign key", None, table, "fk"), {"referred_table": referred}, None)


def free(kind: str, name: str, definition: str = "", renamed_to: str | None = None) -> Difference:
    """Something that belongs to no table."""
    return Difference(Change.MISSING, Key(kind, None, None, name), {"definition": definition}, None, renamed_to)


@pytest.mark.parametrize(
    ("differences", "groups"),
    [
        ([], []),
        ([column("a", "x"), column("b", "x"), column("a", "y")], [[0, 2], [1]]),
        ([column("a", "x"), foreign_key("b", "a"), column("c", "x")], [[0, 1], [2]]),
        ([foreign_key("b", "app.a"), column("c", "x"), column("a", "x")], [[0, 2], [1]]),
        ([column("a", "x", "mood[]"), column("b", "x"), free("enum", "mood")], [[0, 2], [1]]),
        ([column("a", "x"), column("b", "x"), free("view", "v", "SELECT x FROM b JOIN a")], [[0, 1, 2]]),
        ([free("function", "f(n integer)"), free("view", "v", "SELECT f(1)"), free("view", "w")], [[0, 1], [2]]),
        ([column("a", "x"), column("b", "x"), free("extension", "uuid-ossp")], [[0, 1, 2]]),
        ([Difference(Change.MISSING, Key("table", "app", None, "a"), {}, None), free("schema", "app")], [[0, 1]]),
        ([free("table", "a", renamed_to="b"), foreign_key("c", "b")], [[0, 1]]),
    ],
)
def test_what_is_settled_together(differences: list[Difference], groups: list[list[int]]) -> None:
    """A table's own differences, and what mentions the name of another that differs; nothing else."""
    assert [[differences.index(one) for one in group] for group in related(differences)] == groups
