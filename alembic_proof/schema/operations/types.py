"""From the text of a type, as a database states it, to the SQLAlchemy type that makes it."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeEngine, UserDefinedType

Maker = Callable[..., TypeEngine[Any]]

_TEXT = re.compile(r"(?P<name>[a-z][a-z0-9_ ]*?)\s*(?:\((?P<arguments>.*)\)(?P<rest>[a-z ]*))?", re.IGNORECASE | re.DOTALL)
_QUOTED = re.compile(r"'((?:[^']|'')*)'")

_POSTGRESQL: dict[str, Maker] = {
    "character varying": sa.VARCHAR, "character": sa.CHAR, "text": sa.TEXT, "integer": sa.INTEGER, "bigint": sa.BIGINT,
    "smallint": sa.SMALLINT, "numeric": sa.NUMERIC, "double precision": sa.DOUBLE_PRECISION, "real": sa.REAL,
    "boolean": sa.BOOLEAN, "bytea": postgresql.BYTEA, "date": sa.DATE, "uuid": sa.UUID, "json": postgresql.JSON,
    "jsonb": postgresql.JSONB,
    "inet": postgresql.INET, "cidr": postgresql.CIDR, "macaddr": postgresql.MACADDR, "macaddr8": postgresql.MACADDR8,
    "money": postgresql.MONEY, "oid": postgresql.OID, "tsvector": postgresql.TSVECTOR, "tsquery": postgresql.TSQUERY,
    "bit": postgresql.BIT, "bit varying": partial(postgresql.BIT, varying=True), "interval": postgresql.INTERVAL,
    "int4range": postgresql.INT4RANGE, "int8range": postgresql.INT8RANGE, "numrange": postgresql.NUMRANGE,
    "daterange": postgresql.DATERANGE, "tsrange": postgresql.TSRANGE, "tstzrange": postgresql.TSTZRANGE,
    "int4multirange": postgresql.INT4MULTIRANGE, "datemultirange": postgresql.DATEMULTIRANGE, "citext": postgresql.CITEXT,
    "hstore": postgresql.HSTORE,
}  # fmt: skip
_POSTGRESQL_TIMES: dict[str, Maker] = {"time": postgresql.TIME, "timestamp": postgresql.TIMESTAMP}
_SQLITE: dict[str, Maker] = {
    maker.__name__.replace("_", " "): maker
    for maker in (
        sa.INTEGER, sa.BIGINT, sa.SMALLINT, sa.VARCHAR, sa.NVARCHAR, sa.CHAR, sa.NCHAR, sa.TEXT, sa.NUMERIC, sa.DECIMAL, sa.FLOAT,
        sa.REAL, sa.DOUBLE, sa.DOUBLE_PRECISION, sa.BOOLEAN, sa.DATE, sa.DATETIME, sa.TIME, sa.TIMESTAMP, sa.BLOB, sa.BINARY,
        sa.VARBINARY, sa.JSON, sa.CLOB,
    )
}  # fmt: skip
_MYSQL_NUMBERS: dict[str, Maker] = {
    "int": mysql.INTEGER, "bigint": mysql.BIGINT, "smallint": mysql.SMALLINT, "tinyint": mysql.TINYINT,
    "mediumint": mysql.MEDIUMINT,
}  # fmt: skip
_MYSQL: dict[str, Maker] = {
    "decimal": mysql.DECIMAL, "float": mysql.FLOAT, "double": mysql.DOUBLE, "varchar": mysql.VARCHAR, "char": mysql.CHAR,
    "text": mysql.TEXT, "tinytext": mysql.TINYTEXT, "mediumtext": mysql.MEDIUMTEXT, "longtext": mysql.LONGTEXT,
    "blob": sa.BLOB, "tinyblob": mysql.TINYBLOB, "mediumblob": mysql.MEDIUMBLOB, "longblob": mysql.LONGBLOB,
    "binary": sa.BINARY, "varbinary": sa.VARBINARY, "date": sa.DATE, "json": mysql.JSON, "bit": mysql.BIT, "year": mysql.YEAR,
}  # fmt: skip
_MYSQL_TIMES: dict[str, Maker] = {"datetime": mysql.DATETIME, "timestamp": mysql.TIMESTAMP, "time": mysql.TIME}
_MYSQL_LISTS: dict[str, Maker] = {"enum": mysql.ENUM, "set": mysql.SET}


class StatedType(UserDefinedType[Any]):
    """A type that SQLAlchemy has no class for: it stands in DDL exactly as the database states it."""

    cache_ok = True

    def __init__(self, text: str) -> None:
        self.text = text

    def get_col_spec(self, **_: Any) -> str:
        return self.text


def type_of(text: str, kind: str, collation: str | None = None) -> TypeEngine[Any]:
    """Make the type, with its collation; a StatedType where SQLAlchemy has no other."""
    maker = {"sqlite": _sqlite, "postgresql": _postgresql}.get(kind, _mysql)
    made = maker(text)
    if made is None:
        return StatedType(text if collation is None else f'{text} COLLATE "{collation}"')
    if collation is not None:
        if not isinstance(made, sa.String):
            return StatedType(f'{text} COLLATE "{collation}"' if kind in ("sqlite", "postgresql") else text)
        made.collation = collation
    return made


def _split(text: str) -> tuple[str, tuple[int, ...], str] | None:
    match = _TEXT.fullmatch(text)
    if match is None:
        return None
    arguments = [part.strip() for part in (match["arguments"] or "").split(",") if part.strip()]
    if not all(argument.lstrip("-").isdigit() for argument in arguments):
        return None
    return match["name"].strip(), tuple(map(int, arguments)), (match["rest"] or "").strip()


def _postgresql(text: str) -> TypeEngine[Any] | None:
    if text.endswith("[]"):
        item = _postgresql(text[:-2])
        return None if item is None else postgresql.ARRAY(item)
    if (parts := _split(text)) is None:
        return None
    name, arguments, rest = parts
    base, _, zone = name.partition(" ")
    if base in _POSTGRESQL_TIMES:
        precision = {"precision": arguments[0]} if arguments else {}
        return _POSTGRESQL_TIMES[base](timezone=(zone or rest) == "with time zone", **precision)
    if name == "interval" and arguments:
        return postgresql.INTERVAL(precision=arguments[0])
    return _POSTGRESQL[name](*arguments) if name in _POSTGRESQL and not rest else None


def _sqlite(text: str) -> TypeEngine[Any] | None:
    if (parts := _split(text)) is None or parts[2]:
        return None
    name, arguments, _ = parts
    maker = _SQLITE.get(name.upper())
    if maker is None or (arguments and maker in (sa.INTEGER, sa.BIGINT, sa.SMALLINT, sa.BOOLEAN, sa.DATE, sa.DATETIME, sa.JSON)):
        return None
    return maker(*arguments)


def _mysql(text: str) -> TypeEngine[Any] | None:
    name, parenthesis, values = text.partition("(")
    if name in _MYSQL_LISTS and parenthesis:
        return _MYSQL_LISTS[name](*[value.replace("''", "'") for value in _QUOTED.findall(values)])
    return _mysql_plain(*parts) if (parts := _split(text)) else None


def _mysql_plain(name: str, arguments: tuple[int, ...], rest: str) -> TypeEngine[Any] | None:
    name, _, words = f"{name} {rest}".strip().partition(" ")
    if name in _MYSQL_NUMBERS:
        width = {"display_width": arguments[0]} if arguments else {}
        return _MYSQL_NUMBERS[name](unsigned="unsigned" in words, zerofill="zerofill" in words, **width)
    if name in _MYSQL_TIMES:
        return _MYSQL_TIMES[name](fsp=arguments[0] if arguments else None)
    if name not in _MYSQL or words not in ("", "unsigned", "unsigned zerofill"):
        return None
    signs = {"unsigned": True, "zerofill": "zerofill" in words} if words else {}
    return _MYSQL[name](*arguments, **signs)
