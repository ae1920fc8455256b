"""Rows at the end of two ways: what counts as a difference, and what does not."""

from collections.abc import Mapping

from alembic_proof.evidence import Apart
from alembic_proof.experiments.paths.rows import apart
from alembic_proof.schema.snapshot import Key, Snapshot, Value

Rows = list[dict[str, object]]


def schema_of(**tables: Mapping[str, dict[str, Value]]) -> Snapshot:
    """Tables with a counted key and some columns of text; a column "..._id" refers to the table before the "_"."""
    objects: dict[Key, Mapping[str, Value]] = {}
    for table, columns in tables.items():
        objects[Key("table", None, None, table)] = {}
        objects[Key("primary key", None, table, f"{table}_pkey")] = {"columns": ("id",)}
        key: dict[str, Value] = {"type": "INTEGER", "nullable": False}
        for position, (name, more) in enumerate({"id": key, **columns}.items()):
            objects[Key("column", None, table, name)] = {"type": "TEXT", "nullable": True, "position": position, **more}
            if name.endswith("_id"):
                referred: dict[str, Value] = {
                    "columns": (name,),
                    "referred_table": name.removesuffix("_id"),
                    "referred_columns": ("id",),
                }
                objects[Key("foreign key", None, table, f"{name}_key")] = referred
    return Snapshot(objects)


SCHEMA = schema_of(item={"name": {}, "box_id": {"type": "INTEGER"}}, box={"size": {}})
BEGUN = {"item": [{"id": 1, "name": "a", "box_id": 1}, {"id": 2, "name": "b", "box_id": None}], "box": [{"id": 1, "size": "s"}]}


def items(*rows: tuple[int, str, int | None]) -> dict[str, Rows]:
    """Some items, and the box that there was."""
    return {"item": [dict(zip(("id", "name", "box_id"), row, strict=True)) for row in rows], "box": [{"id": 1, "size": "s"}]}


def told(first: dict[str, Rows], second: dict[str, Rows], *, is_return: bool, is_home: bool = False) -> list[Apart]:
    """What came to something else."""
    return list(apart(first, second, BEGUN, SCHEMA, is_return=is_return, is_home=is_home))


HOME = items((1, "a", 1), (2, "b", None))


def test_a_value_and_a_row() -> None:
    """A value that is another one is told by its row and column, a row that is gone by its key."""
    assert told(HOME, items((1, "a", 1), (2, "x", None)), is_return=True) == [Apart("item", "name", "item(id=2)", ("'b'", "'x'"))]
    assert told(HOME, items((1, "a", 1)), is_return=True) == [Apart("item", None, "item(id=2)", ("there", "gone"))]


def test_rows_that_were_made_on_the_way() -> None:
    """Two orders have to make the same rows, however they are counted; what a downgrade leaves is no matter of the old rows."""
    made, again, other = (items((1, "a", 1), (2, "b", None), more) for more in ((3, "new", 1), (7, "new", 2), (3, "old", 1)))

    assert told(made, again, is_return=False) == []
    assert told(made, other, is_return=False) == [Apart("item", "name", None, ("'new'", "'old'"))]
    assert told(HOME, other, is_return=True) == []


def test_references() -> None:
    """What rows refer to is compared where they were written: elsewhere it may have been numbered anew."""
    moved = items((1, "a", 2), (2, "b", None))

    assert told(HOME, moved, is_return=True) == []
    assert told(HOME, moved, is_return=True, is_home=True) == [Apart("item", "box_id", "item(id=1)", ("1", "2"))]
