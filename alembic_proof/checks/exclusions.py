"""The query that counts the pairs of rows that an exclusion constraint refuses, from its text as PostgreSQL writes it."""

import re
from collections.abc import Iterator

_BEGINNING = re.compile(r"EXCLUDE USING \w+ \(")
_PIECE = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|.", re.DOTALL)
_USUAL_TERM = re.compile(r"\w+|\".*\"|\w+\(.*\)|\(.*\)", re.DOTALL)  # not one with an operator class or a collation behind it

_DEPTHS = {"(": 1, ")": -1, "[": 1, "]": -1}


def clashing_pairs(table: str, definition: str) -> str | None:
    """Write the query: each pair once. None where the definition has what this does not take apart."""
    begun = _BEGINNING.match(definition)
    if begun is None:
        return None
    *terms, rest = _split(definition[begun.end() :])
    parts = [term.strip().rpartition(" WITH ") for term in terms]
    if not all(_USUAL_TERM.fullmatch(value) for value, _, _ in parts):
        return None
    _, has_predicate, tail = rest.partition(" WHERE (")
    predicate = f" WHERE {next(_split(tail))}" if has_predicate else ""
    values = ", ".join(f"{value} AS value_{number}" for number, (value, _, _) in enumerate(parts, 1))
    same = " AND ".join(f"a.value_{number} {operator} b.value_{number}" for number, (_, _, operator) in enumerate(parts, 1))
    judged = f"SELECT ctid AS place, {values} FROM {table}{predicate}"
    return f"WITH judged AS ({judged}) SELECT count(*) FROM judged a JOIN judged b ON a.place < b.place AND {same}"


def _split(text: str) -> Iterator[str]:
    """Part a list at its commas, up to the parenthesis that closes it; what stands behind that comes last."""
    depth, part = 0, ""
    for piece in _PIECE.finditer(text):
        if depth == 0 and piece[0] in ",)":
            yield part
            part = ""
            if piece[0] == ")":
                yield text[piece.end() :]
                return
        else:
            depth += _DEPTHS.get(piece[0], 0)
            part += piece[0]
