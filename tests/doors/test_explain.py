"""`checks`, `explain`, the help and the completion: what teaches."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from alembic_proof.checks.registry import ALL_CHECKS, DRIFT_CHECKS, Check
from alembic_proof.cli.checks import needs_of
from alembic_proof.cli.commands import app
from alembic_proof.drift.run import PAGES
from alembic_proof.findings import Rule
from tests.doors.door import run_anew


def printed(*arguments: str, width: int = 110) -> str:
    """What a command prints to a pipe."""
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": str(width), "NO_COLOR": "1"})
    assert result.exit_code == 0, result.output
    return result.output


def test_every_check_is_listed() -> None:
    """Code, name, what it needs, what it is judged for: a line for each."""
    lines = printed("checks").splitlines()[2:]

    assert len(lines) == len(ALL_CHECKS) + len(PAGES)
    assert [line.split()[0] for line in lines[len(ALL_CHECKS) :]] == ["AP901", "AP902", "AP903"]
    for line, check in zip(lines, ALL_CHECKS, strict=False):
        assert line.split()[:3] == [check.rule.code, check.rule.slug, check.scope]
        assert line.split()[-1] == check.rule.severity
    assert all(needs_of(check) for check in ALL_CHECKS), "an experiment without words for what it needs is a KeyError"


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.rule.code)
def test_every_page_is_printed_whole(check: Check) -> None:
    """By code and by name: every word of the page, the effect, and the two commands."""
    page = printed("explain", check.rule.code, width=80)
    words = " ".join(page.split())

    assert page == printed("explain", check.rule.slug, width=80)
    assert max(map(len, page.splitlines())) <= 80 or f"accept {check.rule.slug}" in page
    for word in check.page.replace("`", " ").replace("*", " ").replace("#", " ").split():
        assert word.strip("-") in words, word
    assert f"alembic-proof verify --checks {check.rule.code}" in words


@pytest.mark.parametrize(("rule", "page"), PAGES, ids=lambda one: getattr(one, "code", ""))
def test_the_pages_of_drift(rule: Rule, page: str) -> None:
    """What a live database is judged by has a page too."""
    printed_words = " ".join(printed("explain", rule.slug).split())

    assert " ".join(page.split())[:60] in printed_words
    assert "alembic-proof drift URL" in printed_words
    assert f'check = "{rule.slug}"' in printed_words
    assert DRIFT_CHECKS[rule.code] == rule.slug


def test_an_unknown_check_is_one_line(tmp_path: Path) -> None:
    """With the name that is nearest."""
    ended = run_anew(tmp_path, "explain", "AP330")
    assert ended.status == 2
    assert len(ended.errors) == 1
    assert "Did you mean AP30" in ended.errors[0]


def test_the_help_teaches() -> None:
    """The first page says how to begin, and every command of it has a sentence."""
    shown = printed("--help")

    for told in ("alembic-proof verify ", "alembic-proof explain AP303", "alembic-proof init", "Exit status"):
        assert told in shown
    for command in app.registered_commands:
        assert command.callback is not None
        assert (command.callback.__doc__ or "").strip(), command.name


def test_a_shell_completes_commands_and_checks() -> None:
    """Typer's own protocol, as bash asks."""
    environment = {"_ALEMBIC_PROOF_COMPLETE": "complete_bash", "COMP_WORDS": "alembic-proof explain AP30", "COMP_CWORD": "2"}
    completed = CliRunner().invoke(app, [], env=environment, prog_name="alembic-proof").output.split()

    assert "AP303" in completed
    assert all(word.startswith("AP30") for word in completed)
