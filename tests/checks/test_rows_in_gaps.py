"""AP601: rows of the old code that come between two statements of an upgrade."""

import re
import textwrap
from pathlib import Path

import pytest

from alembic_proof.findings import Finding, Outcome
from alembic_proof.reports.text import render_findings
from alembic_proof.testing import PlantedProject

CHECKS = ("old-code-still-runs",)
TABLES = ("filled", "defaulted", "copied", "required", "strict")
MAKE = f"""
for name in {TABLES}:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("name", sa.String(50), nullable=False),
        sa.Column("note", sa.String(20)),
    )
"""
TIER = 'sa.Column("tier", sa.String(10), nullable=True)'
BAD = {
    "filled": f"""
op.add_column("filled", {TIER})
op.execute("UPDATE filled SET tier = 'basic'")
op.alter_column("filled", "tier", existing_type=sa.String(10), server_default="basic", nullable=False)
""",
    "defaulted": f"""
op.add_column("defaulted", {TIER})
op.execute("UPDATE defaulted SET tier = 'basic'")
op.alter_column("defaulted", "tier", existing_type=sa.String(10), server_default="basic")
""",
    "copied": """
op.execute("CREATE TABLE copy LIKE copied")
op.execute("INSERT INTO copy SELECT * FROM copied")
op.execute("DROP TABLE copied")
op.execute("ALTER TABLE copy RENAME TO copied")
""",
    "required": f"""
op.add_column("required", {TIER})
op.execute("UPDATE required SET tier = 'basic'")
op.alter_column("required", "tier", existing_type=sa.String(10), nullable=False)
""",
}
CLEAN = {
    "filled": """
op.add_column("filled", sa.Column("tier", sa.String(10), nullable=False, server_default="basic"))
for row in op.get_bind().execute(sa.text("SELECT id FROM filled")).all():
    op.execute(f"UPDATE filled SET tier = 'gold' WHERE id = {row.id} AND name = 'x'")
op.alter_column("filled", "tier", existing_type=sa.String(10), type_=sa.String(20), server_default="basic", nullable=False)
""",
    "defaulted": f"""
op.add_column("defaulted", {TIER})
op.alter_column("defaulted", "tier", existing_type=sa.String(10), server_default="basic")
op.execute("UPDATE defaulted SET tier = 'basic' WHERE tier IS NULL")
op.create_index("ix_tier", "defaulted", ["tier"])
""",
    "required": f"""
op.execute("LOCK TABLES required WRITE")
op.add_column("required", {TIER})
op.execute("UPDATE required SET tier = 'basic'")
op.alter_column("required", "tier", existing_type=sa.String(10), server_default="basic", nullable=False)
op.execute("UNLOCK TABLES")
""",
    "strict": """
op.execute("UPDATE strict SET note = '' WHERE note IS NULL")
op.create_index("ix_note", "strict", ["note"])
""",
}


def history(root: Path, upgrades: dict[str, str]) -> PlantedProject:
    """All tables, then a revision for each upgrade."""
    project = PlantedProject(root).revision("tables", MAKE, None)
    for name, upgrade in upgrades.items():
        project.revision(name, upgrade, f'op.drop_column("{name}", "tier")' if "tier" in upgrade else "pass")
    return project


def test_on_mariadb_every_statement_leaves_a_gap(tmp_path: Path, mariadb_url: str) -> None:
    """A row stops the upgrade, stays without a value, is lost or refused; each is told with the gap, and those alone."""
    report = history(tmp_path, BAD).verify(mariadb_url, checks=CHECKS)
    told = [(finding.revision, finding.object, _short(finding)) for finding in report.findings]

    assert told == [
        ("filled", "filled.tier", "between line 12 and line 13 made the upgrade fail, which passes without it"),
        ("defaulted", "defaulted.tier", "between line 12 and line 13 was left with NULL in defaulted.tier"),
        ("copied", "copied", "between line 12 and line 13 was gone after the upgrade"),
        ("copied", "copied", "between line 13 and line 14 failed, and runs before the upgrade and after it"),
        ("required", "required.tier", "An INSERT that does not know required.tier ran before the upgrade and failed after it"),
    ], render_findings(report.findings)
    [stopped, *_, required] = report.findings
    assert stopped.seen[0] == "line 12: UPDATE filled SET tier = 'basic'"
    assert stopped.seen[1].startswith("old code: INSERT INTO `filled` (`id`, `name`, `note`) VALUES (")
    assert stopped.seen[2] == "line 13: ALTER TABLE filled MODIFY tier VARCHAR(10) NOT NULL DEFAULT 'basic'"
    assert stopped.seen[3].startswith("DataError: Data truncated for column 'tier'")
    assert stopped.line == 13
    assert "between line 12 and line 13 made the upgrade fail" in required.seen[-1]
    assert [outcome.reason for outcome in report.outcomes if outcome.outcome is Outcome.NOT_PROVED] == []


def test_on_mariadb_the_clean_twins_are_silent(tmp_path: Path, mariadb_url: str) -> None:
    """A default that is there from the start, rows changed one by one, and a lock that keeps old code waiting."""
    report = history(tmp_path, CLEAN).verify(mariadb_url, checks=CHECKS)

    assert report.findings == (), render_findings(report.findings)
    assert {outcome.outcome for outcome in report.outcomes} == {Outcome.PROVED}


AUTOCOMMIT = f"""
op.add_column("filled", {TIER})
with op.get_context().autocommit_block():
    op.execute("UPDATE filled SET tier = 'basic'")
op.alter_column("filled", "tier", existing_type=sa.String(10), server_default="basic", nullable=False)
"""


def test_on_postgresql_autocommit_leaves_gaps(tmp_path: Path, postgresql_url: str) -> None:
    """What stops the upgrade outside of its transaction is told; inside of it there is no gap."""
    bad = history(tmp_path / "bad", {"filled": AUTOCOMMIT}).verify(postgresql_url, checks=CHECKS)
    clean = history(tmp_path / "clean", {"filled": BAD["filled"]}).verify(postgresql_url, checks=CHECKS)

    assert [_short(finding) for finding in bad.findings] == [
        "between line 13 and line 14 made the upgrade fail, which passes without it"
    ], render_findings(bad.findings)
    assert bad.findings[0].seen[3] == 'NotNullViolation: column "tier" of relation "filled" contains null values'
    assert clean.findings == (), render_findings(clean.findings)


@pytest.mark.parametrize("database", ["postgresql", "mariadb"])
def test_the_fix_silences_it(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """With the printed line in the place of the one that adds the column, no row comes without a value."""
    url = request.getfixturevalue(f"{database}_url")
    upgrade = AUTOCOMMIT if database == "postgresql" else BAD["filled"]
    [finding] = history(tmp_path, {"filled": upgrade}).verify(url, checks=CHECKS).findings
    first, _, rest = finding.fix.partition("\n")
    mended = upgrade.replace(f'op.add_column("filled", {TIER})', rest.rpartition("\nwhere no such code")[0])

    assert first == "in upgrade(), where filled.tier is added, with its server default at once:"
    assert mended != upgrade
    assert history(tmp_path, {"filled": mended}).verify(url, checks=CHECKS).findings == ()


def test_a_default_for_a_column_that_is_there(tmp_path: Path, mariadb_url: str) -> None:
    """Where an old column gets a default and NOT NULL, the fix gives it the default first."""
    upgrade = """
op.execute("UPDATE strict SET note = '' WHERE note IS NULL")
op.alter_column("strict", "note", existing_type=sa.String(20), server_default="", nullable=False)
"""
    findings = history(tmp_path, {"strict": upgrade}).verify(mariadb_url, checks=CHECKS).findings
    [stopped] = [finding for finding in findings if "made the upgrade fail" in finding.what]
    fix = stopped.fix.partition("\n")[2].rpartition("\nwhere no such code")[0]
    assert stopped.fix.startswith("in upgrade(), first line, so that no row comes without a value:")
    findings = history(tmp_path, {"strict": f"{textwrap.dedent(fix)}\n{upgrade}"}).verify(mariadb_url, checks=CHECKS).findings

    assert [finding for finding in findings if "made the upgrade fail" in finding.what] == []


def test_on_sqlite_before_the_first_write(tmp_path: Path) -> None:
    """Without a transaction a table that is dropped and made again is not there for a moment."""
    upgrade = """
op.execute("DROP TABLE strict")
op.execute("CREATE TABLE strict (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(50) NOT NULL, note VARCHAR(20))")
"""
    [finding] = history(tmp_path, {"strict": upgrade}).verify(checks=CHECKS).findings

    assert _short(finding) == "between line 11 and line 12 failed, and runs before the upgrade and after it"
    assert finding.seen[-1] == "OperationalError: no such table: strict"


def test_rows_that_stop_the_upgrade_by_themselves(tmp_path: Path) -> None:
    """Where the upgrade fails on rows from before it, that is the reason why no gap was tried."""
    upgrade = 'op.create_index("ix", "strict", ["name"])\nassert not op.get_bind().scalar(sa.text("SELECT count(*) FROM strict"))'
    report = history(tmp_path, {"strict": upgrade}).verify(checks=CHECKS)
    [reason] = [outcome.reason for outcome in report.outcomes if outcome.outcome is Outcome.NOT_PROVED]

    assert reason == "no row of the old code could be put between its statements: its upgrade failed on rows: AssertionError"


def _short(finding: Finding) -> str:
    """What is told, without the row and the database's words."""
    found = re.search(r"between line.*?(?=[:;]|$)", finding.what)
    return found[0] if found else finding.what.partition(": ")[0]


def test_a_row_that_has_its_parent_for_itself(tmp_path: Path, mariadb_url: str) -> None:
    """Where a key is a foreign key too, as where a class inherits by a join, each row is written with its parent."""
    project = PlantedProject(tmp_path)
    project.revision(
        "a",
        """
        op.execute("CREATE TABLE person (id INT PRIMARY KEY, name VARCHAR(50) NOT NULL UNIQUE)")
        op.execute("CREATE TABLE employee (id INT PRIMARY KEY, note TEXT, FOREIGN KEY (id) REFERENCES person (id))")
        """,
    )
    project.revision("b", BAD["filled"].replace('"filled"', '"employee"').replace("UPDATE filled", "UPDATE employee"))
    report = project.verify(mariadb_url, checks=CHECKS)

    assert [(one.revision, one.object) for one in report.findings] == [("b", "employee.tier")], render_findings(report.findings)
    assert {one.reason for one in report.outcomes if one.outcome is Outcome.NOT_PROVED} == set()
