"""Tables, columns and views of MariaDB and MySQL, from information_schema."""

from collections.abc import Mapping
from functools import lru_cache

from alembic_proof.schema.mariadb.packed import rows, text
from alembic_proof.schema.snapshot import Fetch, Key, Value

Objects = dict[Key, Mapping[str, Value]]

_TABLES = ("TABLE_NAME", "TABLE_TYPE", "ENGINE", "TABLE_COLLATION", "TABLE_COMMENT", "CREATE_OPTIONS")
_COLUMNS = (
    "TABLE_NAME", "ORDINAL_POSITION", "COLUMN_NAME", "COLUMN_TYPE", "IS_NULLABLE", "COLUMN_DEFAULT", "COLLATION_NAME", "EXTRA",
    "GENERATION_EXPRESSION", "COLUMN_COMMENT",
)  # fmt: skip
_PARTITIONS = (
    "TABLE_NAME", "PARTITION_ORDINAL_POSITION * 10000 + COALESCE(SUBPARTITION_ORDINAL_POSITION, 0)", "PARTITION_NAME",
    "PARTITION_METHOD", "PARTITION_EXPRESSION",
    "PARTITION_DESCRIPTION", "SUBPARTITION_METHOD", "SUBPARTITION_EXPRESSION", "SUBPARTITION_NAME",
)  # fmt: skip
_VIEWS = ("TABLE_NAME", "VIEW_DEFINITION", "CHECK_OPTION", "SECURITY_TYPE", "DATABASE()")
_IN_DATABASE = "WHERE TABLE_SCHEMA = DATABASE()"
_DATABASE = "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()"


def table_objects(fetch: Fetch, *, is_mariadb: bool) -> tuple[Objects, tuple[str, ...]]:
    """Read tables, columns and views in four queries; the names of sequences, which are tables here, come beside."""
    objects: Objects = {Key("database", None, None, "itself"): {"collation": text(fetch(_DATABASE)[0][0])}}
    partitioned = []
    tables, sequences = set(), []
    for name, kind, engine, collation, comment, options in rows(fetch, _TABLES, f"TABLES {_IN_DATABASE}", is_mariadb=is_mariadb):
        if name is None:
            continue
        if kind == "SEQUENCE":
            sequences.append(name)
        elif kind in ("BASE TABLE", "SYSTEM VERSIONED"):
            tables.add(name)
            words = (options or "").split()
            if "partitioned" in words:
                partitioned.append(name)
            objects[Key("table", None, None, name)] = {
                "engine": engine,
                "collation": collation,
                "options": " ".join(word for word in words if word != "partitioned") or None,
                "partitions": (),
                "system_versioned": kind == "SYSTEM VERSIONED",
                "comment": comment or None,
            }
    columns = _COLUMNS if is_mariadb else (*_COLUMNS, "SRS_ID")  # a geometry's, which MariaDB does not keep
    for table, position, name, *rest in rows(fetch, columns, f"COLUMNS {_IN_DATABASE}", order=1, is_mariadb=is_mariadb):
        if table in tables:
            objects[Key("column", None, table, str(name))] = _column(int(position or 0), tuple(rest), is_mariadb=is_mariadb)
    if partitioned:
        for table, told in _partitions(fetch, is_mariadb=is_mariadb).items():
            key = Key("table", None, None, table)
            objects[key] = {**objects[key], "partitions": tuple(told)}
    return objects | _views(fetch, is_mariadb=is_mariadb), tuple(sequences)


def _views(fetch: Fetch, *, is_mariadb: bool) -> Objects:
    objects: Objects = {}
    views = (*_VIEWS, "ALGORITHM") if is_mariadb else _VIEWS
    for name, definition, check_option, security, database, *algorithm in rows(
        fetch, views, f"VIEWS {_IN_DATABASE}", is_mariadb=is_mariadb
    ):
        objects[Key("view", None, None, str(name))] = {
            "definition": without_database(definition or "", database or ""),
            "check_option": check_option,
            "security": security,
            "algorithm": algorithm[0] if algorithm else None,
        }
    return objects


def _partitions(fetch: Fetch, *, is_mariadb: bool) -> dict[str, list[str]]:
    """Say for each partitioned table by what, and then each partition, as PARTITION BY has it."""
    told: dict[str, list[str]] = {}
    source = f"PARTITIONS {_IN_DATABASE} AND PARTITION_NAME IS NOT NULL"
    for table, _, name, method, expression, description, inner, inner_by, part in rows(
        fetch, _PARTITIONS, source, order=1, is_mariadb=is_mariadb
    ):
        by = f"{method} ({expression or ''})" + (f" SUBPARTITION BY {inner} ({inner_by or ''})" if inner else "")
        parts = told.setdefault(str(table), [by])
        word = {"RANGE": "LESS THAN", "LIST": "IN"}.get(str(method).partition(" ")[0])
        limit = (
            f" VALUES {word} ({description})"
            if word and description != "MAXVALUE"
            else f" VALUES {word} MAXVALUE"
            if word
            else ""
        )
        made = f"PARTITION `{name}`{limit}"
        if made not in parts:
            parts.append(made)
        if part is not None:
            parts.append(f"SUBPARTITION `{part}`")
    return told


def without_database(definition: str, database: str) -> str:
    """Drop the database's own name, which the server writes before each table of a view."""
    quoted = database.replace("`", "``")
    return definition.replace(f"`{quoted}`.", "")


@lru_cache(maxsize=8192)  # the same few columns stand in table after table
def _column(position: int, values: tuple[str | None, ...], *, is_mariadb: bool) -> Mapping[str, Value]:
    type_, nullable, default, collation, extra, generation, comment, *reference_system = values
    words = [word.strip() for word in (extra or "").replace("DEFAULT_GENERATED", "").split(",") if word.strip()]
    generated = None
    if generation:
        generated = f"{generation} {'STORED' if 'STORED' in (extra or '').upper() else 'VIRTUAL'}"
        words = [word for word in words if "GENERATED" not in word.upper()]
    words += [f"SRID {number}" for number in reference_system if number is not None]
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
