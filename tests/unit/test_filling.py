"""Recorded statements with values in their places."""

from alembic_proof.experiments.code.filling import Filler
from alembic_proof.experiments.code.recipes import Code
from alembic_proof.experiments.code.stage import Stage
from alembic_proof.experiments.code.touched import Touched
from alembic_proof.recording.meaning import meaning_of
from alembic_proof.rows.planned import Record
from alembic_proof.rows.tables import tables_of
from alembic_proof.schema.diff import Change, Difference, Properties
from alembic_proof.schema.snapshot import Key, Snapshot

NUMBER: Properties = {"type": "INTEGER", "nullable": False, "default": None, "generated": None, "collation": None}
RULE: Properties = {
    "columns": ("p",),
    "referred_table": "parent",
    "referred_columns": ("id",),
    "on_delete": "CASCADE",
    "on_update": "NO ACTION",
    "deferrable": None,
}
SCHEMA = Snapshot(
    {
        Key("table", None, None, "parent"): {},
        Key("column", None, "parent", "id"): {**NUMBER, "position": 1},
        Key("primary key", None, "parent", "pk"): {"columns": ("id",)},
        Key("table", None, None, "child"): {},
        Key("column", None, "child", "id"): {**NUMBER, "position": 1},
        Key("column", None, "child", "p"): {**NUMBER, "position": 2},
        Key("primary key", None, "child", "pk"): {"columns": ("id",)},
        Key("foreign key", None, "child", "fk"): RULE,
    }
)
DELETE = "DELETE FROM parent WHERE parent.id = {int}"


def test_a_delete_is_tried_of_a_row_that_others_refer_to() -> None:
    """Beside the row that comes first, one goes that a child's row refers to, if the child's foreign key has another rule."""
    changed = Difference(Change.CHANGED, Key("foreign key", None, "child", "fk"), RULE, {**RULE, "on_delete": "NO ACTION"})
    tables = tables_of(SCHEMA)
    codes = {
        "parent": Code(tables["parent"], Touched(), "sqlite"),
        "child": Code(tables["child"], Touched(differences=[changed]), "sqlite"),
    }
    stage = Stage(lambda _: (), "sqlite", tables, tables)
    stage.rows = {
        "parent": [Record("parent", {"id": 1}), Record("parent", {"id": 2})],
        "child": [Record("child", {"id": 5, "p": 2})],
    }
    filler = Filler("sqlite", codes)
    sendings = list(filler.sendings(DELETE, meaning_of(DELETE, "sqlite")))

    assert [filler.statements(one, stage) for one in sendings] == [
        ["DELETE FROM parent WHERE parent.id = 1"],
        ["DELETE FROM parent WHERE parent.id = 2"],
    ]
    assert [(one.does, one.is_plain) for one in sendings] == [
        ("A recorded DELETE from parent", True),
        ("A recorded DELETE from parent, of a row that one of child refers to,", False),
    ]
