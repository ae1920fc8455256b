"""AP103 and AP104 without a lock file: what stands on the base branch is released."""

from pathlib import Path

from alembic_proof.findings import Outcome, Severity
from tests.checks.copies import Copy
from tests.doors.door import run
from tests.gate.branches import Branched, git

TABLE = "op.create_table('t', sa.Column('id', sa.Integer()), sa.Column('x', sa.String({size})))"
CHECKS = ("AP103", "AP104", "AP301")


def released(root: Path) -> Branched:
    """A released revision that makes a table, on a branch of its own."""
    return Branched(root).revision("a", TABLE.format(size=20), "op.drop_table('t')").branch("feature")


def test_the_printed_command_brings_it_back(tmp_path: Path) -> None:
    """The lines that were changed are shown, and `git checkout` as it is printed silences the finding."""
    project = released(tmp_path).revision("a", TABLE.format(size=30), "op.drop_table('t')", down=None)
    [finding] = project.gate().findings

    assert finding.what == "The code of released revision a was changed. No schema was compared: no database was used."
    assert [line[0] for line in finding.seen] == ["@", "-", "+"]
    command = finding.fix.splitlines()[0]
    assert command == f"git checkout {git(tmp_path, 'rev-parse', '--short', 'main')} -- migrations/versions/a_planted.py"
    git(tmp_path, *command.split()[1:])
    assert project.gate().findings == ()


def test_the_schema_of_the_base_is_compared(tmp_path: Path) -> None:
    """The base branch's own file is run too: another schema is an error, the same one a warning."""
    project = released(tmp_path).revision("a", TABLE.format(size=30), "op.drop_table('t')", down=None)
    [error] = project.gate("sqlite", checks=CHECKS).findings
    project.revision("a", TABLE.format(size="10 + 10"), "op.drop_table('t')", down=None)
    [warning] = project.gate("sqlite", checks=CHECKS).findings

    assert error.what == "The code of released revision a was changed, and it left another schema on sqlite."
    assert error.seen[-1].startswith("schema  ")
    assert warning.severity is Severity.WARNING
    assert "The schema that it left on sqlite was the same" in warning.what


def test_a_base_that_cannot_run_is_compared_by_code(tmp_path: Path) -> None:
    """Where the base branch's file fails here, the finding says that no schema was compared."""
    project = Branched(tmp_path).revision("a", "op.drop_table('none')").branch("feature").revision("a", down=None)
    [finding] = project.gate("sqlite", checks=CHECKS).findings

    assert finding.severity is Severity.ERROR
    assert finding.what.endswith("The schema was not compared: main has none to compare with.")


def test_deleted_and_inserted(tmp_path: Path) -> None:
    """A released file that is gone is told with the command that brings it back, an inserted revision with where it belongs."""
    project = Branched(tmp_path).revision("a").revision("b", header="B = 1").revision("c", header="C = 1").branch("feature")
    Copy(tmp_path).file_of("c").unlink()
    [gone] = project.gate(checks=("AP104",)).findings
    git(tmp_path, *gone.fix.split()[1:])
    assert project.gate(checks=("AP104",)).findings == ()

    project.revision("n", down="a").revision("b", header="B = 1", down="n")
    [inserted] = project.gate(checks=("AP104",)).findings
    assert inserted.what == "n was put below released revision b."


def test_a_lock_goes_before_the_base(tmp_path: Path) -> None:
    """A change on purpose that is locked is silent; what nobody locked is still compared with the base branch."""
    project = released(tmp_path)
    assert run(tmp_path, "lock").status == 0
    project.revision("b").to("main")
    git(tmp_path, "merge", "feature")
    project.branch("next").revision("a", TABLE.format(size=30), "op.drop_table('t')", down=None)
    assert [finding.revision for finding in project.gate().findings] == ["a"]
    assert run(tmp_path, "lock").status == 0
    assert project.gate().findings == ()

    lock = tmp_path / "alembic-proof.lock"
    lock.write_text("".join(line for line in lock.read_text().splitlines(keepends=True) if not line.startswith('"b"')))
    project.revision("b", header="B = 1", down="a")
    [finding] = project.gate().findings
    assert (finding.revision, finding.seen[0][0]) == ("b", "@")


def test_a_base_without_revisions(tmp_path: Path) -> None:
    """Where the base branch has none, nothing is released: the two checks say that they had nothing to compare."""
    project = Branched(tmp_path).branch("feature").revision("a")
    report = project.gate(checks=("AP103", "AP104"))

    assert {verdict.reason for verdict in report.outcomes} == {"main had no revision in the folders that this project has now"}
    assert {verdict.outcome for verdict in report.outcomes} == {Outcome.NOT_PROVED}


def test_a_long_edit_is_shown_in_part(tmp_path: Path) -> None:
    """What was changed is shown as far as it can be read at a glance, and how much more there is."""
    project = Branched(tmp_path).revision("a").branch("feature")
    [finding] = project.revision("a", down=None, header="\n".join(f"x{n} = {n}" for n in range(40))).gate().findings

    assert len(finding.seen) == 21
    assert finding.seen[-1].startswith("and ")
