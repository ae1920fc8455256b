"""Tables, columns and views of MariaDB and MySQL, from information_schema."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from alembic_proof.schema.snapshot import Fetch, Key, Value

Objects = dict[Key, Mapping[str, Value]]

_TABLES = """
SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION, TABLE_COMMENT, CREATE_OPTIONS
FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"""
_COLUMNS = """
SELECT TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, COLLATION_NAME, EXTRA,
       GENERATION_EXPRESSION, COLUMN_COMMENT
FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"""
_VIEWS = """
SELECT TABLE_NAME, VIEW_DEFINITION, CHECK_OPTION, SECURITY_TYPE, DATABASE()
FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()"""


def text(value: Any) -> str | None:
    """Drivers give some of information_schema's texts as bytes."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes | bytearray) else None if value is None else str(value)


def table_objects(fetch: Fetch, *, is_mariadb: bool) -> tuple[Objects, tuple[str, ...]]:
    """Read tables, columns and views in three queries; the names of sequences, which are tables here, come beside."""
    objects: Objects = {}
    tables, sequences = set(), []
    for name, kind, *rest in fetch(_TABLES):
        name, kind = str(text(name)), text(kind)  # noqa: PLW2901 - the same value, as text
        if kind == "SEQUENCE":
            sequences.append(name)
        elif kind in ("BASE TABLE", "SYSTEM VERSIONED"):
            tables.add(name)
            engine, collation, comment, options = map(text, rest)
            objects[Key("table", None, None, name)] = {
                "engine": engine,
                "collation": collation,
                "options": options or None,
                "system_versioned": kind == "SYSTEM VERSIONED",
                "comment": comment or None,
            }
    for table, name, position, *rest in sorted(
        fetch(_COLUMNS), key=itemgetter(2)
    ):  # sorting there takes twice as long as reading
        table = str(text(table))  # noqa: PLW2901
        if table in tables:
            column = Key("column", None, table, str(text(name)))
            objects[column] = _column(int(position), [text(value) for value in rest], is_mariadb=is_mariadb)
    for row in fetch(_VIEWS):
        name, definition, check_option, security, database = map(text, row)
        objects[Key("view", None, None, str(name))] = {
            "definition": without_database(definition or "", database or ""),
            "check_option": check_option,
            "security": security,
        }
    return objects, tuple(sequences)


def without_database(definition: str, database: str) -> str:
    """Drop the database's own name, which the server writes before each table of a view."""
    quoted = database.replace("`", "``")
    return definition.replace(f"`{quoted}`.", "")


def _column(position: int, values: list[str | None], *, is_mariadb: bool) -> Mapping[str, Value]:
    type_, nullable, default, collation, extra, generation, comment = values
    words = [word.strip() for word in (extra or "").replace("DEFAULT_GENERATED", "").split(",") if word.strip()]
    generated = None
    if generation:
        generated = f"{generation} {'STORED' if 'STORED' in (extra or '').upper() else 'VIRTUAL'}"
        words = [word for word in words if "GENERATED" not in word.upper()]
    if is_mariadb:
        default = None if default == "NULL" else default
    elif default is not None and "DEFAULT_GENERATED" not in (extra or ""):
        default = "'" + default.replace("'", "''") + "'"  # MySQL gives a literal's value, MariaDB the literal
    return {
        "type": type_,
        "nullable": nullable == "YES",
        "default": None if generated else default,
        "collation": collation,
        "generated": generated,
        "extra": ", ".join(words) or None,
        "comment": comment or None,
        "position": position,
    }
