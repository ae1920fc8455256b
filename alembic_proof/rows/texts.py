"""Texts and bytes: empty, at full length, twins in case and accents."""

import uuid
from typing import TYPE_CHECKING, Any

from alembic_proof.rows.types import Type, Values, among

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_TEXTS = (
    "character varying", "varchar", "character", "char", "bpchar", "text", "citext", "name", '"char"', "tinytext", "mediumtext",
    "longtext", "nvarchar", "nchar", "clob", "string", "national varchar", "national char", "varchar2",
)  # fmt: skip
_BYTES = ("bytea", "blob", "tinyblob", "mediumblob", "longblob", "binary", "varbinary")
_OPEN_END = 1000
_WITH_HYPHENS = 36
WRITTEN_OUT = (32, _WITH_HYPHENS)  # CHAR(32) is what SQLAlchemy's Uuid is where the database has no such type
_LENGTHS = {"tinytext": 255, "tinyblob": 255, "name": 63, '"char"': 1, "bpchar": None}
_NO_LENGTH_IS_ONE = ("character", "char", "nchar", "national char", "binary", "bit")
_NFC, _NFD = "\N{LATIN SMALL LETTER A WITH ACUTE}", "a\N{COMBINING ACUTE ACCENT}"
_BEYOND_ASCII = "\N{GRINNING FACE}"


def values_of(type_: Type, kind: str) -> Values | None:
    """Give the values of a type of texts or bytes, and of MariaDB's ENUM and SET; None for any other."""
    if type_.name in ("enum", "set") and kind in ("mariadb", "mysql"):
        labels = [argument[1:-1].replace("''", "'") for argument in type_.arguments]
        return among(labels) if type_.name == "enum" else among([labels[0], "", ",".join(labels)])
    if type_.name in ("char", "character") and type_.number() in WRITTEN_OUT:
        return _identifiers(has_hyphens=type_.number() == _WITH_HYPHENS)
    if type_.name in _TEXTS:
        return _texts(_length(type_, kind))
    if type_.name in _BYTES:
        return _bytes(_length(type_, kind), is_fixed=type_.name == "binary")
    return None


def is_text(type_: Type, kind: str) -> bool:
    """Whether a type holds texts that may be anything."""
    return type_.name in _TEXTS and (kind == "sqlite" or type_.name not in ("name", '"char"'))


def _length(type_: Type, kind: str) -> int | None:
    if type_.name in _LENGTHS:
        return _LENGTHS[type_.name]
    if type_.name in _NO_LENGTH_IS_ONE and type_.number() is None and kind != "sqlite":
        return 1
    return type_.number()


def _texts(length: int | None) -> Values:
    most = _OPEN_END if length is None else length

    def draw() -> "SearchStrategy[Any]":
        from hypothesis import strategies as st

        return st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=min(most, 30))

    limits = ["", "A", _NFC, _NFD, " a ", "O'Brien 100%\\", _BEYOND_ASCII, "12", "x" * most, "X" * most, _all_but_the_last(most)]
    fitting = tuple(dict.fromkeys(limit for limit in limits if len(limit) <= most))
    return Values("a", fitting, lambda n: _numbered(n, most), draw)


def _identifiers(*, has_hyphens: bool) -> Values:
    def write(one: uuid.UUID) -> str:
        return str(one) if has_hyphens else one.hex

    def draw() -> "SearchStrategy[Any]":
        from hypothesis import strategies as st

        return st.uuids().map(write)

    limits = (write(uuid.UUID(int=0)), write(uuid.UUID(int=2**128 - 1)))
    return Values(write(identifier(1)), limits, lambda n: write(identifier(n)), draw)


def identifier(n: int) -> uuid.UUID:
    """Make the n-th UUID: like random ones, two differ in their first digits and in their last."""
    return uuid.UUID(f"{n:08x}-0000-4000-8000-{n:012x}")


def _all_but_the_last(most: int) -> str:
    """A twin of the longest text: whatever cuts both short makes them one."""
    return "x" * (most - 1) + "y"


def _numbered(n: int, most: int) -> str:
    text = f"a{n}"
    return text if len(text) <= most else str(n)[-most:]


def _bytes(length: int | None, *, is_fixed: bool) -> Values:
    most = _OPEN_END if length is None else length

    def draw() -> "SearchStrategy[Any]":
        from hypothesis import strategies as st

        return st.binary(min_size=most if is_fixed else 0, max_size=min(most, 30) if not is_fixed else most)

    if is_fixed:
        return Values(b"a" * most, (b"\0" * most, b"\xff" * most), lambda n: n.to_bytes(8)[-most:].ljust(most, b"\0"), draw)
    limits = [b"", b"\0", b"\xff\xfe\0\xc3("[:most], b"x" * most, _all_but_the_last(most).encode()]
    return Values(b"a", tuple(dict.fromkeys(limits)), lambda n: b"%d" % n, draw)
