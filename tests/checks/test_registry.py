"""What holds of every check, because ALL_CHECKS is the one list of them."""

import pkgutil
import re
import runpy

import pytest

import alembic_proof.checks
from alembic_proof.checks.registry import ALL_CHECKS, Check, Scope, choose_checks
from alembic_proof.errors import ProofError
from tests.checks.copies import PLANTED

NO_CHECKS = {
    "exclusions",
    "gaps_told",
    "habits_told",
    "places",
    "registry",
    "renamed_table",
    "renewed_column",
    "row_failures_told",
    "row_faults",
    "rows_told",
    "settling",
    "splitting",
}
ROOT = PLANTED.parents[1]
every_check = pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.rule.slug)


def test_every_module_of_the_room_is_registered() -> None:
    """A check that is written and not listed would never run."""
    modules = {module.name for module in pkgutil.iter_modules(alembic_proof.checks.__path__)} - NO_CHECKS

    assert modules == {check.rule.slug.replace("-", "_") for check in ALL_CHECKS}


def test_codes_and_names_are_unique_and_in_order() -> None:
    """A code and a name mean one check, and the list is in the order of the codes."""
    codes = [check.rule.code for check in ALL_CHECKS]

    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"AP\d{3}", code) for code in codes)
    assert len({check.rule.slug for check in ALL_CHECKS}) == len(ALL_CHECKS)


@every_check
def test_a_check_has_its_page_its_project_and_its_tests(check: Check) -> None:
    """A docstring that begins with what is true when all is well, a planted project, a test file of its own."""
    stem = check.rule.slug.replace("-", "_")

    assert len(check.page.splitlines()) > 2
    assert re.match(r"(The |Every |M)\w+.*[.:]", check.page.splitlines()[0])
    assert check.rule.effect.endswith(".")
    assert (PLANTED / stem / "bad/alembic.ini").is_file()
    assert (PLANTED / stem / "good/alembic.ini").is_file()
    assert (ROOT / "tests/checks" / f"test_{stem}.py").is_file()


def test_the_page_of_checks_is_in_step() -> None:
    """docs/checks.md is what docs/write_checks.py writes."""
    written = runpy.run_path(str(ROOT / "docs/write_checks.py"))["page"]()

    assert (ROOT / "docs/checks.md").read_text(encoding="utf-8") == written, "run: python docs/write_checks.py"


def test_checks_are_chosen_by_code_and_by_name() -> None:
    """Both mean the same, doubles count once, and the order is that of the codes."""
    chosen = choose_checks(("models-match-migrations", "AP303", "downgrade-restores-schema"))

    assert [check.rule.code for check in chosen] == ["AP303", "AP401"]
    assert choose_checks(()) == ALL_CHECKS


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("AP333", 'Cannot run check "AP333": there is no such check. Did you mean AP303?'),
        ("downgrade-restore", "Did you mean downgrade-restores-schema?"),
        ("xyz", "Use one of: single-head, history-is-connected, "),
    ],
)
def test_an_unknown_check_is_an_error(name: str, words: str) -> None:
    """A misspelt name stops the run, with the nearest one."""
    with pytest.raises(ProofError, match=re.escape(words)):
        choose_checks((name,))


def test_what_a_check_is_about() -> None:
    """A graph has no database, a twin no revision, a downgrade both."""
    scopes = {check.rule.code: check.scope for check in ALL_CHECKS}

    assert (scopes["AP101"], scopes["AP105"]) == (Scope.PROJECT, Scope.PROJECT)
    assert (scopes["AP307"], scopes["AP401"]) == (Scope.DATABASE, Scope.DATABASE)
    assert (scopes["AP301"], scopes["AP303"], scopes["AP305"]) == (Scope.REVISION, Scope.REVISION, Scope.REVISION)
