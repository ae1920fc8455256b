"""What a baseline writes: acceptances at the end of pyproject.toml, and nothing else changed."""

import tomllib
from pathlib import Path

import pytest

from alembic_proof.acceptance.baseline import write_baseline
from alembic_proof.config import Accept, read_settings
from alembic_proof.errors import ProofError
from alembic_proof.findings import Finding, Severity
from tests.unit.reports_made import RESTORES, at


def finding(name: str, database: str = "sqlite", severity: Severity | None = None) -> Finding:
    """A finding on an object."""
    return RESTORES.finding(at(database, "b"), what="", fix="", object=name, severity=severity)


@pytest.mark.parametrize(
    "before",
    [
        "",
        "# ours\n[project]\nname = 'x'  # odd   spaces\n",
        "[tool.alembic_proof]\n",
        "[tool.alembic_proof]\ncolumn_order = true",
        "[project]\r\nname = 'x'\r\n",
        "[[tool.alembic_proof.accept]]\ncheck = 'AP303'\nobject = 'u'\nreason = 'why'\n\n[tool.black]\n",
    ],
)
def test_what_stands_there_stays(tmp_path: Path, before: str) -> None:
    """Comments, order, blanks and line ends are kept byte for byte; the acceptances come behind, in the file's own line ends."""
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_bytes(before.encode())
    accepted = read_settings(pyproject).accept
    written = write_baseline(pyproject, [finding("t"), finding("t", "postgresql"), finding("n", severity=Severity.NOTE)])
    after = pyproject.read_bytes().decode()

    assert written == 1, "one for all databases, and none for a note"
    assert after.startswith(before)
    added = Accept(check="downgrade-restores-schema", revision="b", object="t", reason="before adoption")
    assert read_settings(pyproject).accept == (*accepted, added)
    assert after.count("\n") == after.count("\r\n") or "\r" not in after


@pytest.mark.parametrize("name", ['we "ird".a\\b', "tab\tline\nend\x7f\x01", "naïve ☃", "''' #"])
def test_any_name_can_be_written(tmp_path: Path, name: str) -> None:
    """The name of an object comes back from TOML as it was."""
    pyproject = tmp_path / "pyproject.toml"
    write_baseline(pyproject, [finding(name)])

    assert tomllib.loads(pyproject.read_bytes().decode())["tool"]["alembic_proof"]["accept"][0]["object"] == name


def test_nothing_to_accept_makes_no_file(tmp_path: Path) -> None:
    """Without findings there is nothing to write."""
    assert write_baseline(tmp_path / "pyproject.toml", []) == 0
    assert not (tmp_path / "pyproject.toml").exists()


@pytest.mark.parametrize(
    "before",
    ["[tool.alembic_proof]\naccept = [{check = 'AP303', object = 'u', reason = 'why'}]\n", "[tool]\nalembic_proof = {}\n"],
)
def test_an_inline_table_is_left_alone(tmp_path: Path, before: str) -> None:
    """TOML lets nobody add to an inline table: the file stays, and one line says what to write."""
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text(before, encoding="utf-8")

    with pytest.raises(
        ProofError, match=r"^Cannot add to .*Write what is accepted as \[\[tool\.alembic_proof\.accept\]\] tables\.$"
    ):
        write_baseline(pyproject, [finding("t")])
    assert pyproject.read_text(encoding="utf-8") == before


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """What the file system refuses is one line."""
    with pytest.raises(ProofError, match=r"^Cannot write .*\. Make it a text file that can be written\.$"):
        write_baseline(tmp_path / "no_such_folder/pyproject.toml", [finding("t")])
