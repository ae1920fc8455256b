"""A schema, or what changed between two, for a person and for a program. The form of the documents is public.

The text holds nothing that changes when the schema does not: it can be kept under version control.
"""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from alembic_proof.errors import ProofError
from alembic_proof.schema.diff import Change, Difference, Objects
from alembic_proof.schema.sentences import describe, line
from alembic_proof.schema.snapshot import Key, Snapshot
from alembic_proof.schema.text import as_text, stated_lines, stated_parts

SCHEMA_VERSION = 1
FORMATS = ("text", "json")

_CHANGES = {Change.MISSING: "removed", Change.EXTRA: "added", Change.CHANGED: "changed", Change.RENAMED: "renamed"}
_STYLES = {"+": "green", "-": "red", "~": "yellow"}


class SchemaAt(msgspec.Struct, frozen=True):
    """The schema of a database when `revision` has run; "base" stands for none, several heads are named together."""

    database: str
    server_version: str
    revision: str
    snapshot: Snapshot


class SchemaDifference(msgspec.Struct, frozen=True):
    """What is different between two schemas: `expected` is the one at `before`, `actual` the one at `after`."""

    database: str
    server_version: str
    before: str
    after: str
    differences: tuple[Difference, ...]
    not_read: tuple[str, ...]


def require_format(name: str) -> None:
    """Raise ProofError for a format that there is not."""
    if name not in FORMATS:
        raise ProofError(f'Cannot write format "{name}": there is no such format. Use one of: {", ".join(FORMATS)}.')


def schema_as_text(seen: SchemaAt) -> str:
    """Write one object a line, a table's parts indented below it, and last what was not read."""
    kinds = "; ".join(seen.snapshot.not_read)
    return as_text(seen.snapshot) + (f"-- not read: {kinds}\n" if kinds else "")


def schema_as_json(seen: SchemaAt) -> str:
    """Write every object with all its properties."""
    objects = seen.snapshot.objects
    return _document(
        database=seen.database,
        server_version=seen.server_version,
        revision=seen.revision,
        objects=_with_properties(objects),
        not_read=seen.snapshot.not_read,
    )


def difference_as_text(seen: SchemaDifference, *, color: bool = False) -> str:
    """Write what is different, `+` only at the second revision, `-` only at the first, `~` at both; then a count."""
    console = Console(file=StringIO(), force_terminal=color, no_color=not color, highlight=False, soft_wrap=True)
    for difference in seen.differences:
        for told in _lines(difference):
            console.print(Text(told, style=_STYLES.get(told[:1].strip() or told[4:5], "")))  # code that differs is indented by 4
    number = len(seen.differences)
    count = "No difference" if not number else f"{number} difference{'' if number == 1 else 's'}"
    console.print(Text(f"{count} between {seen.before} and {seen.after} on {seen.database}.", style="bold"))
    output = console.file
    assert isinstance(output, StringIO), "made above"
    return output.getvalue()


def difference_as_json(seen: SchemaDifference) -> str:
    """Write each difference with its object, both sides, a sentence, and the lines of the text."""
    return _document(
        database=seen.database,
        server_version=seen.server_version,
        before=seen.before,
        after=seen.after,
        differences=[
            {
                "change": _CHANGES[difference.change],
                **_named(difference.key),
                "renamed_to": difference.renamed_to,
                "before": difference.expected,
                "after": difference.actual,
                "parts": _with_properties(difference.parts),
                "sentence": describe(difference, expected=f"at {seen.before}", actual=f"at {seen.after}"),
                "lines": list(_lines(difference)),
            }
            for difference in seen.differences
        ],
        not_read=seen.not_read,
    )


def _lines(difference: Difference) -> Iterator[str]:
    """A difference as a listing has it; what only one side has is told in full, a table with all its parts."""
    only = difference.actual if difference.change is Change.EXTRA else difference.expected
    if only is None or difference.change not in (Change.MISSING, Change.EXTRA):
        yield from (told.rstrip() for told in line(difference))
        return
    sign = "+" if difference.change is Change.EXTRA else "-"
    yield from (f"{sign} {told}".rstrip() for told in stated_lines(difference.key, only))
    yield from (f"{sign}     {told}".rstrip() for told in stated_parts(difference.parts))


def _with_properties(objects: Objects) -> list[dict[str, Any]]:
    """Every object by itself, the parts of a table after it."""

    def place(key: Key) -> tuple[str, str, bool, str, str]:
        return key.schema or "", key.table or key.name, key.table is not None, key.kind, key.name

    return [{**_named(key), "properties": objects[key]} for key in sorted(objects, key=place)]


def _named(key: Key) -> dict[str, str | None]:
    return {"kind": key.kind, "schema": key.schema, "table": key.table, "name": key.name}


def _document(**parts: Any) -> str:
    document = {"schema_version": SCHEMA_VERSION, **parts}
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
