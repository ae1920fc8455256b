"""What only the stored CREATE INDEX knows: the expressions that it indexes and its predicate."""

from functools import lru_cache

import msgspec

from alembic_proof.schema.sqlite.expressions import closing, normal
from alembic_proof.schema.sqlite.lexer import CLOSE, COMMA, OPEN, Token, tokens


class StoredIndex(msgspec.Struct, frozen=True):
    """`terms` are the indexed columns and expressions without their COLLATE, ASC and DESC, in order."""

    terms: tuple[str, ...]
    predicate: str | None


@lru_cache(maxsize=4096)
def parse_index(sql: str) -> StoredIndex:
    """Parse a stored CREATE INDEX (https://www.sqlite.org/lang_createindex.html)."""
    words = tokens(sql)
    opening = next(position for position, word in enumerate(words) if word is OPEN)
    end = closing(words, opening)
    predicate = words[end + 1 :]
    return StoredIndex(
        tuple(normal(_bare(term)) for term in _split(words[opening + 1 : end])),
        normal(predicate[1:]) if predicate and predicate[0].is_keyword("WHERE") else None,
    )


def _split(words: tuple[Token, ...]) -> list[tuple[Token, ...]]:
    terms: list[tuple[Token, ...]] = []
    depth = start = 0
    for position, word in enumerate(words):
        depth += (word is OPEN) - (word is CLOSE)
        if depth == 0 and word is COMMA:
            terms.append(words[start:position])
            start = position + 1
    return [*terms, words[start:]]


def _bare(term: tuple[Token, ...]) -> tuple[Token, ...]:
    if term[-1].is_keyword("ASC", "DESC"):
        term = term[:-1]
    return term[:-2] if len(term) > 2 and term[-2].is_keyword("COLLATE") else term  # noqa: PLR2004 - COLLATE and its name
