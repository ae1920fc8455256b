"""The digest of a revision's code: the same for the same effect, another for another."""

import pytest

from alembic_proof.releases.digest import code_digest

SOURCE = '''
"""A revision."""
import sqlalchemy as sa
from alembic import op

revision = "b"
down_revision = "a"


def upgrade():
    op.add_column("t", sa.Column("x", sa.String(20)))


def downgrade():
    op.drop_column("t", "x")
'''


def edited(*pairs: tuple[str, str]) -> str:
    """The source with some text replaced."""
    text = SOURCE
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    return text


@pytest.mark.parametrize(
    "source",
    [
        edited(("op.add_column(", "op.add_column(  # wide\n        ")),
        edited(('"""A revision."""', '"""Another text.\n\nCreate Date: today\n"""')),
        edited(("def upgrade():\n", 'def upgrade() -> None:\n    """Up."""\n')),
        edited(("import sqlalchemy as sa\nfrom alembic import op\n", "from alembic import op\nimport sqlalchemy as sa\n")),
        edited(("import sqlalchemy as sa\n", "import sqlalchemy as sa\nfrom typing import Union\nfrom sqlalchemy import text\n")),
        edited(
            ('revision = "b"\ndown_revision = "a"\n', "revision: str = 'b'\ndown_revision = ('a', 'c')\nbranch_labels = None\n")
        ),
        edited(('op.drop_column("t", "x")', 'op.drop_column("t", "x", schema="s")')),
        SOURCE.replace('"x"', "'x'"),
        edited(("    op.add", "    pass\n    op.add")),
        SOURCE.replace("\n", "\r\n"),
    ],
)
def test_the_same_effect(source: str) -> None:
    """Comments, form, quotation marks, docstrings, annotations, imports, Alembic's own variables and downgrade() do not count."""
    assert code_digest(source) == code_digest(SOURCE)


@pytest.mark.parametrize(
    "source",
    [
        edited(("String(20)", "String(30)")),
        edited(("String(20)", "String(20.0)")),
        edited(("import sqlalchemy as sa", "import mysqlalchemy as sa")),
        edited(("import sqlalchemy as sa\n", "import sqlalchemy as sa\nimport shop.models\n")),
        edited(("    op.add", "    op.execute('DELETE FROM t')\n    op.add")),
        edited(("def upgrade():\n", "X = 1\n\n\ndef upgrade():\n")),
        edited(('"x", sa.String(20)', 'name="x", type_=sa.String(20)')),
        edited(("    op.add", "    if True:\n        op.add")),
    ],
)
def test_another_effect(source: str) -> None:
    """A value, its type, a call, a statement, an import of something that may act: each counts."""
    assert code_digest(source) != code_digest(SOURCE)


def test_the_digest_is_the_same_everywhere() -> None:
    """The stored value holds on every version of Python, or a lock would not outlive the one that wrote it."""
    assert code_digest(SOURCE) == "4c06e0faf74bc4cd"


def test_downgrade_counts_if_asked_for() -> None:
    """Whether a file was edited at all is another question."""
    mended = edited(('op.drop_column("t", "x")', 'op.drop_column("t", "x", schema="s")'))

    assert code_digest(mended, with_downgrade=True) != code_digest(SOURCE, with_downgrade=True)
