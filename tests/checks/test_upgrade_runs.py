"""AP301: an upgrade that fails, with the line and the database's own words."""

from pathlib import Path

from alembic_proof.findings import Outcome
from alembic_proof.reports.text import render
from alembic_proof.testing import PlantedProject
from tests.checks.copies import Planted

ON_DATABASES = ("AP301", "AP302", "AP303", "AP304", "AP305", "AP307", "AP401")


def test_the_printed_line_is_the_one_to_correct(planted: Planted) -> None:
    """When the line that is named is corrected, the command that is printed proves the revision."""
    copy = planted("upgrade_runs", "bad")
    [finding] = copy.verify(checks=("upgrade-runs",)).findings
    place, _, command = finding.fix.removeprefix("correct ").partition(", then run this revision alone:  ")
    lines = copy.file_of("0002").read_text(encoding="utf-8").splitlines()
    at_fault = lines.index('    op.create_index("ix_customer_email", "customer", ["mail"])') + 1
    assert place == f"migrations/versions/0002_email_index.py:{at_fault}"
    copy.replace("migrations/versions/0002_email_index.py", '["mail"]', '["email"]')
    proved = copy.run(command)

    assert proved.returncode == 0, proved.stdout + proved.stderr
    assert "Nothing broken" in proved.stdout


def test_what_lies_above_is_not_proved(tmp_path: Path) -> None:
    """One failure is told once; the revisions above it say which one stopped them."""
    project = PlantedProject(tmp_path)
    project.revision("a").revision("b", upgrade='op.drop_table("nowhere")').revision("c").revision("d")
    report = project.verify(checks=ON_DATABASES)

    assert [(finding.code, finding.revision) for finding in report.findings] == [("AP301", "b")]
    reasons = {v.revision: v.reason for v in report.outcomes if v.check == "upgrade-runs" and v.outcome is Outcome.NOT_PROVED}
    assert reasons == {
        "c": "the upgrade of b below it did not succeed",
        "d": "the upgrade of b below it did not succeed",
    }


def test_an_extension_that_the_server_lacks(tmp_path: Path, postgresql_url: str) -> None:
    """What says nothing about production convicts nobody: it is not proved, with what to do, and told once for all checks."""
    project = PlantedProject(tmp_path)
    project.revision("a", 'op.execute("CREATE EXTENSION IF NOT EXISTS no_such")', 'op.execute("DROP EXTENSION no_such")')
    project.revision("b", 'op.create_table("t", sa.Column("id", sa.Integer(), primary_key=True))', 'op.drop_table("t")')
    report = project.verify(postgresql_url, checks=ON_DATABASES)
    lacks = "the server that it was tried on lacks the extension no_such: give --on the URL of a PostgreSQL that has it"

    assert report.findings == ()
    assert {v.revision: v.reason for v in report.outcomes if v.check == "upgrade-runs"} == {
        "a": lacks,
        "b": "the upgrade of a below it did not succeed",
    }
    above = "upgrade-runs, downgrade-runs, downgrade-restores-schema, upgrade-repeats: the upgrade of a below it did not succeed"
    assert above in render(report)


def test_a_base_that_expects_tables_is_told_of_the_prelude(tmp_path: Path) -> None:
    """The setting as it is printed, with the file that it names, silences the finding."""
    project = PlantedProject(tmp_path).revision(
        "a", upgrade='op.add_column("users", sa.Column("age", sa.Integer()))', downgrade='op.drop_column("users", "age")'
    )
    [finding] = project.findings(checks=ON_DATABASES)
    table, _, setting = finding.fix.partition(":  ")
    assert table == "in [tool.alembic_proof], what makes the tables that this base expects"
    project.file("pyproject.toml", f"[tool.alembic_proof]\n{setting}\n")
    project.file("schema.sql", "CREATE TABLE users (id INTEGER PRIMARY KEY);")

    assert finding.what == "The upgrade failed on a new sqlite database: OperationalError: no such table: users"
    assert project.findings(checks=ON_DATABASES) == ()


def test_a_role_that_servers_have(tmp_path: Path, postgresql_url: str) -> None:
    """What a GRANT expects is made by the lines that are printed, and the history is proved, rows and all."""
    project = PlantedProject(tmp_path)
    project.revision("a", 'op.execute("CREATE TABLE t (id serial PRIMARY KEY, v text)")', 'op.execute("DROP TABLE t")')
    project.revision("b", 'op.execute("GRANT SELECT ON t TO reads_only")', 'op.execute("REVOKE SELECT ON t FROM reads_only")')
    project.revision("c", 'op.add_column("t", sa.Column("w", sa.Text()))', 'op.drop_column("t", "w")')
    [finding] = project.findings(postgresql_url, checks=("AP301",))
    setting, sql, _ = (line.partition(":  ")[2] for line in finding.fix.splitlines())
    project.file("pyproject.toml", f"[tool.alembic_proof]\n{setting}\n").file("roles.sql", sql)
    report = project.verify("postgresql", checks=("AP301", "AP303", "AP501", "AP502", "AP503", "AP504"))

    assert finding.revision == "b"
    assert {(one.outcome, one.reason) for one in report.outcomes} == {(Outcome.PROVED, None)}
