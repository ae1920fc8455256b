"""What is kept of AP306: the same rows on the same ways, and none where rows were not wanted."""

from pathlib import Path

import pytest

from tests.store.proving import Kept, assert_equal_without, told, unchanged

PATHS = ("AP306",)
TABLES = """\
op.create_table("item", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("state", sa.String(20)))
op.create_table("mark", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("why", sa.String(20)))"""
NO_TABLES = 'op.drop_table("mark")\nop.drop_table("item")'
LEAVE_A_MARK = "op.execute(\"INSERT INTO mark (why) VALUES ('went down')\")"
GO_BY_MARKS = "op.execute(\"UPDATE item SET state = 'closed' WHERE EXISTS (SELECT 1 FROM mark WHERE why = 'went down')\")"


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_rows_that_the_way_decides_are_kept(tmp_path: Path, database: str) -> None:
    """A finding about rows is told again without a run, and with a revision on top; `--no-rows` is another run."""
    project = Kept(tmp_path).tracing("a1", TABLES, NO_TABLES)
    project.tracing("b2", "pass", LEAVE_A_MARK).tracing("c3", GO_BY_MARKS)
    first = project.prove(database, checks=PATHS)
    assert [(finding.revision, finding.object) for finding in first.findings] == [("c3", "item.state")]
    project.ran()

    again = project.prove(database, checks=PATHS)
    assert (project.ran(), told(again)) == (set(), told(first))
    assert project.prove(database, checks=PATHS, with_rows=False).findings == ()

    project.ran()
    project.tracing("d4", 'op.create_table("other", sa.Column("id", sa.Integer()))', 'op.drop_table("other")')
    report = project.prove(database, checks=PATHS)
    assert (project.ran(), unchanged(report)) == ({"d4"}, 3)
    assert_equal_without(project, report, database, checks=PATHS)
