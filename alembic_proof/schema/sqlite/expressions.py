"""Expressions of SQLite in one form: two texts that differ in quotes, case, spaces or needless parentheses become equal."""

from collections.abc import Sequence
from functools import lru_cache

from alembic_proof.schema.sqlite.lexer import CLOSE, COMMA, OPEN, Sort, Token, tokens, written

# https://www.sqlite.org/lang_expr.html#operators_and_parse_affecting_attributes, from the loosest to the tightest.
_RANKS: dict[str, int] = {
    word: rank
    for rank, words in enumerate(
        (
            "OR",
            "AND",
            "NOT",
            "= <> IS IN LIKE GLOB MATCH REGEXP BETWEEN ISNULL NOTNULL EXISTS",
            "< > <= >=",
            "ESCAPE",
            "& | << >>",
            "+ -",
            "* / %",
            "|| -> ->>",
            "COLLATE",
            "~",
        )
    )
    for word in words.split()
}
_LOOSEST, _TIGHTEST = -1, len(_RANKS)
_BEFORE_AN_EXPRESSION = ("AND", "OR", "NOT", "WHEN", "THEN", "ELSE", "BETWEEN", "LIKE", "CASE")


@lru_cache(maxsize=8192)
def normal_text(sql: str) -> str:
    """Bring an expression's text into the one form."""
    return normal(tokens(sql))


def normal(words: Sequence[Token]) -> str:
    """Write an expression without the parentheses that change nothing."""
    return written(_without_needless_parentheses(list(words)) if OPEN in words else words)


def closing(words: Sequence[Token], opening: int) -> int:
    """Find the parenthesis that closes the one at `opening`; raises IndexError where none does."""
    depth = 0
    for position in range(opening, len(words)):
        word = words[position]
        if word is OPEN:
            depth += 1
        elif word is CLOSE:
            depth -= 1
            if depth == 0:
                return position
    raise IndexError(opening)


def _without_needless_parentheses(words: list[Token]) -> list[Token]:
    position = 0
    while position < len(words):
        if words[position] is OPEN and _is_grouping(words, position):
            end = closing(words, position)
            if _is_needless(words, position, end):
                del words[end], words[position]
                continue
        position += 1
    return words


def _is_grouping(words: list[Token], opening: int) -> bool:
    """Tell parentheses around an expression from those of a call, a list or a type."""
    if opening == 0:
        return True
    before = words[opening - 1]
    if before.sort is Sort.NAME:
        return False
    return before.sort is not Sort.KEYWORD or before.text in _BEFORE_AN_EXPRESSION


def _is_needless(words: list[Token], opening: int, end: int) -> bool:
    inner = words[opening + 1 : end]
    if not inner or inner[0].is_keyword("SELECT", "WITH", "VALUES"):
        return False
    loosest = _loosest(inner)
    if loosest is None:
        return False
    left = _rank_to_the_left(words, opening)
    right = _rank(words[end + 1]) if end + 1 < len(words) else _LOOSEST
    return loosest > left and loosest >= right


def _loosest(inner: list[Token]) -> int | None:
    """Rank the loosest operator that stands free in an expression; None for a list, which is no expression."""
    depth, loosest = 0, _TIGHTEST
    for position, word in enumerate(inner):
        if word is OPEN or word.is_keyword("CASE"):
            depth += 1
        elif word is CLOSE or word.is_keyword("END"):
            depth -= 1
        elif depth == 0:
            if word is COMMA:
                return None
            if not _is_unary(inner, position):
                loosest = min(loosest, _rank(word))
    return loosest


def _rank_to_the_left(words: list[Token], opening: int) -> int:
    if opening == 0:
        return _LOOSEST
    return _TIGHTEST if _is_unary(words, opening - 1) else _rank(words[opening - 1])


def _is_unary(words: list[Token], position: int) -> bool:
    """Tell a sign before a number from an operator between two."""
    if not words[position].is_sign("-", "+", "~"):
        return False
    before = words[position - 1] if position else None
    return before is None or before.sort is Sort.KEYWORD or (before.sort is Sort.SIGN and before.text != ")")


def _rank(word: Token) -> int:
    """Rank how tightly a word binds its neighbours; a comma, a parenthesis or a clause's word does not bind at all."""
    if word.sort in (Sort.KEYWORD, Sort.SIGN) and word.text in _RANKS:
        return _RANKS[word.text]
    is_open = word.is_sign(",", "(", ")") or word.is_keyword("WHEN", "THEN", "ELSE", "END", "CASE")
    return _LOOSEST if is_open else _TIGHTEST
