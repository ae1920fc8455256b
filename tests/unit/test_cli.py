"""The command line's names, without running anything."""

import inspect
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import alembic_proof
from alembic_proof.cli.commands import app, main
from alembic_proof.cli.options import store
from alembic_proof.cli.verify import verify


def test_the_options_are_those_of_the_documentation() -> None:
    """Every option stands in the help, and no other argument exists."""
    shown = CliRunner().invoke(app, ["verify", "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"}).output

    assert list(inspect.signature(verify).parameters) == [
        "revision_range", "config", "on", "formats", "checks", "strict", "no_accept", "faithful", "examples", "rows",
        "cache", "no_cache", "shard", "costs",
    ]  # fmt: skip
    for name in (
        "[REVISION_RANGE]",
        "--config",
        "-c",
        "--on",
        "--format",
        "--checks",
        "--strict",
        "--no-accept",
        "--examples",
        "--no-rows",
    ):
        assert name in shown


def test_the_version() -> None:
    """One line, with the package's own number."""
    assert CliRunner().invoke(app, ["--version"]).output == f"alembic-proof {alembic_proof.__version__}\n"


def test_a_users_mistake_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A set-up error ends with status 2 and one line on standard error."""
    monkeypatch.setattr(sys, "argv", ["alembic-proof", "verify", "--format", "pdf"])
    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 2
    captured = capsys.readouterr()
    assert captured.err == (
        'alembic-proof: Cannot write format "pdf": there is no such format. '
        "Use one of: text, json, junit, github, gitlab, sarif, markdown, html.\n"
    )
    assert captured.out == ""


def test_where_evidence_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder has the name that the files in it are opened by: no run may take what it keeps for what it reads."""
    (tmp_path / "real").mkdir()
    (tmp_path / "project").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "project")

    assert store(None, no_cache=False) == tmp_path.resolve() / "project/.alembic_proof"
    assert store(Path("../link/kept"), no_cache=False) == tmp_path.resolve() / "real/kept"
    assert store(Path("../link/kept"), no_cache=True) is None
