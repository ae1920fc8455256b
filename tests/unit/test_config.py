"""The settings of [tool.alembic_proof]."""

import re
from pathlib import Path

import pytest

from alembic_proof.config import Settings, read_settings
from alembic_proof.errors import ProofError
from alembic_proof.findings import Severity

CONFIGURATION = Path(__file__).resolve().parents[2] / "docs/configuration.md"


def settings(folder: Path, text: str) -> Settings:
    """The settings that a pyproject.toml with this text holds."""
    file = folder / "pyproject.toml"
    file.write_text(text, encoding="utf-8")
    return read_settings(file)


def test_no_file_and_no_table_are_the_defaults(tmp_path: Path) -> None:
    """No project needs the table."""
    assert read_settings(tmp_path / "pyproject.toml") == settings(tmp_path, "[project]\nname = 'x'\n") == Settings()


def test_every_kind_of_value_is_read(tmp_path: Path) -> None:
    """Lists, tables, numbers and names come as what they are."""
    read = settings(
        tmp_path,
        '[tool.alembic_proof]\ndatabases = ["sqlite"]\nprelude = "schema.sql"\nstep_timeout_seconds = 5\n'
        '[tool.alembic_proof.severity]\nAP401 = "warning"\n[tool.alembic_proof.environment]\nDATABASE_URL = "{url}"\n',
    )

    assert (read.databases, read.prelude, read.step_timeout_seconds) == (("sqlite",), "schema.sql", 5)
    assert read.severity == {"AP401": Severity.WARNING}
    assert read.environment == {"DATABASE_URL": "{url}"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tool.alembic_proof]\ndatabase = 1\n", 'Cannot use key "database" of [tool.alembic_proof] in '),
        ("[tool.alembic_proof]\ndatabase = 1\n", 'there is no such key. Did you mean "databases"?'),
        ("[tool.alembic_proof]\nzzz = 1\n", "there is no such key. Use one of: databases, packages, "),
        (
            "[tool.alembic_proof]\ndatabases = 'sqlite'\n",
            "Expected `array`, got `str` - at `$.databases`. See docs/configuration.md",
        ),
        ("[tool.alembic_proof.severity]\nAP401 = 'fatal'\n", "Invalid enum value 'fatal'"),
        ("[tool]\nalembic_proof = 1\n", "it is not a table. Write it as [tool.alembic_proof]."),
        ("[tool.alembic_proof\n", "Mend the file."),
        ("tool = 1\n", "it is not a table. Write it as [tool.alembic_proof]."),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    """A wrong setting stops the run with one line that says what to write."""
    with pytest.raises(ProofError, match=re.escape(words)) as caught:
        settings(tmp_path, text)

    assert str(caught.value).startswith("Cannot ")
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are told, not raised."""
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ProofError, match=r"Cannot read .*pyproject\.toml: "):
        read_settings(tmp_path / "pyproject.toml")


def test_every_key_has_its_section() -> None:
    """docs/configuration.md has a heading for each key, with an example that can be read, and for no other."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `(\w+)`\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL))

    assert tuple(sections) == Settings.__struct_fields__
    assert all(re.search(r"^```toml\n.*?^```$", section, flags=re.MULTILINE | re.DOTALL) for section in sections.values())


def test_the_examples_are_valid(tmp_path: Path) -> None:
    """Each example of docs/configuration.md is read without an error and sets its key."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    for key, section in re.findall(r"^## `(\w+)`\n(.*?)(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL):
        example = re.search(r"^```toml\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
        assert example is not None
        assert getattr(settings(tmp_path, example[1]), key) != getattr(Settings(), key), key
