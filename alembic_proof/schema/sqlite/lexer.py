"""The words of a SQLite statement, and one way to write them: quotes, case, spaces and comments do not count.

SQLite stores each CREATE statement as somebody once typed it. Two tables are equal when their words are.
"""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import NamedTuple


class Sort(Enum):
    """What a token is. A quoted name is a NAME, whatever it spells; a bare word of the language is a KEYWORD."""

    KEYWORD = "keyword"
    NAME = "name"
    LITERAL = "literal"
    SIGN = "sign"


class Token(NamedTuple):
    """One word: keywords in upper case, names without their quotes, literals and signs as they stand."""

    sort: Sort
    text: str

    def is_keyword(self, *words: str) -> bool:
        return self.sort is Sort.KEYWORD and self.text in words

    def is_sign(self, *signs: str) -> bool:
        return self.sort is Sort.SIGN and self.text in signs


KEYWORDS = frozenset(
    # https://www.sqlite.org/lang_keywords.html
    """
    ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN BETWEEN BY CASCADE
    CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME
    CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE
    EXCEPT EXCLUDE EXCLUSIVE EXISTS EXPLAIN FAIL FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP
    GROUPS HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS ISNULL JOIN
    KEY LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL NULLS OF OFFSET ON OR ORDER OTHERS
    OUTER OVER PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE
    RENAME REPLACE RESTRICT RETURNING RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO
    TRANSACTION TRIGGER UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE WINDOW WITH WITHOUT
    """.split()  # noqa: SIM905 - one word to a line would say no more in 147 lines
)

# One text is always one sort of token, so one group is enough, and splitting is a single call.
_TOKEN = re.compile(
    r"""
    \s*(
      [xX]'(?:[^']|'')*' | [^\W\d][\w$]* | [(),]
    | '(?:[^']|'')*' | "(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\]
    | 0[xX][0-9a-fA-F]+ | (?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?
    | --[^\n]* | /\*.*?(?:\*/|\Z)
    | ->> | \|\| | -> | << | >> | <= | >= | <> | != | == | \S
    )""",
    re.VERBOSE | re.DOTALL,
)
# What a walk over parentheses and commas must see, and what it must not look into.
_STRUCTURE = re.compile(r"""([(),]|'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z))""", re.DOTALL)
# A statement's beginning up to its first parenthesis, and then whole items in which nothing hides: no quoted name, no comment, no
# parenthesis in another. Where it stops, an item begins.
_HEAD = re.compile(r"""CREATE\ TABLE\ (?:[^\W\d]\w*+|"[^"]*+")\s*+\(""", re.VERBOSE)
_ITEM = r"""(?:[^(),'"`\[\]/-]++|'[^']*+'|\([^()'"`\[\]/-]*+\))*+"""
_PLAIN_ITEM, _PLAIN_ITEMS = re.compile(_ITEM), re.compile(f"(?:{_ITEM},)*+")
_SAME_SIGN = {"==": "=", "!=": "<>"}
_PLAIN_NAME = re.compile(r"[^\W\d][\w$]*\Z")


class _Tokens(dict[str, Token | None]):
    """Every text that was met, with its token; None for a comment. Filled by asking."""

    def __missing__(self, text: str) -> Token | None:
        if len(self) > _MOST_TEXTS:
            self.clear()
            self.update(_BRACKETS)
        self[text] = token = _token(text)
        return token


_MOST_TEXTS = 100_000
OPEN, CLOSE, COMMA = Token(Sort.SIGN, "("), Token(Sort.SIGN, ")"), Token(Sort.SIGN, ",")
"""The three signs that a parser looks for most: always these objects, so that `is` tells them."""
_BRACKETS = {"(": OPEN, ")": CLOSE, ",": COMMA}
_tokens = _Tokens(_BRACKETS)


def tokens(sql: str) -> tuple[Token, ...]:
    """Split a statement that SQLite accepted into its tokens."""
    return tuple([token for text in _TOKEN.findall(sql) if (token := _tokens[text]) is not None])


def items(sql: str, telling: tuple[str, ...]) -> Iterator[tuple[Token, ...]]:
    """Yield what stands between the commas of a statement's first parentheses: only what has a text of `telling` in it.

    Raises IndexError where the parentheses do not close.
    """
    start = _first_item(sql, telling)
    while start:
        item = _PLAIN_ITEM.match(sql, start)
        assert item is not None, "it matches nothing at all, too"
        end = item.end()
        if sql[end] not in ",)":  # a quoted name, a comment, parentheses in others
            break
        text = item.group()
        if _tells(text, telling):
            yield tokens(text)
        if sql[end] == ")":
            return
        start = end + 1
    for text in _items_of_any_form(sql[start:], depth=1 if start else 0):
        if _tells(text, telling):
            yield tokens(text)


def _first_item(sql: str, telling: tuple[str, ...]) -> int:
    """Say where the first item begins that can have a text of `telling` in it; 0 where that takes a closer look."""
    head = _HEAD.match(sql)
    if head is None:
        return 0
    upper, begin = sql.upper(), head.end()
    if len(upper) != len(sql):  # some letters have a longer form in upper case: positions would differ
        return 0
    end = len(sql)
    for word in telling:
        place = upper.find(word, begin, end)
        if place >= 0:
            end = place
    plain = _PLAIN_ITEMS.match(sql, begin, end)
    return plain.end() if plain is not None else begin


def _tells(text: str, telling: tuple[str, ...]) -> bool:
    upper = text.upper()
    return any(word in upper for word in telling)


def _items_of_any_form(sql: str, depth: int) -> Iterator[str]:
    """Yield what stands between commas, from outside of the parentheses (`depth` 0) or from an item's beginning (1)."""
    pieces = _STRUCTURE.split(sql)
    start = 0
    for position in range(1, len(pieces), 2):
        sign = pieces[position]
        if sign == "(":
            depth += 1
            if depth == 1:
                start = position + 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                yield "".join(pieces[start:position])
                return
        elif sign == "," and depth == 1:
            yield "".join(pieces[start:position])
            start = position + 1
    raise IndexError(sql)


def _token(text: str) -> Token | None:
    first = text[0]
    if text.startswith(("--", "/*")):
        return None
    if first in '"`[' and len(text) > 1:
        return Token(Sort.NAME, _without_quotes(text))
    if first == "'" or first.isdigit() or text[1:2] == "'" or (first == "." and len(text) > 1):
        return Token(Sort.LITERAL, text)
    if first.isalpha() or first == "_":
        upper = text.upper()
        return Token(Sort.KEYWORD, upper) if upper in KEYWORDS else Token(Sort.NAME, text)
    return Token(Sort.SIGN, _SAME_SIGN.get(text, text))


def _without_quotes(text: str) -> str:
    inner, closing = text[1:-1], text[-1]
    return inner if closing == "]" else inner.replace(closing * 2, closing)


def written(words: Sequence[Token]) -> str:
    """Write tokens in the one way: a name in quotes where it needs them, one space where a reader expects it."""
    parts: list[str] = []
    previous: Token | None = None
    for token in words:
        if previous is not None and _is_apart(previous, token):
            parts.append(" ")
        parts.append(quoted(token.text) if token.sort is Sort.NAME else token.text)
        previous = token
    return "".join(parts)


def quoted(name: str) -> str:
    """Quote a name if SQLite would not take it bare."""
    if _PLAIN_NAME.match(name) and name.upper() not in KEYWORDS:
        return name
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _is_apart(left: Token, right: Token) -> bool:
    if left is OPEN or right is CLOSE or right is COMMA or right.is_sign(".", ";") or left.is_sign("."):
        return False
    return not (right is OPEN and (left.sort is Sort.NAME or left.is_keyword("CAST", "RAISE", "REPLACE", "GLOB")))
