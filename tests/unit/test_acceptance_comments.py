"""What `# proof: accept` in a revision's file means, and what it may not leave out."""

import re
from pathlib import Path

import pytest

from alembic_proof.acceptance.comments import accepted_in
from alembic_proof.errors import ProofError
from alembic_proof.findings import Acceptance

FORM = 'Write it as "# proof: accept CHECK [OBJECT] -- REASON".'


def read(folder: Path, source: str) -> list[Acceptance]:
    """The acceptances of a revision file with this source."""
    path = folder / "b2.py"
    path.write_text(source, encoding="utf-8")
    return list(accepted_in(path, revision="b2", file="versions/b2.py"))


def accepted(**parts: object) -> Acceptance:
    """An acceptance in that file."""
    given = {"check": "downgrade-restores-schema", "revision": "b2", "reason": "why", "file": "versions/b2.py", "line": 1}
    return Acceptance(**{**given, **parts})  # type: ignore[arg-type]  # the parts are named by the tests


@pytest.mark.parametrize(
    ("comment", "parts"),
    [
        ("# proof: accept downgrade-restores-schema users.email -- why", {"object": "users.email"}),
        ("#proof:accept AP303 users.email -- why", {"object": "users.email"}),
        ("# proof: accept AP303 -- why", {}),
        ("# proof:  accept  AP303   users.e mail  --  why -- not ", {"object": "users.e mail", "reason": "why -- not"}),
        ("# proof: accept AP303 a--b -- why", {"object": "a--b"}),
    ],
)
def test_a_comment_accepts(tmp_path: Path, comment: str, parts: dict[str, object]) -> None:
    """A check by code or name, an object or none, a reason that may hold anything."""
    assert read(tmp_path, f"{comment}\n") == [accepted(**parts)]


def test_a_comment_may_stand_anywhere(tmp_path: Path) -> None:
    """Behind code or above it: each comment is one acceptance, with its line."""
    source = "x = 1  # proof: accept AP303 a -- why\n\ndef upgrade():\n    # proof: accept AP303 b -- why\n    pass\n"

    assert read(tmp_path, source) == [accepted(object="a"), accepted(object="b", line=4)]


def test_a_live_database_is_accepted_elsewhere(tmp_path: Path) -> None:
    """Its drift is no revision's: one line says where it is accepted."""
    words = r"^Cannot accept AP902 in versions/b2\.py:1: what a live database has belongs to no revision\. Write it in pyproject"
    with pytest.raises(ProofError, match=words):
        read(tmp_path, "# proof: accept AP902 users.ix_by_hand -- made by hand\n")


@pytest.mark.parametrize(
    "source",
    [
        'TEXT = "# proof: accept AP303 -- why"\n',
        '"""\n# proof: accept AP303\n"""\n',
        "#   proof: accept AP303\n",
        "# no proof: accept AP303\n",
        "",
    ],
)
def test_what_is_no_acceptance(tmp_path: Path, source: str) -> None:
    """A string is none, nor is an example that is indented in a comment, nor prose."""
    assert read(tmp_path, source) == []


@pytest.mark.parametrize(
    ("comment", "words"),
    [
        ("# proof: accept AP303 users.email", f"Cannot accept AP303 in versions/b2.py:2: it gives no reason. {FORM}"),
        ("# proof: accept AP303 users.email -- ", f"Cannot accept AP303 in versions/b2.py:2: it gives no reason. {FORM}"),
        ("# proof: accept", f"Cannot accept in versions/b2.py:2: it names no check. {FORM}"),
        ("# proof: accept -- why", f"Cannot accept in versions/b2.py:2: it names no check. {FORM}"),
        (
            "# proof: ignore AP303 -- why",
            f'Cannot read "# proof: ignore AP303 -- why" in versions/b2.py:2: it does not say "accept". {FORM}',
        ),
        (
            "# proof: accept AP333 -- why",
            'Cannot accept AP333 in versions/b2.py:2: there is no check "AP333". Did you mean AP303?',
        ),
    ],
)
def test_a_comment_that_is_not_right(tmp_path: Path, comment: str, words: str) -> None:
    """No reason, no check, no such check: one line with the place and with what to write."""
    with pytest.raises(ProofError, match=f"^{re.escape(words)}$"):
        read(tmp_path, f"import os\n{comment}\n")


def test_a_file_without_source_accepts_nothing(tmp_path: Path) -> None:
    """A revision that is deployed compiled has no comments."""
    path = tmp_path / "b2.pyc"
    path.write_bytes(b"proof:\xff")

    assert list(accepted_in(path, revision="b2", file="b2.pyc")) == []
