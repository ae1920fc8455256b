"""The file of recordings."""

from pathlib import Path

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.recording.file import Recording, read_recordings, recordings_in, with_new, written

KNOWN = frozenset("abc")


def test_a_file_is_read_as_it_was_written() -> None:
    """Each statement has a line, in order; quotes are no escapes; the same recordings make the same file."""
    statements = ['SELECT "a" FROM t', "SELECT 'it''s' FROM t", "SELECT 'a\\b' \"c\" FROM t", "DELETE FROM é"]
    recordings = with_new(None, {"sqlite": statements, "postgresql": ["DELETE FROM t"]}, ("b", "a"), KNOWN, "file")
    text = written(recordings)
    assert recordings_in(text.encode(), "file") == recordings
    assert [line for line in text.splitlines() if line.startswith("    ")][1:] == [
        '    "DELETE FROM é",',
        "    'SELECT \"a\" FROM t',",
        '    "SELECT \'a\\\\b\' \\"c\\" FROM t",',
        "    \"SELECT 'it''s' FROM t\",",
    ]
    assert recordings.of("mysql") == ()
    assert recordings.of("sqlite") == (Recording(("a", "b"), tuple(sorted(statements))),)


def test_earlier_recordings_are_kept_as_differences() -> None:
    """A new recording keeps what the one before it had; one of the same heads gives way; revisions that are gone are left out."""
    first = with_new(None, {"sqlite": ["x", "y"], "mariadb": ["m"]}, ("a",), KNOWN, "file")
    second = with_new(first, {"sqlite": ["y", "z"]}, ("b",), KNOWN, "file")
    third = recordings_in(written(with_new(second, {"sqlite": ["z"]}, ("c",), KNOWN, "file")).encode(), "file")

    assert third.of("sqlite") == (Recording(("c",), ("z",)), Recording(("b",), ("y", "z")), Recording(("a",), ("x", "y")))
    assert third.of("mariadb") == (Recording(("a",), ("m",)),)
    assert written(third).count('"x"') == 1
    again = with_new(third, {"sqlite": []}, ("c",), frozenset("ac"), "file")
    assert again.of("sqlite") == (Recording(("c",), ()), Recording(("a",), ("x", "y")))
    assert recordings_in(written(again).encode(), "file") == again


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"form = 2", "its form is 2, and this version reads 1. Write it again with: pytest --proof-record"),
        (b"form = 1\n[oracle]", "unknown field `oracle`. Write it again"),
        (b"<<<<<<< HEAD", "Write it again"),
        (b"\xff", "Write it again"),
    ],
)
def test_another_file_is_refused(content: bytes, words: str) -> None:
    """What is not such a file is told in one line."""
    with pytest.raises(ProofError) as caught:
        recordings_in(content, "statements.toml")
    assert str(caught.value).startswith("Cannot read statements.toml: ")
    assert words in str(caught.value).replace("Object contains unknown", "unknown")


def test_no_file_and_no_file_that_can_be_read(tmp_path: Path) -> None:
    """No file is no recording; a folder in its place is told."""
    assert read_recordings(tmp_path / "none.toml", "none.toml") is None
    with pytest.raises(ProofError, match=r"Cannot read folder: Is a directory\. Make it a file"):
        read_recordings(tmp_path, "folder")
