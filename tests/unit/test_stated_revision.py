"""What the text of a revision file states, read without importing it."""

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.releases.stated import stated_revision

SOURCE = b'''"""Users get a name.

Revision ID: b
"""
import a_module_that_is_not_here
from typing import Sequence, Union

revision: str = "b"
down_revision: Union[str, Sequence[str], None] = ("a", "x")
branch_labels: Union[str, Sequence[str], None] = {"shop"}
depends_on = "y"
'''


def test_what_alembic_reads() -> None:
    """The id, the parents, labels, dependencies and the message, in every form that Alembic takes; nothing is imported."""
    read = stated_revision(SOURCE, "versions/b.py")

    assert read is not None
    assert (read.id, read.down, read.depends_on, read.branch_labels) == ("b", ("a", "x"), ("y",), ("shop",))
    assert (read.message, read.file, read.down_revision_line) == ("Users get a name.", "versions/b.py", 9)


@pytest.mark.parametrize("source", [b"", b"x = 1", b"revision = None", b"def", b"\0", b"revision: str"])
def test_what_is_no_revision(source: bytes) -> None:
    """A file without an id, or one that is no Python, was never run by anybody."""
    assert stated_revision(source, "versions/b.py") is None


def test_a_base_has_no_parent() -> None:
    """A revision without down_revision, or with None, stands on nothing."""
    read = [stated_revision(source, "b.py") for source in (b"revision = 'b'", b"revision = 'b'\ndown_revision = None")]

    assert [(one.down, one.depends_on, one.branch_labels) for one in read if one is not None] == [((), (), ())] * 2


def test_more_than_a_literal_is_an_error() -> None:
    """What would have to be run to be known is told, with what to write."""
    with pytest.raises(
        ProofError, match=r"^Cannot read b\.py of the base branch: .*Write what Alembic reads of it as literals\.$"
    ):
        stated_revision(b"revision = 'b'\ndown_revision = before('b')", "b.py")
