"""SQL for what Alembic has no operation for. Definitions that the catalog gives in full are used as they are."""

import re
from collections.abc import Iterator, Mapping

from alembic_proof.schema.operations import phases
from alembic_proof.schema.operations.code import qualified, quoted
from alembic_proof.schema.operations.constraints import names
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]

_COMMENT_WORDS = {"unique": "CONSTRAINT", "primary key": "CONSTRAINT", "foreign key": "CONSTRAINT", "check": "CONSTRAINT"}
_COMMENT_WORDS |= {
    "foreign server": "SERVER",
    "exclusion": "CONSTRAINT",
    "enum": "TYPE",
    "composite type": "TYPE",
    "range type": "TYPE",
}
_OPTION = re.compile(r"(\"(?:[^\"]|\"\")*\"|[^\s,]+) (E?'(?:[^']|'')*')")
_ENABLED = {"ORIGIN": "ENABLE", "DISABLED": "DISABLE", "REPLICA": "ENABLE REPLICA", "ALWAYS": "ENABLE ALWAYS"}


def literal(text: object) -> str:
    """Write a string of SQL."""
    return "'" + str(text).replace("'", "''") + "'"


def comment_on(key: Key, properties: Properties) -> str:
    """Write PostgreSQL's COMMENT ON for any object."""
    comment = properties.get("comment")
    return f"COMMENT ON {named(key)} IS {'NULL' if comment is None else literal(comment)}"


def named(key: Key) -> str:
    """Name an object as DROP and COMMENT ON of PostgreSQL do: CONSTRAINT x ON t, FUNCTION f(integer), INDEX s.i."""
    word = _COMMENT_WORDS.get(key.kind, key.kind.upper())
    if key.kind in ("function", "procedure", "aggregate"):
        name, _, arguments = key.name.partition("(")
        return f"{word} {qualified(key.schema, name, 'postgresql')}({arguments}"
    if key.kind == "column":
        return f"COLUMN {qualified(key.schema, str(key.table), 'postgresql')}.{quoted(key.name, 'postgresql')}"
    if key.kind == "cast":
        return f"CAST {key.name}"
    if key.kind == "index" or key.table is None:
        return f"{word} {qualified(key.schema, key.name, 'postgresql')}"
    return f"{word} {quoted(key.name, 'postgresql')} ON {qualified(key.schema, key.table, 'postgresql')}"


def create_sequence(key: Key, properties: Properties, kind: str) -> str:
    """Write CREATE SEQUENCE with every parameter."""
    type_ = f" AS {properties['type']}" if properties.get("type") else ""
    unlogged = "UNLOGGED " if properties.get("unlogged") else ""
    return f"CREATE {unlogged}SEQUENCE {qualified(key.schema, key.name, kind)}{type_} {_parameters(properties)}"


def alter_sequence(key: Key, properties: Properties, actual: Properties, kind: str) -> Iterator[str]:
    """Set every parameter of a sequence, and its owner."""
    type_ = f" AS {properties['type']}" if properties.get("type") else ""
    yield f"ALTER SEQUENCE {qualified(key.schema, key.name, kind)}{type_} {_parameters(properties)}"
    if "owned_by" in properties:
        yield own_sequence(key, properties, kind)
    if properties.get("unlogged") != actual.get("unlogged"):
        yield f"ALTER SEQUENCE {qualified(key.schema, key.name, kind)} SET {'UNLOGGED' if properties['unlogged'] else 'LOGGED'}"


def own_sequence(key: Key, properties: Properties, kind: str) -> str:
    """Give a sequence its owner."""
    owner = properties.get("owned_by")
    column = "NONE" if owner is None else ".".join(quoted(part, kind) for part in str(owner).split("."))
    return f"ALTER SEQUENCE {qualified(key.schema, key.name, kind)} OWNED BY {column}"


def _parameters(properties: Properties) -> str:
    values = {name: properties[name] for name in ("start", "increment", "minimum", "maximum", "cache")}
    cycle = "CYCLE" if properties["cycle"] else "NO CYCLE" if "type" in properties else "NOCYCLE"
    return (
        f"START WITH {values['start']} INCREMENT BY {values['increment']} MINVALUE {values['minimum']} "
        f"MAXVALUE {values['maximum']} CACHE {values['cache']} {cycle}"
    )


def table_settings(key: Key, expected: Properties, actual: Properties | None, kind: str) -> Iterator[str]:
    """Write what ALTER TABLE must set: each property of the table that is not as expected, or as a new table has it."""
    table = qualified(key.schema, key.name, kind)
    usual: Properties = {"replica_identity": "DEFAULT", "row_security": False, "force_row_security": False, "tablespace": None}
    differs = {name for name, value in expected.items() if (actual or usual).get(name) != value}
    if kind == "postgresql":
        if "options" in differs and actual is not None:
            yield f"ALTER FOREIGN TABLE {table} {changed_options(actual['options'], expected['options'])}"
        yield from _postgresql_settings(table, expected, actual, differs)
    elif kind != "sqlite":
        yield from _mariadb_settings(table, expected, actual, differs)


def _mariadb_settings(table: str, expected: Properties, actual: Properties | None, differs: set[str]) -> Iterator[str]:
    if "partitions" in differs and (actual is not None or expected["partitions"]):
        yield f"ALTER TABLE {table} {_partitioned(names(expected['partitions']))}"
    if actual is None:
        return
    if "engine" in differs:
        yield f"ALTER TABLE {table} ENGINE={expected['engine']}"
    if "collation" in differs:
        yield f"ALTER TABLE {table} COLLATE={expected['collation']}"
    if "options" in differs:
        before, after = (str(side["options"] or "").split() for side in (actual, expected))
        gone = {option.partition("=")[0] for option in before} - {option.partition("=")[0] for option in after}
        yield " ".join((f"ALTER TABLE {table}", *after, *(f"{name}=DEFAULT" for name in sorted(gone))))
    if "system_versioned" in differs:
        yield f"ALTER TABLE {table} {'ADD' if expected['system_versioned'] else 'DROP'} SYSTEM VERSIONING"
    if "comment" in differs:
        yield f"ALTER TABLE {table} COMMENT={literal(expected['comment'] or '')}"


def _partitioned(told: list[str]) -> str:
    """Write PARTITION BY from what MariaDB's reader tells: by what, and each partition with those inside it."""
    if not told:
        return "REMOVE PARTITIONING"
    parts: list[str] = []
    for part in told[1:]:
        if not part.startswith("SUBPARTITION"):
            parts.append(part)
        elif parts[-1].endswith(")"):
            parts[-1] = f"{parts[-1][:-1]}, {part})" if " (SUBPARTITION" in parts[-1] else f"{parts[-1]} ({part})"
        else:
            parts[-1] += f" ({part})"
    return f"PARTITION BY {told[0]} ({', '.join(parts)})"


def _postgresql_settings(table: str, expected: Properties, actual: Properties | None, differs: set[str]) -> Iterator[str]:
    if actual is not None and differs & {"inherits", "partition_bound"}:
        yield from _parents(table, expected, actual)
    if "row_security" in differs:
        yield f"ALTER TABLE {table} {'ENABLE' if expected['row_security'] else 'DISABLE'} ROW LEVEL SECURITY"
    if "force_row_security" in differs:
        yield f"ALTER TABLE {table} {'' if expected['force_row_security'] else 'NO '}FORCE ROW LEVEL SECURITY"
    if "replica_identity" in differs and expected["replica_identity"] != "INDEX":
        yield f"ALTER TABLE {table} REPLICA IDENTITY {expected['replica_identity']}"
    if "unlogged" in differs and actual is not None:
        yield f"ALTER TABLE {table} SET {'UNLOGGED' if expected['unlogged'] else 'LOGGED'}"
    if "storage_parameters" in differs:
        before = (actual or {}).get("storage_parameters")
        yield from storage_parameters(f"ALTER TABLE {table}", before, expected["storage_parameters"])
    if "access_method" in differs and actual is not None:
        yield f"ALTER TABLE {table} SET ACCESS METHOD {expected['access_method'] or 'heap'}"
    if "tablespace" in differs:
        yield f"ALTER TABLE {table} SET TABLESPACE {expected['tablespace'] or 'pg_default'}"
    if "comment" in differs and actual is not None:
        yield f"COMMENT ON TABLE {table} IS {'NULL' if expected['comment'] is None else literal(expected['comment'])}"


def storage_parameters(start: str, before: Value, after: Value) -> Iterator[str]:
    """Set and reset parameters of a table, an index or a view."""
    was, now = _options(before), _options(after)
    if gone := sorted(was.keys() - now.keys()):
        yield f"{start} RESET ({', '.join(gone)})"
    if now:
        yield f"{start} SET ({', '.join(f'{name}={value}' for name, value in now.items())})"


def changed_options(before: Value, after: Value) -> str:
    """Write OPTIONS (...) of a foreign object with what is added, set and dropped."""
    was, now = (dict(_OPTION.findall(str(side or ""))) for side in (before, after))
    parts = [f"DROP {name}" for name in was if name not in now]
    parts += [f"{'SET' if name in was else 'ADD'} {name} {value}" for name, value in now.items() if was.get(name) != value]
    return f"OPTIONS ({', '.join(parts)})"


def _parents(table: str, expected: Properties, actual: Properties) -> Iterator[str]:
    """Take a table in as a partition or child, or let it go."""
    before, after = (dict.fromkeys(map(_quoted_name, names(side["inherits"]))) for side in (actual, expected))
    if actual["partition_bound"]:
        yield from (f"ALTER TABLE {parent} DETACH PARTITION {table}" for parent in before)
    else:
        yield from (f"ALTER TABLE {table} NO INHERIT {parent}" for parent in before if parent not in after)
    if expected["partition_bound"]:
        yield from (f"ALTER TABLE {parent} ATTACH PARTITION {table} {expected['partition_bound']}" for parent in after)
    else:
        is_free = bool(actual["partition_bound"])
        yield from (f"ALTER TABLE {table} INHERIT {parent}" for parent in after if is_free or parent not in before)


def _quoted_name(full_name: str) -> str:
    return ".".join(quoted(part, "postgresql") for part in full_name.split("."))


def _options(text: Value) -> dict[str, str]:
    pairs = (part.partition("=") for part in str(text).split(", ")) if text else ()
    return {name: value for name, _, value in pairs}


def enabled(key: Key, properties: Properties) -> Iterator[str]:
    """Set a trigger or rule to fire as expected, if that is not the usual way."""
    if properties.get("enabled") not in (None, "ORIGIN"):
        table, name = qualified(key.schema, str(key.table), "postgresql"), quoted(key.name, "postgresql")
        yield f"ALTER TABLE {table} {_ENABLED[str(properties['enabled'])]} {key.kind.upper()} {name}"


_PHASES: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(
        ("trigger", "rule", "policy", "event", "event trigger", "publication", "statistics"),
        (phases.DROP_TRIGGER, phases.CREATE_TRIGGER),
    ),
    **dict.fromkeys(("view", "materialized view"), (phases.DROP_VIEW, phases.CREATE_VIEW)),
    **dict.fromkeys(("function", "procedure", "aggregate"), (phases.DROP_ROUTINE, phases.CREATE_ROUTINE)),
    **dict.fromkeys(("schema", "extension", "foreign data wrapper"), (phases.DROP_SCHEMA, phases.CREATE_SCHEMA)),
    "sequence": (phases.DROP_SEQUENCE, phases.CREATE_SEQUENCE),
    "text search configuration": (phases.DROP_SEQUENCE, phases.CREATE_SEQUENCE),
    "cast": (phases.DROP_TABLE, phases.CREATE_CONSTRAINT),
    "virtual table": (phases.DROP_TABLE, phases.CREATE_TABLE),
}


def phase_of(kind: str) -> tuple[int, int]:
    """Say when objects of a kind are dropped, and when they are made; all but these are types."""
    return _PHASES.get(kind, (phases.DROP_TYPE, phases.CREATE_TYPE))
