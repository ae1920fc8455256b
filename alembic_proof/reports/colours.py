"""Source text as lines of HTML, its words in classes that the page's style colours."""

from functools import cache

from markupsafe import Markup
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name


def highlighted(source: str, language: str) -> list[Markup]:
    """Mark up "python" or "sql", line by line. Pygments escapes all that it writes."""
    from pygments import highlight  # noqa: PLC0415 - its name is that of the function

    marked: str = highlight(source, _lexer(language), HtmlFormatter(nowrap=True))
    return [Markup(line) for line in marked.rstrip("\n").split("\n")]  # noqa: S704 - escaped by Pygments


@cache
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language, stripnl=False)
