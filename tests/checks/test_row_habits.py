"""AP501 and AP502: notes on what an upgrade's own statements do with rows."""

from pathlib import Path

import hypothesis
import pytest

from alembic_proof.findings import Outcome, Severity
from alembic_proof.reports.report import RowsSummary
from alembic_proof.testing import PlantedProject
from tests.checks.row_hazard import TEXT, table

CHECKS = ("AP501", "AP502")


def test_a_note_breaks_nothing(tmp_path: Path) -> None:
    """What loads a table and what is made up each time is noted with its line; what was made up stands among what was seen."""
    project = PlantedProject(tmp_path).revision("a", table(TEXT), None)
    project.revision(
        "b",
        """
        op.add_column("t", sa.Column("token", sa.Text()))
        for row in op.get_bind().execute(sa.text("SELECT id FROM t")).all():
            op.execute(sa.text("UPDATE t SET token = hex(randomblob(4)) WHERE id = :id").bindparams(id=row.id))
        """,
        'op.drop_column("t", "token")',
    )
    report = project.verify(checks=CHECKS)
    [loads, chance] = report.findings

    assert report.rows == RowsSummary(25, 0, hypothesis.__version__)
    assert {loads.severity, chance.severity} == {Severity.NOTE}
    assert {outcome.outcome for outcome in report.outcomes} == {Outcome.PROVED}
    assert (loads.code, loads.object, loads.line, loads.seen) == ("AP501", "t", 12, ("line 12: SELECT id FROM t",))
    assert (chance.code, chance.object, chance.line) == ("AP502", "t.token", 13)
    assert chance.what == "Two upgrades of the same rows gave t.token other values."
    assert chance.seen[0] == "line 13: UPDATE t SET token = hex(randomblob(4)) WHERE id = ?"
    assert chance.seen[1].startswith("t(id=1): once '")


def test_rows_that_come_in_parts(tmp_path: Path) -> None:
    """Rows that are read one by one, in parts, or counted are not loaded; what a trigger stamps is not made up by the upgrade."""
    trigger = "CREATE TRIGGER stamp AFTER UPDATE ON t BEGIN UPDATE t SET s = hex(randomblob(4)) WHERE id = new.id; END"
    project = PlantedProject(tmp_path).revision("a", f'{table(TEXT)}\nop.execute("{trigger}")', None)
    project.revision(
        "b",
        """
        bind = op.get_bind()
        for row in bind.execute(sa.text("SELECT id FROM t")):
            bind.execute(sa.text("SELECT 1"))
        for row in bind.execute(sa.text("SELECT id, s FROM t"), execution_options={"yield_per": 500}):
            pass
        bind.scalar(sa.text("SELECT count(*) FROM t"))
        op.execute("UPDATE t SET id = id")
        """,
    )

    assert project.verify(checks=("AP501",)).findings == ()


def test_which_rows_stay(tmp_path: Path, postgresql_url: str) -> None:
    """A deletion that keeps whichever row comes first is noted with the table."""
    project = PlantedProject(tmp_path).revision("a", table(TEXT), None)
    first = "SELECT min(ctid) FROM t GROUP BY id % 2"
    project.revision("b", f'op.execute("DELETE FROM t WHERE ctid NOT IN ({first})")')
    notes = [one for one in project.verify(postgresql_url, checks=("AP502",)).findings if one.severity is Severity.NOTE]

    assert [(one.object, one.what) for one in notes] == [
        ("t", "Two upgrades of the same rows, written in two orders, left other rows.")
    ]


@pytest.mark.parametrize(
    ("database", "before", "change"),
    [
        ("postgresql", "TIMESTAMP", "ALTER TABLE {t} ALTER at TYPE timestamptz"),
        ("postgresql", "TIMESTAMPTZ", "ALTER TABLE {t} ADD day date; UPDATE {t} SET day = at::date"),
        ("mariadb", "TIMESTAMP NULL", "ALTER TABLE {t} MODIFY at DATETIME NULL"),
    ],
)
def test_the_time_zone_of_the_session(
    database: str, before: str, change: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """A cast that takes the session's time zone for granted is noted; with the printed line, which says the zone, it is not."""
    tables = (f'op.execute("CREATE TABLE {name} (id INT NOT NULL PRIMARY KEY, at {before})")' for name in ("t", "u"))
    project = PlantedProject(tmp_path).revision("a", "\n".join(tables), None)
    url = request.getfixturevalue(f"{database}_url")
    [note] = project.revision("b", f'op.execute("{change.format(t="t")}")', None).verify(url, checks=("AP502",)).findings

    assert note.severity is Severity.NOTE
    assert note.what.startswith("Two upgrades of the same rows, in sessions of two time zones, gave t.")
    line = note.fix.removeprefix("in upgrade(), first line:  ")
    project.revision("c", f'{line}\nop.execute("{change.format(t="u")}")', None)
    assert [one.revision for one in project.verify(url, checks=("AP502",)).findings] == ["b"]
