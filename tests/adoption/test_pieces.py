"""What a project lacks, told from its files alone."""

from pathlib import Path

import pytest

from alembic_proof.adoption.edits import Edit, appended, below
from alembic_proof.adoption.pieces import pre_commit, pytest_lines, settings, tox
from alembic_proof.adoption.place import Place
from alembic_proof.adoption.workflow import workflow
from alembic_proof.errors import ProofError


def place(folder: Path, **files: str) -> Place:
    """A place with these files; a `__` in a name stands for a dot."""
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return Place(folder, folder / "migrations", ("sqlite",))


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("setup__cfg", "[metadata]\n[tool:pytest]\nx = 1\n", "[metadata]\n[tool:pytest]\nproof = true\nx = 1\n"),
        ("tox__ini", "[pytest]", "[pytest]\nproof = true\n"),
        ("pyproject__toml", "[tool.pytest]\nminversion = '9'\n", "[tool.pytest]\nproof = true\nminversion = '9'\n"),
    ],
)
def test_the_line_stands_where_pytest_reads(tmp_path: Path, name: str, text: str, expected: str) -> None:
    """Each file that pytest takes its options from."""
    edit = pytest_lines(place(tmp_path, **{name: text}))

    assert edit is not None
    assert edit.after == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest__ini", "[pytest]\naddopts = --proof\n"),
        ("pytest__ini", "[pytest]\nproof = false\n"),
        ("pyproject__toml", "[tool.pytest.ini_options]\nproof = true\n"),
        ("pyproject__toml", "[tool.pytest.ini_options]\naddopts = ['--proof']\n"),
        ("pyproject__toml", "tool.pytest.ini_options.minversion = '8'\n"),
        ("README__md", "no tests at all"),
    ],
)
def test_what_is_decided_stays(tmp_path: Path, name: str, text: str) -> None:
    """A project that has said yes or no to it, or that has no tests, gets no line."""
    assert pytest_lines(place(tmp_path, **{name: text})) is None


def test_tox_in_pyproject(tmp_path: Path) -> None:
    """Tox 4 reads pyproject.toml: the environment goes there, once."""
    at = place(tmp_path, pyproject__toml="[tool.tox]\nenv_list = ['py']\n", requirements__txt="x\n")
    edit = tox(at)

    assert edit is not None
    at.pending[edit.path] = edit.after
    assert (at.tool("tox") or {})["env"]["migrations"]["deps"] == ["-r requirements.txt", "alembic-proof"]
    assert tox(at) is None
    assert tox(place(tmp_path, tox__ini="[testenv:m]\ncommands = alembic-proof verify\n")) is None


def test_other_systems_get_no_workflow(tmp_path: Path) -> None:
    """A repository on GitLab needs no workflow of GitHub's."""
    assert workflow(place(tmp_path, __gitlab_ci__yml="")) is not None
    (tmp_path / ".gitlab-ci.yml").touch()
    assert workflow(place(tmp_path)) is None


def test_hooks_that_are_no_list_are_left_alone(tmp_path: Path) -> None:
    """A configuration without `repos:` on a line of its own is not ours to rearrange."""
    assert pre_commit(place(tmp_path)) is None
    (tmp_path / ".pre-commit-config.yaml").write_text("repos: [{repo: meta, hooks: []}]\n", encoding="utf-8")
    assert pre_commit(place(tmp_path)) is None


def test_settings_that_are_there_stay(tmp_path: Path) -> None:
    """An empty table is a table; a file that is not TOML is one line."""
    assert settings(place(tmp_path, pyproject__toml="[tool.alembic_proof]\n")) is None
    with pytest.raises(ProofError, match=r"Cannot read .*pyproject.toml: .*Mend the file"):
        settings(place(tmp_path, pyproject__toml="[tool"))


def test_an_edit_is_what_was_shown(tmp_path: Path) -> None:
    """A file that changed after its diff was shown is not overwritten; nor one whose folder cannot be made."""
    file = tmp_path / "a.txt"
    file.write_text("now", encoding="utf-8")

    assert Edit(file, "now", "then\n", "").shown(tmp_path).splitlines()[-2:] == ["\\ No newline at end of file", "+then"]
    with pytest.raises(ProofError, match=r"it has changed since its diff was shown"):
        Edit(file, "before", "after", "").write()
    with pytest.raises(ProofError, match=r"Cannot write .*: .*\. Make it writable\."):
        Edit(file / "below.txt", None, "after", "").write()


def test_texts() -> None:
    """A block goes to the end, a line below its header, whatever ends the file."""
    assert appended("", "b\n") == "b\n"
    assert appended("a\n\n\n", "b\n") == "a\n\nb\n"
    assert below("[a] # x", "[a]", "b") == "[a] # x\nb\n"
