"""The same rows, upgraded twice: what counts as another outcome."""

from collections.abc import Mapping
from typing import Any

from alembic_proof.experiments.rows.steadiness import Stage, turned, unsteady
from alembic_proof.row_evidence import Cause
from alembic_proof.rows.planned import Record
from alembic_proof.rows.tables import Column, ForeignKey, Table
from alembic_proof.schema.snapshot import Key, Snapshot


def a_table(name: str, *columns: str, refers_to: str | None = None) -> Table:
    """A table with a counted key."""
    keys = (ForeignKey("fk", ("ref",), refers_to, ("id",)),) if refers_to else ()
    counted = Column(name, "id", "integer", nullable=False, fills_itself=True, is_counted=True)
    others = tuple(Column(name, column, "text", nullable=True) for column in columns)
    return Table(None, name, (counted, *others), ("id",), (("id",),), keys)


def rows(**named: str | None) -> list[Mapping[str, Any]]:
    """Rows with one text each: their keys are 1, 2, ..."""
    return [{"id": number, "s": value} for number, value in enumerate(named.values(), 1)]


def told(one: Mapping[str, Any], other: Mapping[str, Any], old: Mapping[str, Any], *tables: Table, **defaults: str) -> list[str]:
    """What is unsteady, a line each."""
    schema = Snapshot({Key("column", None, "t", name): {"default": default} for name, default in defaults.items()})
    stage = Stage(old, {table.full_name: table for table in tables}, schema)
    found = unsteady(one, other, stage, Cause.ANOTHER_RUN)
    return [f"{x.row or x.table} {x.column or '-'} {x.values[0]} {x.values[1]}" for x in found]


def test_old_rows_are_paired_by_their_keys() -> None:
    """Another value in a row is told with the row; a row that stayed only once, with its key."""
    old = {"t": rows(a="a", b="b")}
    table = a_table("t", "s")

    assert told({"t": rows(a="x", b="y")}, {"t": rows(a="x", b="z")}, old, table) == ["t(id=2) s 'y' 'z'"]
    assert told({"t": rows(a="x", b="y")}, {"t": rows(a="x")}, old, table) == ["t(id=2) - there gone"]
    assert told({"t": rows(a="x")}, {"t": rows(a="x", b="y")}, old, table) == ["t(id=2) - gone there"]
    assert told({"t": rows(a="x", b="y")}, {"t": rows(a="x", b="y")}, old, table) == []


def test_new_rows_may_have_other_keys() -> None:
    """Rows that the upgrade made are compared as a heap: which of them got which number is nobody's business."""
    table = a_table("t", "s")

    assert told({"t": rows(a="x", b="y")}, {"t": rows(b="y", a="x")}, {}, table) == []
    assert told({"t": rows(a="x", b="y")}, {"t": rows(a="x", b="z")}, {}, table) == ["t s 'y' 'z'"]
    assert told({"t": rows(a="x", b="y")}, {"t": rows(a="x")}, {}, table) == ["t s 'y' nothing"]


def test_what_databases_stamp_is_left_out() -> None:
    """A default that differs each time, a reference to a counted key, a table with a trigger."""
    table, old = a_table("t", "s"), {"t": rows(a="a")}
    one, other = {"t": rows(a="x")}, {"t": rows(a="y")}

    assert told(one, other, old, table, s="now()") == []
    assert told(one, other, old, table, s="CURRENT_TIMESTAMP") == []
    assert told(one, other, old, table, s="'known'") == ["t(id=1) s 'x' 'y'"]
    with_trigger = Stage(old, {"t": table}, Snapshot({Key("trigger", None, "t", "stamp"): {}}))
    assert list(unsteady(one, other, with_trigger, Cause.ANOTHER_RUN)) == []
    refers = a_table("t", "ref", refers_to="u")
    assert told({"t": [{"id": 1, "ref": 1}]}, {"t": [{"id": 1, "ref": 2}]}, {"t": [{"id": 1, "ref": None}]}, refers) == []


def test_turned_rows_keep_parents_first() -> None:
    """Each table's rows are turned, but not those of a table that refers to itself."""
    tables = {"t": a_table("t"), "u": a_table("u", "ref", refers_to="u")}
    records = [Record(name, {"id": number}) for name in ("t", "u") for number in (1, 2)]

    assert [(one.table, one.cells["id"]) for one in turned(records, tables)] == [("t", 2), ("t", 1), ("u", 1), ("u", 2)]
