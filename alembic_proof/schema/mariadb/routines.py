"""What runs by itself in MariaDB and MySQL: triggers, functions, procedures, events; and MariaDB's sequences."""

from collections import defaultdict
from operator import itemgetter

from alembic_proof.schema.mariadb.packed import text
from alembic_proof.schema.mariadb.tables import Objects
from alembic_proof.schema.snapshot import Fetch, Key

_LAST = itemgetter(-1)
_TRIGGERS = """
SELECT EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, ACTION_STATEMENT, ACTION_ORDER
FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"""
# MySQL cuts a concatenated text after 1024 bytes unless told otherwise; to MariaDB its hint is a comment.
_ROUTINES = """
SELECT /*+ SET_VAR(group_concat_max_len = 1048576) */
       r.ROUTINE_NAME, r.ROUTINE_TYPE, r.DTD_IDENTIFIER, r.ROUTINE_DEFINITION, r.IS_DETERMINISTIC, r.SQL_DATA_ACCESS,
       r.SECURITY_TYPE, r.ROUTINE_COMMENT,
       (SELECT GROUP_CONCAT(p.PARAMETER_MODE, ' ', p.PARAMETER_NAME, ' ', p.DTD_IDENTIFIER
                            ORDER BY p.ORDINAL_POSITION SEPARATOR ', ')
        FROM information_schema.PARAMETERS p
        WHERE p.SPECIFIC_SCHEMA = r.ROUTINE_SCHEMA AND p.SPECIFIC_NAME = r.SPECIFIC_NAME AND p.ORDINAL_POSITION > 0)
FROM information_schema.ROUTINES r WHERE r.ROUTINE_SCHEMA = DATABASE()"""
_EVENTS = """
SELECT EVENT_NAME, EVENT_DEFINITION, EVENT_TYPE, EXECUTE_AT, INTERVAL_VALUE, INTERVAL_FIELD, STATUS, ON_COMPLETION, EVENT_COMMENT
FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()"""
_SEQUENCE = """
SELECT '{name}', start_value, minimum_value, maximum_value, increment, cache_size, cycle_option FROM `{identifier}`"""


def routine_objects(fetch: Fetch) -> Objects:
    """Read triggers, functions, procedures and events in three queries."""
    objects: Objects = {}
    fired: defaultdict[tuple[str | None, ...], list[str]] = defaultdict(list)
    for row in sorted(fetch(_TRIGGERS), key=_LAST):
        table, name, timing, event, statement, _ = map(text, row)
        earlier = fired[table, timing, event]
        objects[Key("trigger", None, str(table), str(name))] = {
            "definition": f"{timing} {event} FOR EACH ROW {statement}",
            "follows": tuple(earlier),
        }
        earlier.append(str(name))
    for row in fetch(_ROUTINES):
        name, kind, returns, body, deterministic, access, security, comment, parameters = map(text, row)
        objects[Key(str(kind).lower(), None, None, str(name))] = {
            "parameters": (parameters or "").strip(),
            "returns": returns or None,
            "definition": body,
            "deterministic": deterministic == "YES",
            "data_access": access,
            "security": security,
            "comment": comment or None,
        }
    for row in fetch(_EVENTS):
        name, body, kind, at, every, unit, status, completion, comment = map(text, row)
        objects[Key("event", None, None, str(name))] = {
            "definition": body,
            "schedule": f"AT {at}" if kind == "ONE TIME" else f"EVERY {every} {unit}",
            "status": status,
            "on_completion": completion,
            "comment": comment or None,
        }
    return objects


def sequence_objects(fetch: Fetch, names: tuple[str, ...]) -> Objects:
    """Read the sequences' parameters, all in one query: each is a table of one row."""
    if not names:
        return {}
    query = " UNION ALL ".join(
        _SEQUENCE.format(name=name.replace("\\", "\\\\").replace("'", "''"), identifier=name.replace("`", "``")) for name in names
    )
    objects: Objects = {}
    for name, start, minimum, maximum, increment, cache, cycle in fetch(query):
        objects[Key("sequence", None, None, str(text(name)))] = {
            "start": int(start),
            "increment": int(increment),
            "minimum": int(minimum),
            "maximum": int(maximum),
            "cache": int(cache),
            "cycle": bool(cycle),
        }
    return objects
