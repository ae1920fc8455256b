"""Every check on the projects planted for it: it speaks on the bad one, alone, and on the good one nobody does."""

import os

import pytest

from alembic_proof.checks.registry import ALL_CHECKS, Check
from alembic_proof.findings import Outcome
from alembic_proof.reports.text import render_findings
from tests.checks.copies import PLANTED, Planted

every_check = pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.rule.slug)

SOUND = {Outcome.PROVED, Outcome.ACCEPTED}
"""What a good project may come to; only the one that makes a row in a migration accepts anything, in its pyproject.toml."""


def stem(check: Check) -> str:
    """The name of the check's module, of its planted folder and of its test file."""
    return check.rule.slug.replace("-", "_")


@every_check
def test_bad_is_told_by_its_check_alone(check: Check, planted: Planted) -> None:
    """The bad project yields this check's code and no other, and the message is the stored one, letter by letter."""
    report = planted(stem(check), "bad").verify("sqlite")
    shown = render_findings(report.findings) + "\n"
    expected = PLANTED / stem(check) / "expected.txt"
    if os.environ.get("ALEMBIC_PROOF_WRITE_EXPECTED"):
        expected.write_text(shown, encoding="utf-8")

    assert {finding.code for finding in report.findings} == {check.rule.code}, shown
    assert shown == expected.read_text(encoding="utf-8")


@every_check
def test_good_is_proved(check: Check, planted: Planted) -> None:
    """The good project yields nothing, and this check and all others prove it; what was released only a lock file tells."""
    copy = planted(stem(check), "good")
    report = copy.verify("sqlite")
    silent = set() if (copy.root / "alembic-proof.lock").is_file() else {"released"}
    assert not check.needs & silent

    assert report.findings == (), render_findings(report.findings)
    assert {verdict.check for verdict in report.outcomes} == {each.rule.slug for each in ALL_CHECKS if not each.needs & silent}
    assert {verdict.outcome for verdict in report.outcomes} <= SOUND


ON_SERVERS = (
    "downgrade_accepts_new_rows",
    "downgrade_keeps_rows",
    "downgrade_restores_schema",
    "models_match_migrations",
    "offline_sql_matches",
    "paths_agree",
    "upgrade_accepts_rows",
    "upgrade_keeps_rows",
    "upgrade_reaches_head",
    "upgrade_repeats",
)


@pytest.mark.parametrize("name", [*ON_SERVERS, "upgrade_runs", "downgrade_runs"])
def test_bad_and_good_on_postgresql(name: str, planted: Planted, postgresql_url: str) -> None:
    """The same projects have the same outcome on PostgreSQL, where a round trip is tried in a transaction first."""
    _same_on(postgresql_url, name, planted)


@pytest.mark.parametrize("name", ON_SERVERS)
def test_bad_and_good_on_mariadb(name: str, planted: Planted, mariadb_url: str) -> None:
    """The same projects have the same outcome on MariaDB, which takes no schema change back."""
    _same_on(mariadb_url, name, planted)


def _same_on(url: str, name: str, planted: Planted) -> None:
    [check] = [check for check in ALL_CHECKS if stem(check) == name]
    on_databases = tuple(each.rule.code for each in ALL_CHECKS if "walk" in each.needs)
    bad = planted(name, "bad").verify(url, checks=on_databases)
    good = planted(name, "good").verify(url, checks=on_databases)

    assert {finding.code for finding in bad.findings} == {check.rule.code}, render_findings(bad.findings)
    assert good.findings == (), render_findings(good.findings)
    assert {verdict.outcome for verdict in good.outcomes} <= SOUND
