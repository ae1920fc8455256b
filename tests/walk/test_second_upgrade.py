"""When the second upgrade is run, and when it follows from the first."""

from pathlib import Path

import pytest

from alembic_proof.testing import ENV_PY, PlantedProject

CREATE = 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))'
DROP = 'op.drop_table("users")'
COUNTING = """
from pathlib import Path
from sqlalchemy import event

def count(connection, cursor, statement, *rest):
    if statement.split()[:3] == ["CREATE", "TABLE", "users"]:
        with Path(__file__).with_name("count.txt").open("a") as file:
            file.write("up ")

if not context.is_offline_mode():
    event.listen(connectable, "before_cursor_execute", count)
"""
HEAD, TAIL = ENV_PY.split("    with connectable.connect()")
COUNTING_ENV_PY = HEAD + "\n".join("    " + line for line in COUNTING.splitlines()) + "\n    with connectable.connect()" + TAIL


def times_run(tmp_path: Path, upgrade: str, downgrade: str, *, faithful: bool = False, header: str = "") -> int:
    """Prove one revision, and count how often its table was created."""
    project = PlantedProject(tmp_path, env_py=COUNTING_ENV_PY).revision("0001", upgrade, downgrade, header=header)
    report = project.verify(checks=["upgrade-repeats"], faithful=faithful)
    assert not report.findings
    return len((tmp_path / "migrations/count.txt").read_text().split())


def test_a_change_of_the_schema_alone_is_not_run_twice(tmp_path: Path) -> None:
    """Create and drop a table: the second upgrade follows."""
    assert times_run(tmp_path, CREATE, DROP) == 1


@pytest.mark.parametrize(
    ("upgrade", "downgrade", "header"),
    [
        (CREATE + '\nop.execute("INSERT INTO users (id) VALUES (1)")', DROP, ""),
        (CREATE, 'op.execute("DELETE FROM users")\n' + DROP, ""),
        (CREATE + "\nop.get_bind().connection.cursor().execute('SELECT 1')", DROP, ""),
        (CREATE, DROP, "import packaging.version\n"),
        (CREATE, "import os\n" + DROP, ""),
    ],
    ids=["rows up", "rows down", "a cursor of the driver's", "another package's code", "the machine"],
)
def test_what_could_do_more_is_run_twice(tmp_path: Path, upgrade: str, downgrade: str, header: str) -> None:
    """Whatever the statements and the file do not rule out is tried."""
    assert times_run(tmp_path, upgrade, downgrade, header=header) == 2


def test_faithful_runs_every_second_upgrade(tmp_path: Path) -> None:
    """--faithful leaves nothing to follow."""
    assert times_run(tmp_path, CREATE, DROP, faithful=True) == 2


def test_rows_that_the_driver_wrote_by_itself_break_the_second_upgrade(tmp_path: Path) -> None:
    """A row that no statement of SQLAlchemy's shows, and that the downgrade leaves, is found all the same."""
    project = PlantedProject(tmp_path).revision("0001", CREATE, DROP)
    insert = "op.get_bind().connection.cursor().execute('INSERT INTO users (id) VALUES (1)')"
    findings = project.revision("0002", insert, "pass").findings(checks=["upgrade-repeats"])
    assert [(finding.code, finding.revision) for finding in findings] == [("AP304", "0002")]
