"""What ALTER of PostgreSQL sets about columns, indexes, views and foreign objects, beside what they are."""

import re
from collections.abc import Iterator, Mapping

from alembic_proof.schema.operations.code import qualified, quoted
from alembic_proof.schema.operations.constraints import names
from alembic_proof.schema.operations.statements import changed_options, literal, storage_parameters
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]

INDEX_SETTINGS = ("storage_parameters", "tablespace", "clustered", "replica_identity", "index_comment", "column_settings")
"""What can be set for an index that is there, its own or the one behind a constraint."""

_COLUMN_SETTINGS: Properties = {
    "compression": None,
    "storage": None,
    "options": None,
    "statistics_target": None,
    "foreign_options": None,
    "not_null": None,
}
_OF_NAME = re.compile(r"(\"(?:[^\"]|\"\")*\"|\d+) (\w+(?: (?=\()| \w+)?)(.*)", re.DOTALL)
_UNSET = {"SET DEFAULT": "DROP DEFAULT", "SET COMPRESSION": "SET COMPRESSION default", "SET STORAGE": "SET STORAGE DEFAULT"}
_UNSET |= {"SET STATISTICS": "SET STATISTICS -1"}


def column_settings(key: Key, expected: Properties, actual: Properties | None) -> Iterator[str]:
    """Set what differs about a column; about a new one, what is not as usual."""
    table, name = qualified(key.schema, str(key.table), "postgresql"), quoted(key.name, "postgresql")
    start = f"ALTER TABLE {table} ALTER COLUMN {name}"
    before = _COLUMN_SETTINGS if actual is None else actual
    if expected["compression"] != before["compression"]:
        yield f"{start} SET COMPRESSION {expected['compression'] or 'default'}"
    if expected["storage"] != before["storage"]:
        yield f"{start} SET STORAGE {expected['storage'] or 'DEFAULT'}"
    if expected["options"] != before["options"]:
        if before["options"]:
            yield f"{start} RESET ({', '.join(part.partition('=')[0] for part in str(before['options']).split(', '))})"
        if expected["options"]:
            yield f"{start} SET ({expected['options']})"
    if expected["statistics_target"] != before["statistics_target"]:
        target = expected["statistics_target"]
        yield f"{start} SET STATISTICS {-1 if target is None else target}"
    if expected["foreign_options"] != before["foreign_options"]:
        yield f"{start} {changed_options(before['foreign_options'], expected['foreign_options'])}"
    if expected["not_null"] != before["not_null"]:
        yield from _not_null(f"ALTER TABLE {table}", name, expected, before)


def _not_null(start: str, column: str, expected: Properties, actual: Properties) -> Iterator[str]:
    before, after = str(actual["not_null"] or ""), str(expected["not_null"] or "")
    if not after and not expected["nullable"] and before.endswith(" NOT VALID") and "NO INHERIT" not in before:
        yield f"{start} VALIDATE CONSTRAINT {before.removesuffix(' NOT VALID')}"
        return
    yield f"{start} ALTER COLUMN {column} DROP NOT NULL"
    if after:
        constraint, *words = re.split(r" (?=NO INHERIT|NOT VALID)", after)
        yield " ".join((f"{start} ADD CONSTRAINT {constraint} NOT NULL {column}", *words))
    elif not expected["nullable"]:
        yield f"{start} ALTER COLUMN {column} SET NOT NULL"


def index_settings(key: Key, expected: Properties, actual: Properties | None) -> Iterator[str]:
    """Set what differs about an index, or about the one behind a constraint; about a new one, what is not as usual."""
    before: Properties = {} if actual is None else actual
    differs = [name for name in INDEX_SETTINGS if (expected.get(name) or None) != (before.get(name) or None)]
    table, name = qualified(key.schema, str(key.table), "postgresql"), quoted(key.name, "postgresql")
    index = qualified(key.schema, key.name, "postgresql")
    if "storage_parameters" in differs:
        yield from storage_parameters(f"ALTER INDEX {index}", before.get("storage_parameters"), expected["storage_parameters"])
    if "tablespace" in differs:
        yield f"ALTER INDEX {index} SET TABLESPACE {expected['tablespace'] or 'pg_default'}"
    if "column_settings" in differs:
        yield from _of_columns(f"ALTER INDEX {index}", before.get("column_settings"), expected["column_settings"])
    if "clustered" in differs:
        yield f"ALTER TABLE {table} " + (f"CLUSTER ON {name}" if expected["clustered"] else "SET WITHOUT CLUSTER")
    if "replica_identity" in differs and expected["replica_identity"]:
        yield f"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {name}"
    if "index_comment" in differs:
        comment = expected["index_comment"]
        yield f"COMMENT ON INDEX {index} IS {'NULL' if comment is None else literal(comment)}"


def view_settings(key: Key, expected: Properties, actual: Properties | None) -> Iterator[str]:
    """Set what differs about the columns of a view, or about a materialized one's storage."""
    before: Properties = {} if actual is None else actual
    name = qualified(key.schema, key.name, "postgresql")
    start = f"ALTER {key.kind.upper()} {name}"
    if actual is not None and expected["options"] != before["options"]:
        yield from storage_parameters(start, before["options"], expected["options"])
    if expected["access_method"] != before.get("access_method"):
        yield f"{start} SET ACCESS METHOD {expected['access_method'] or 'heap'}"
    if expected["tablespace"] != before.get("tablespace"):
        yield f"{start} SET TABLESPACE {expected['tablespace'] or 'pg_default'}"
    yield from _of_columns(start, before.get("column_settings"), expected["column_settings"])
    yield from column_comments(name, before.get("column_comments"), expected["column_comments"])


def column_comments(relation: str, before: Value, after: Value) -> Iterator[str]:
    """Set the comments on columns of a view, or on attributes of a composite type."""
    told, gone = names(after), [comment.partition("\" IS '")[0] for comment in names(before)]
    kept = [comment.partition("\" IS '")[0] for comment in told]
    yield from (f'COMMENT ON COLUMN {relation}.{name}" IS NULL' for name in gone if name not in kept)
    yield from (f"COMMENT ON COLUMN {relation}.{comment}" for comment in told if comment not in names(before))


def _of_columns(start: str, before: Value, after: Value) -> Iterator[str]:
    """Set and unset what ALTER COLUMN does: each entry begins with the column's name in quotes, or its number."""
    kept = [_what(entry) for entry in names(after)]
    for entry in names(before):
        column, word, rest = _what_and_rest(entry)
        if (column, word) not in kept:
            listed = ", ".join(part.partition("=")[0] for part in rest.strip("()").split(", "))
            yield f"{start} ALTER COLUMN {column} {_UNSET.get(word, f'RESET ({listed})')}"
    yield from (f"{start} ALTER COLUMN {entry}" for entry in names(after) if entry not in names(before))


def _what(entry: str) -> tuple[str, str]:
    return _what_and_rest(entry)[:2]


def _what_and_rest(entry: str) -> tuple[str, str, str]:
    matched = _OF_NAME.fullmatch(entry)
    assert matched is not None, "entries are the reader's"
    return matched[1], matched[2].strip(), matched[3].strip()
