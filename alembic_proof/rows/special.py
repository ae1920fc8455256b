"""Documents, addresses, identifiers, ranges, shapes: types whose values are given as texts. And SQLite's affinities."""

import json
from typing import TYPE_CHECKING, Any

from alembic_proof.rows import numbers, texts
from alembic_proof.rows.types import Type, Values, among

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

_DOCUMENT = '{"a": {"b": [1, 2.5, null, "x"]}}'
_MOST_RANDOM = 3
_SAMPLES: dict[str, tuple[str, ...]] = {
    "inet": ("192.0.2.1", "192.0.2.0/24", "2001:db8::1"),
    "inet4": ("192.0.2.1", "255.255.255.255"),
    "inet6": ("2001:db8::1", "::"),
    "cidr": ("192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32"),
    "macaddr": ("08:00:2b:01:02:03", "ff:ff:ff:ff:ff:ff"),
    "macaddr8": ("08:00:2b:01:02:03:04:05", "ff:ff:ff:ff:ff:ff:ff:ff"),
    "xml": ("<a/>", "<a b='c'>d</a>"),
    "tsvector": ("a", "", "'a':1 'b':2"),
    "tsquery": ("a", "a & b"),
    "hstore": ("a=>1", "", "a=>NULL"),
    "ltree": ("a", "", "a.b.c"),
    "int4range": ("[1,10)", "empty", "(,)"),
    "int8range": ("[1,10)", "empty", "(,)"),
    "numrange": ("[1.5,10)", "empty", "(,)"),
    "daterange": ("[2000-01-01,2000-02-01)", "empty", "(,)"),
    "tsrange": ("[2000-01-01,2000-02-01)", "empty", "(,)"),
    "tstzrange": ("[2000-01-01 00:00+00,2000-02-01 00:00+00)", "empty", "(,)"),
    "int4multirange": ("{[1,10)}", "{}"),
    "int8multirange": ("{[1,10)}", "{}"),
    "nummultirange": ("{[1,10)}", "{}"),
    "datemultirange": ("{[2000-01-01,2000-02-01)}", "{}"),
    "tsmultirange": ("{[2000-01-01,2000-02-01)}", "{}"),
    "tstzmultirange": ("{[2000-01-01 00:00+00,2000-02-01 00:00+00)}", "{}"),
    "point": ("(0,0)", "(1.5,-2)"),
    "line": ("{1,2,3}",),
    "lseg": ("[(0,0),(1,1)]",),
    "box": ("(1,1),(0,0)",),
    "path": ("[(0,0),(1,1)]", "((0,0),(1,1))"),
    "polygon": ("((0,0),(1,1),(1,0))",),
    "circle": ("<(0,0),1>",),
    "pg_lsn": ("0/0", "FFFFFFFF/FFFFFFFF"),
    "oid": ("1", "0", "4294967295"),
    "regclass": ("pg_class",),
    "regtype": ("integer",),
    "jsonpath": ("$", "$.a"),
}


def values_of(type_: Type, kind: str) -> Values | None:
    """Give the values of one of these types; None for any other."""
    if type_.name in ("json", "jsonb"):
        return Values("{}", ("null", "[]", _DOCUMENT, '"text"', "1"), lambda n: f'{{"n": {n}}}', _documents)
    if type_.name == "uuid":
        limits = ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff")
        return Values(str(texts.identifier(1)), limits, lambda n: str(texts.identifier(n)), _identifiers)
    if type_.name in ("bit", "bit varying", "varbit") and kind != "sqlite":
        return _bits(type_, kind)
    if type_.name == "vector" and kind == "postgresql" and type_.number():
        length = type_.number() or 1
        return among([str([1.0] * length), str([0.0] * length)])
    return among(_SAMPLES[type_.name]) if type_.name in _SAMPLES and kind != "sqlite" else None


def by_affinity(type_: Type) -> Values | None:
    """Give the values of a type that SQLite takes by a part of its name, by its own five rules in their order."""
    name = type_.name.upper()
    if "INT" in name:
        return numbers.values_of(Type("bigint"), "sqlite")
    if any(part in name for part in ("CHAR", "CLOB", "TEXT")):
        return texts.values_of(Type("text", type_.arguments), "sqlite")
    if "BLOB" in name or not name:
        return texts.values_of(Type("blob"), "sqlite")
    return numbers.values_of(Type("real" if any(part in name for part in ("REAL", "FLOA", "DOUB")) else "numeric"), "sqlite")


def _bits(type_: Type, kind: str) -> Values:
    length = type_.number() or 1
    if kind != "postgresql":
        return Values(1, (0, 2**length - 1), lambda n: n % 2**length)
    return Values("1".rjust(length, "0"), ("0" * length, "1" * length), lambda n: f"{n:b}"[-length:].rjust(length, "0"))


def _documents() -> "SearchStrategy[Any]":
    from hypothesis import strategies as st

    plain = st.none() | st.booleans() | st.integers(-1000, 1000) | st.text(st.characters(categories=["L", "N", "Zs"]), max_size=8)
    nested = st.recursive(
        plain,
        lambda inner: st.lists(inner, max_size=_MOST_RANDOM) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=3),
        max_leaves=5,
    )
    return nested.map(json.dumps)


def _identifiers() -> "SearchStrategy[Any]":
    from hypothesis import strategies as st

    return st.uuids().map(str)
