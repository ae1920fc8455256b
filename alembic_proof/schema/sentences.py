"""A difference in words: a sentence for a report, and the lines of a listing."""

import difflib
from collections.abc import Mapping

from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.snapshot import Key, Value
from alembic_proof.schema.text import stated

_WORDS = {"unique": "unique constraint", "check": "check constraint", "exclusion": "exclusion constraint"}
_LONG = 60


def describe(difference: Difference, expected: str = "in the expected schema", actual: str = "in the actual schema") -> str:
    """Tell a difference in one sentence. `expected` and `actual` say what the two sides are: "before the upgrade"."""
    subject = subject_of(difference.key)
    if difference.change is Change.MISSING:
        return f"{subject} was there {expected} and not {actual}."
    if difference.change is Change.EXTRA:
        return f"{subject} was there {actual} and not {expected}."
    if difference.change is Change.RENAMED:
        return f"{subject} was named {_name(difference.key.name)} {expected} and {_name(difference.renamed_to or '')} {actual}."
    changes = [
        _changed(name, (difference.expected or {}).get(name), (difference.actual or {}).get(name), expected, actual)
        for name in difference.changed_properties()
    ]
    renamed = difference.renamed_to
    if renamed is not None:
        changes.insert(0, f"the name was {_name(difference.key.name)} {expected} and {_name(renamed)} {actual}")
    return f"{subject} differed: {'; '.join(changes)}."


def line(difference: Difference) -> tuple[str, ...]:
    """Write a difference as lines: `+` is only in the actual schema, `-` only in the expected one, `~` is in both."""
    key, expected, actual = difference.key, difference.expected, difference.actual
    if expected is None and actual is not None:
        return (f"+ {stated(key, actual, difference.parts)}",)
    if actual is None and expected is not None:
        return (f"- {stated(key, expected, difference.parts)}",)
    head = f"~ {key.kind.upper()} {_place(key)}"
    lines = [] if difference.renamed_to is None else [f"{head}  name: {_name(key.name)} -> {_name(difference.renamed_to)}"]
    for name in difference.changed_properties() if difference.change is Change.CHANGED else ():
        lines.extend(_property_lines(head, name, expected or {}, actual or {}))
    return tuple(lines)


def subject_of(key: Key) -> str:
    """Name an object as a sentence begins: "Index ix_post_slug on table post", "Column users.email"."""
    word = _WORDS.get(key.kind, key.kind)
    if key.kind == "column":
        return f"Column {key.full_name}"
    if key.table is None:
        return f"{word.capitalize()} {key.full_name}"
    table = key.table if key.schema is None else f"{key.schema}.{key.table}"
    if key.name.startswith("("):
        return f"The unnamed {word} {key.name} on table {table}"
    return f"{word.capitalize()} {key.name} on table {table}"


def _changed(name: str, before: Value, after: Value, expected: str, actual: str) -> str:
    if name == "nullable":
        nullable, not_null = (expected, actual) if before else (actual, expected)
        return f"it was nullable {nullable} and NOT NULL {not_null}"
    if max(len(_value(before)), len(_value(after))) > _LONG:
        return f"the {name.replace('_', ' ')} was not the same {expected} as {actual}"
    return f"the {name.replace('_', ' ')} was {_value(before)} {expected} and {_value(after)} {actual}"


def _property_lines(head: str, name: str, expected: Mapping[str, Value], actual: Mapping[str, Value]) -> list[str]:
    before, after, words = expected.get(name), actual.get(name), name.replace("_", " ")
    if isinstance(before, str) and isinstance(after, str) and "\n" in before + after:
        told = [text for text in difflib.ndiff(before.splitlines(), after.splitlines()) if not text.startswith("?")]
        return [f"{head}  {words}:", *(f"    {text}" for text in told)]
    return [f"{head}  {words}: {_value(before)} -> {_value(after)}"]


def _place(key: Key) -> str:
    if key.kind == "column" or key.table is None:
        return key.full_name
    table = key.table if key.schema is None else f"{key.schema}.{key.table}"
    return f"{key.name} ON {table}"


def _name(name: str) -> str:
    return "nothing" if name.startswith("(") else name


def _value(value: Value) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"({', '.join(value)})" if isinstance(value, tuple) else str(value)
