"""AP103: who edits a released revision changes new databases and no old one."""

from pathlib import Path

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.findings import Finding, Outcome, Severity
from alembic_proof.reports.report import Report
from alembic_proof.testing import PlantedProject
from tests.checks.copies import Copy, Planted
from tests.doors.door import run

FILE = "migrations/versions/0002_phone.py"
ON_SCHEMAS = ("released-revisions-unchanged", "upgrade-runs")


def test_the_printed_command_accepts_an_edit_on_purpose(planted: Planted) -> None:
    """`alembic-proof lock` as it is printed writes the edited revision down, and every check is content."""
    copy = planted("released_revisions_unchanged", "bad")
    [finding] = copy.verify().findings

    assert copy.run(finding.fix.splitlines()[-1].rpartition(":  ")[2]).returncode == 0
    assert copy.verify().findings == ()


def test_restoring_the_file_silences_it(planted: Planted) -> None:
    """With the code as it was released there is nothing to say."""
    copy = planted("released_revisions_unchanged", "bad")
    [finding] = copy.verify().findings
    assert finding.fix.startswith("restore migrations/versions/0002_phone.py as it was released\n")
    copy.replace(FILE, "sa.String(30)", "sa.String(20)")
    copy.replace("shop/models.py", "String(30)", "String(20)")

    assert copy.verify().findings == ()


def locked(planted: Planted) -> Copy:
    """The good project with a lock of its own, schemas included."""
    copy = planted("released_revisions_unchanged", "good")
    assert run(copy.root, "lock", "--on", "sqlite").status == 0
    return copy


def told(copy: Copy) -> tuple[Finding, ...]:
    """What AP103 says, with the schemas of SQLite at hand."""
    return copy.verify("sqlite", checks=ON_SCHEMAS).findings


def test_another_schema_is_an_error(planted: Planted) -> None:
    """Where the lock was written on this very server the schemas are compared; only the revision that did it is told."""
    copy = locked(planted)
    assert told(copy) == ()
    copy.replace(FILE, "sa.String(20)", "sa.String(30)")
    [finding] = told(copy)

    assert (finding.revision, finding.severity) == ("0002", Severity.ERROR)
    assert finding.what == "The code of released revision 0002 was changed, and it left another schema on sqlite."
    assert [line.partition(" ")[0] for line in finding.seen] == ["code", "schema"]
    outcomes = {v.revision: v.outcome for v in copy.verify(checks=ON_SCHEMAS).outcomes if v.check == finding.check}
    assert outcomes == {"0001": Outcome.PROVED, "0002": Outcome.BROKEN, "0003": Outcome.NOT_PROVED}


def test_the_same_schema_is_a_warning(planted: Planted) -> None:
    """Code that was written otherwise and leaves the same schema could still do something else to rows."""
    copy = locked(planted)
    copy.replace(FILE, 'sa.Column("phone"', 'sa.Column(name="phone", type_=')
    copy.replace(FILE, "type_=, sa.String(20)", "type_=sa.String(20)")
    [finding] = told(copy)

    assert finding.severity is Severity.WARNING
    assert finding.what == (
        "The code of released revision 0002 was changed. The schema that it left on sqlite was the same; what it does to rows "
        "was not compared."
    )


def test_what_a_revision_imports_counts(planted: Planted) -> None:
    """The revision's own file is untouched, and what it leaves is another: that is an error all the same."""
    copy = planted("released_revisions_unchanged", "good")
    copy.replace(FILE, "import sqlalchemy as sa\n", "import sqlalchemy as sa\nfrom shop.sizes import PHONE\n")
    copy.replace(FILE, "sa.String(20)", "PHONE")
    (copy.root / "shop/sizes.py").write_text("import sqlalchemy as sa\n\nPHONE = sa.String(20)\n", encoding="utf-8")
    assert run(copy.root, "lock", "--on", "sqlite").status == 0
    (copy.root / "shop/sizes.py").write_text("import sqlalchemy as sa\n\nPHONE = sa.String(30)\n", encoding="utf-8")
    ended = run(copy.root, "verify", "--checks", "AP103,AP301", "--on", "sqlite")

    assert ended.status == 1
    assert "Released revision 0002 left another schema on sqlite than alembic-proof.lock says" in ended.output


def test_a_lock_of_another_server_is_not_compared(planted: Planted) -> None:
    """Another version of the database writes its catalog otherwise: the code alone is compared, and the reason is told."""
    copy = locked(planted)
    lock = copy.root / "alembic-proof.lock"
    version = copy.verify("sqlite", checks=ON_SCHEMAS).databases[0].server_version
    lock.write_text(lock.read_text(encoding="utf-8").replace(f'sqlite = "{version}"', 'sqlite = "3.1"'), encoding="utf-8")
    assert told(copy) == ()
    copy.replace(FILE, "sa.String(20)", "sa.String(30)")
    [finding] = told(copy)

    assert finding.what.endswith(
        f"The schema was not compared: alembic-proof.lock was written on sqlite 3.1, and this was {version}."
    )


def reasons(report: Report) -> list[str | None]:
    """Why AP103 and AP104 could not tell."""
    return [verdict.reason for verdict in report.outcomes if verdict.outcome is Outcome.NOT_PROVED]


def test_without_a_lock_there_is_nothing_to_say(tmp_path: Path) -> None:
    """Nobody is bothered who does not use a lock; who asks for the check by name is told why it cannot judge."""
    project = PlantedProject(tmp_path).revision("a")

    assert "released-revisions-unchanged" not in {verdict.check for verdict in project.verify().outcomes}
    assert (
        reasons(project.verify(checks=("AP103", "AP104")))
        == ["nothing says what is released: there is no alembic-proof.lock, and no base branch was compared"] * 2
    )


def test_code_is_compared_without_a_database(tmp_path: Path) -> None:
    """With --checks AP103 no database runs: the code is compared, and the finding says that the schema was not."""
    project = PlantedProject(tmp_path).revision("a")
    assert run(tmp_path, "lock").status == 0
    project.revision("a", down=None, header="X = 1")
    [finding] = project.findings(checks=("AP103",))

    assert finding.what == "The code of released revision a was changed. No schema was compared: no database was used."


@pytest.mark.parametrize("text", ["form = 2\n", "form = [", "form = 1\nreader = 'x'\nwhat = 1\n"])
def test_a_lock_that_is_not_ours(tmp_path: Path, text: str) -> None:
    """A lock that cannot be read is one line, with the command that writes it again."""
    project = PlantedProject(tmp_path).revision("a").file("alembic-proof.lock", text)

    with pytest.raises(ProofError, match=r"^Cannot read alembic-proof\.lock: .*Write it again with: alembic-proof lock$"):
        project.findings(checks=("AP103",))


def test_a_history_that_does_not_run_is_not_locked(tmp_path: Path) -> None:
    """What a lock holds was seen: a revision that fails is one line, and no file is written."""
    PlantedProject(tmp_path).revision("a").revision("b", "op.drop_table('none')")
    ended = run(tmp_path, "lock")

    assert ended.status == 2
    assert "Cannot lock revision b: its upgrade failed on sqlite: OperationalError: no such table: none." in ended.errors[-1]
    assert not (tmp_path / "alembic-proof.lock").exists()
