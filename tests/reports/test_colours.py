"""Source as lines of HTML."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alembic_proof.reports.colours import highlighted


def plain(source: str, language: str) -> str:
    """The text that a browser shows of it."""
    return unescape(re.sub(r"</?i[^>]*>", "", "\n".join(highlighted(source, language))))


@pytest.mark.parametrize("language", ["python", "sql"])
@given(source=st.text(st.sampled_from("ab1 \n\t#-'\"`/*\\<>&@def=()"), max_size=60))
def test_no_letter_is_lost(language: str, source: str) -> None:
    """Whatever the source is, what is shown is the source, and every line closes what it opens."""
    assert plain(source, language) == source.rstrip("\n")
    for line in highlighted(source, language):
        assert line.count("<i ") == line.count("</i>")


def test_what_is_coloured() -> None:
    """Words of the language, strings over several lines, comments, names that are defined."""
    lines = highlighted('def up():  # <b>\n    """a\n    b"""\n    return 1\n', "python")

    assert lines == (
        '<i class="keyword">def</i> <i class="name">up</i>():  <i class="comment"># &lt;b&gt;</i>',
        '    <i class="string">&#34;&#34;&#34;a</i>',
        '<i class="string">    b&#34;&#34;&#34;</i>',
        '    <i class="keyword">return</i> <i class="number">1</i>',
    )
    assert highlighted("create table x -- y", "sql") == (
        '<i class="keyword">create</i> <i class="keyword">table</i> x <i class="comment">-- y</i>',
    )
