"""What goes wrong with rows: the bad history is caught with its codes, and no check at all speaks on the clean one."""

from collections.abc import Callable
from functools import cache

import pytest

from alembic_proof.checks.registry import slug_of
from alembic_proof.findings import Finding, Outcome, Severity
from alembic_proof.reports.report import Report
from tests.checks.row_hazard import RowHazard
from tests.checks.row_hazards import ROW_CHECKS, ROW_HAZARDS, on, plant_all, told

Reports = Callable[[str, str], Report]
CASES = [pytest.param(hazard, database, id=f"{hazard.name} {database}") for hazard in ROW_HAZARDS for database in hazard.on]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reports:
    """Prove all bad, or all clean, histories of a database at once."""

    @cache
    def prove(database: str, which: str) -> Report:
        url = database if database == "sqlite" else request.getfixturevalue(f"{database}_url")
        is_bad = which == "bad"
        return plant_all(tmp_path_factory.mktemp("rows"), database, is_bad=is_bad).verify(
            url, checks=ROW_CHECKS if is_bad else ()
        )

    return prove


@pytest.mark.parametrize(("hazard", "database"), CASES)
def test_bad_is_caught_and_clean_is_silent(hazard: RowHazard, database: str, reports: Reports) -> None:
    """On each database that can show it."""
    revision = f"{on(database).index(hazard):02}b"
    bad, clean = reports(database, "bad"), reports(database, "clean")

    assert {finding.code for finding in _of(bad, revision)} == hazard.codes, told(_of(bad, revision))
    of_rows = {slug_of(code) for code in ROW_CHECKS}
    assert told(tuple(one for one in _of(clean, revision) if one.severity is not Severity.NOTE)) == []
    assert [told((one,)) for one in clean.findings if one.revision is None] == []
    outcomes = [one.outcome for one in clean.outcomes if one.revision == revision and one.check in of_rows]
    assert outcomes.count(Outcome.PROVED) >= 2, clean.outcomes


def _of(report: Report, revision: str) -> tuple[Finding, ...]:
    return tuple(finding for finding in report.findings if finding.revision == revision)
