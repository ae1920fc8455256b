"""What held on a server that the harness was never tried on is not proved."""

from pathlib import Path

import pytest

from alembic_proof.checks.registry import choose_checks
from alembic_proof.evidence import DatabaseEvidence, Evidence, RoundTrip, Step
from alembic_proof.judgement import judge
from alembic_proof.migrate.host import load_history
from alembic_proof.testing import PlantedProject

UNTRIED = "it held, but this harness was never tried on MySQL 8.4.3"


@pytest.mark.parametrize(("version", "outcome"), [("8.4.3", ("not_proved", UNTRIED)), ("10.11.6-MariaDB", ("proved", None))])
def test_mysql_is_not_proved(version: str, outcome: tuple[str, str | None], tmp_path: Path) -> None:
    """A round trip that held on MySQL is not proved, with the reason; on a MariaDB that goes by MySQL's name it is."""
    project = PlantedProject(tmp_path).revision("a").project
    steps = (Step("a", round_trip=RoundTrip(restored=(), repeated=())),)
    database = DatabaseEvidence(name="mysql", kind="mysql", server_version=version, steps=steps)
    evidence = Evidence(history=load_history(project), chosen=frozenset({"a"}), databases=(database,))
    report = judge(project, choose_checks(["downgrade-restores-schema"]), evidence)

    assert [(told.outcome, told.reason) for told in report.outcomes] == [outcome]
