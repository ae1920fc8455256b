"""What env.py's include_name and include_object are asked, and what their answers leave out."""

from typing import Any

import pytest
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, MetaData, String, Table, UniqueConstraint

from alembic_proof.experiments.inclusion import Inclusion
from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.snapshot import Key

MODELS = MetaData()
USERS = Table(
    "users",
    MODELS,
    Column("id", Integer, primary_key=True),
    Column("name", String(50)),
    UniqueConstraint("name", name="uq_users_name"),
    CheckConstraint("id > 0", name="ck_users_id"),
    Index("ix_users_name", "name"),
)
Table("notes", MODELS, Column("id", Integer, primary_key=True), Column("user", ForeignKey("users.id")), schema="audit")


def difference(kind: str, table: str | None, name: str, change: Change = Change.EXTRA, schema: str | None = None) -> Difference:
    """Make one; only its key and its change matter here."""
    return Difference(change, Key(kind, schema, table, name), None, None)


ALEMBICS_WORDS = {"unique": "unique_constraint", "foreign key": "foreign_key_constraint"}
PARTS = [
    ("table", None, "legacy"),
    ("column", "users", "age"),
    ("index", "users", "ix_users_age"),
    ("unique", "users", "uq_users_age"),
    ("foreign key", "users", "fk_users_boss"),
]


@pytest.mark.parametrize(("kind", "table", "name"), PARTS)
def test_include_object_is_asked_with_an_object_of_its_kind(kind: str, table: str | None, name: str) -> None:
    """A reflected object stands in for what only the database has: it has the name and the table that Alembic would give."""
    asked: list[tuple[Any, ...]] = []

    def include_object(item: Any, own_name: str, type_: str, reflected: bool, compare_to: Any) -> bool:  # noqa: FBT001
        owner = item if type_ == "table" else item.table
        asked.append((owner.name, own_name, type_, reflected, compare_to))
        return own_name != name

    assert not Inclusion({"include_object": include_object}, [MODELS]).admits(difference(kind, table, name))
    assert asked[-1] == (table or name, name, ALEMBICS_WORDS.get(kind, kind), True, None)


@pytest.mark.parametrize(
    ("kind", "table", "name"),
    [
        ("table", None, "users"),
        ("column", "users", "name"),
        ("index", "users", "ix_users_name"),
        ("unique", "users", "uq_users_name"),
    ],
)
def test_include_object_is_given_the_models_own_object(kind: str, table: str | None, name: str) -> None:
    """What the models have is shown as the models have it."""
    seen: list[Any] = []

    def include_object(item: Any, *_rest: Any) -> bool:
        seen.append(item)
        return True

    assert Inclusion({"include_object": include_object}, [MODELS]).admits(difference(kind, table, name, Change.MISSING))
    own = {"users": USERS, "name": USERS.c.name}.get(name)
    assert seen[-1] is own if own is not None else seen[-1].name == name


def test_a_table_that_is_left_out_takes_its_parts_along() -> None:
    """Alembic never compares the columns of a table that include_object refuses."""
    inclusion = Inclusion({"include_object": lambda _item, name, *_rest: name != "users"}, [MODELS])
    assert not inclusion.admits(difference("column", "users", "age"))
    assert not inclusion.admits(difference("check", "users", "ck_users_id", Change.CHANGED))
    assert inclusion.admits(difference("column", "notes", "age", schema="audit"))


def test_include_name_is_asked_of_what_the_database_has() -> None:
    """With the parents' names that Alembic gives; the models' own objects are not asked about by name."""
    asked: list[tuple[str, str, dict[str, str | None]]] = []

    def include_name(name: str, type_: str, parents: dict[str, str | None]) -> bool:
        asked.append((name, type_, parents))
        return name not in {"legacy", "age"}

    inclusion = Inclusion({"include_name": include_name}, [MODELS])
    assert not inclusion.admits(difference("table", None, "legacy"))
    assert not inclusion.admits(difference("column", "users", "age"))
    assert inclusion.admits(difference("column", "users", "name", Change.MISSING))
    assert asked == [
        ("legacy", "table", {"schema_name": None, "schema_qualified_table_name": "legacy"}),
        ("age", "column", {"schema_name": None, "table_name": "users", "schema_qualified_table_name": "users"}),
    ]


def test_a_schema_that_no_model_is_in_needs_include_schemas() -> None:
    """Alembic itself compares the default schema alone unless asked."""
    elsewhere = difference("table", None, "jobs", schema="queue")
    assert not Inclusion({}, [MODELS]).admits(elsewhere)
    assert not Inclusion({}, [MODELS]).admits(difference("schema", None, "queue"))
    assert Inclusion({"include_schemas": True}, [MODELS]).admits(elsewhere)
    assert Inclusion({}, [MODELS]).admits(difference("table", None, "jobs", schema="audit"))


def test_a_name_that_the_models_leave_open_is_not_compared() -> None:
    """A key named by the database in one place and by a migration in the other is one key."""
    inclusion = Inclusion({}, [MODELS])
    assert not inclusion.admits(difference("primary key", "users", "users_pkey", Change.RENAMED))
    assert inclusion.admits(difference("unique", "users", "uq_users_name", Change.RENAMED))


def test_kinds_that_alembic_does_not_ask_about_are_compared() -> None:
    """A view or an enum is told whatever the hooks say of tables."""
    inclusion = Inclusion({"include_object": lambda *_arguments: False}, [MODELS])
    assert inclusion.admits(difference("enum", None, "mood"))
