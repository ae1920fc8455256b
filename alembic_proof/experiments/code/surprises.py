"""What the other schema answered otherwise than the own one, and which of its changes is to blame. Pure."""

import re
from decimal import Decimal
from typing import Any

from alembic_proof.code_evidence import Surprise
from alembic_proof.experiments.code.recipes import Code, Recipe
from alembic_proof.experiments.code.sending import Sent
from alembic_proof.experiments.code.stage import type_of
from alembic_proof.schema.diff import Change, Difference

_WORD = re.compile(r"\w+")
_COMPARED = int | str | Decimal | bytes
_LONGEST = 60
_SAID_OF = {
    "unique": ("unique", "duplicate"),
    "index": ("unique", "duplicate"),
    "primary key": ("unique", "duplicate"),
    "foreign key": ("foreign key",),
    "check": ("check",),
}
"""How databases speak of a constraint that they do not name."""


def surprise(code: Code, recipe: Recipe, own: Sent, other: Sent) -> Surprise | None:
    """Compare two answers to one recipe; None where the other side answered as the own one, or where the own one refused."""
    if own.refusal is not None:
        return None
    if other.refusal is not None:
        its = blamed(code, recipe, other.refusal)
        if its is None:
            return None
        return Surprise(its, recipe.does, other.statement, refusal=other.refusal, is_absence=recipe.is_absence)
    for position, column in enumerate(own.columns):
        read = read_otherwise([row[position] for row in own.rows], [row[position] for row in other.rows], column, recipe)
        if read is not None:
            does = f"{recipe.does}, read back,"
            return Surprise(f"{code.table.full_name}.{column}", does, other.statement, read=read)
    return None


def read_otherwise(before: list[Any], after: list[Any], column: str, recipe: Recipe) -> tuple[str, str] | None:
    """Say what came back, where it is of another type, or another value than was written."""
    types = {type_of(value) for value in before if value is not None}, {type_of(value) for value in after if value is not None}
    if all(types) and not types[1] <= types[0]:
        return _shown(next(one for one in before if one is not None)), _shown(next(one for one in after if one is not None))
    if column not in recipe.fixed or not len(before) == len(after) == 1:
        return None
    was_kept = isinstance(before[0], _COMPARED | None) and recipe.cells[0][column] == before[0]
    return (_shown(before[0]), _shown(after[0])) if was_kept and before[0] != after[0] else None


def _shown(value: Any) -> str:
    text = repr(value)
    if text.startswith((f"{type(value).__name__}(", f"{type(value).__module__}.")):  # its type is told before it
        text = str(value)
    return f"{type_of(value)} {text if len(text) <= _LONGEST else text[: _LONGEST - 3] + '...'}" if value is not None else "None"


def blamed(code: Code, recipe: Recipe, words: str) -> str | None:
    """The constraint that the database names, the column that it names, else what the statement is about.

    None where a constraint refused that the own schema has too, and nothing new on the table can have changed the row: what was
    tried met what was there.
    """
    table, touched = code.table.full_name, code.touched
    if recipe.is_absence:
        return f"{table}.{recipe.about}" if recipe.about else table
    named = set(_WORD.findall(words))
    others = [one for one in touched.differences if one.key.kind not in ("table", "column")]
    told = [one for one in others if {one.key.name, one.renamed_to} & named]
    told = told or [one for one in others if _is_told(one, recipe, words, named)]
    if told and recipe.without is None:
        return told[0].key.full_name
    if _is_of_both(code, words, named):
        rewriting = [one for one in others if one.key.kind in ("trigger", "rule")]
        return rewriting[0].key.full_name if rewriting else None
    columns = [name for name in (*touched.columns, *touched.required) if name in named]
    about = [recipe.without] if recipe.without else [*columns, recipe.about] if recipe.about else columns
    if about:
        return f"{table}.{about[0]}"
    changed = others or [one for one in touched.differences if one.key.kind == "column" and one.change is not Change.MISSING]
    return changed[0].key.full_name if len(changed) == 1 else table


def _is_of_both(code: Code, words: str, named: set[str]) -> bool:
    """Whether the database speaks of a constraint that both schemas have."""
    said = words.lower()
    if (
        not any(word in said for word in ("constraint", "duplicate", "unique", "foreign key"))
        or "not null" in said
        or "not-null" in said
    ):
        return False
    standing = code.touched.standing
    if standing.names & named or any(columns and columns <= named for columns in standing.uniques):
        return True
    is_reference = "foreign key" in said and bool(code.table.foreign_keys)
    return is_reference and not any(one.key.kind == "foreign key" for one in code.touched.differences)


def _is_told(difference: Difference, recipe: Recipe, words: str, named: set[str]) -> bool:
    """Whether the database speaks of such a constraint on these columns."""
    columns = _texts((difference.actual or difference.expected or {}).get("columns"))
    is_spoken_of = any(word in words.lower() for word in _SAID_OF.get(difference.key.kind, ()))
    return is_spoken_of and (set(columns) <= named or recipe.about in columns)


def _texts(value: Any) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
