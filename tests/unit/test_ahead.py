"""What is started before the registry of checks is loaded."""

from alembic_proof.checks.registry import ALL_CHECKS
from alembic_proof.cli.ahead import ON_THE_APPLICATION


def test_the_checks_on_the_application() -> None:
    """Interpreters are prepared for those checks that look at the application, by either name, and for no other."""
    looking = [check.rule for check in ALL_CHECKS if "application" in check.needs]

    assert {name for rule in looking for name in (rule.code, rule.slug)} == ON_THE_APPLICATION
