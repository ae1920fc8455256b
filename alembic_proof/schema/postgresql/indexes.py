"""Indexes of PostgreSQL that no constraint owns, put together from numbers: asking for each definition is slow."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from alembic_proof.schema.postgresql.catalog import PG_CLASS, Catalog, Objects, integers
from alembic_proof.schema.snapshot import Fetch, Key, Value

_NULLS_NOT_DISTINCT_SINCE = 150000
_METHODS = {403: "btree", 405: "hash", 783: "gist", 2742: "gin", 4000: "spgist", 3580: "brin"}  # pg_am.dat
_DESCENDING, _NULLS_FIRST = 1, 2  # bits of pg_index.indoption
_DEFAULT_COLLATION = 100
_USUAL_COLLATIONS = ("0", "100")
_OTHER_OPERATOR_CLASSES = """
SELECT o.oid::int8::text, o.opcname::text FROM pg_catalog.pg_opclass o WHERE NOT o.opcdefault"""
_OTHER_NAMES = """
SELECT oid::int8, 'collation', pg_catalog.quote_ident(collname) FROM pg_catalog.pg_collation WHERE oid IN ({collations})
UNION ALL SELECT oid::int8, 'method', amname::text FROM pg_catalog.pg_am WHERE oid >= 16384"""


def index_objects(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read all indexes but those that a partition has from its parent, and those behind the constraints read before."""
    rows = [
        row
        for row in fetch(_query(catalog.version) + catalog.limit("i.indrelid"))
        if row[0] in catalog.relations and row[1] in catalog.relations and row[0] not in catalog.behind_constraints
    ]
    if catalog.operator_classes is None and rows:
        catalog.operator_classes = dict(fetch(_OTHER_OPERATOR_CLASSES))
    classes = catalog.operator_classes or {}
    collations = {oid for row in rows for oid in integers(row[10])} - {0}
    other_names: Mapping[int, str] = {}
    if collations - {_DEFAULT_COLLATION} or any(catalog.relations[row[0]].row[5] not in _METHODS for row in rows):
        listed = ", ".join(str(oid) for oid in sorted(collations | {_DEFAULT_COLLATION}))
        other_names = {oid: name for oid, _, name in fetch(_OTHER_NAMES.format(collations=listed))}
    objects: Objects = {}
    for row in rows:
        index, table = catalog.relations[row[0]], catalog.relations[row[1]]
        if not index.row[6]:
            objects[Key("index", table.schema, table.name, index.name)] = _properties(row, catalog, classes, other_names)
    return objects


def _query(version: int) -> str:
    nulls = "i.indnullsnotdistinct" if version >= _NULLS_NOT_DISTINCT_SINCE else "false"
    return f"""
SELECT i.indexrelid::int8, i.indrelid::int8, i.indisunique, i.indisvalid, {nulls}, i.indisclustered, i.indisreplident,
       i.indnkeyatts::int4, i.indkey::text, i.indclass::text, i.indcollation::text, i.indoption::text,
       CASE WHEN i.indexprs IS NOT NULL
            THEN ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, k, false)
                       FROM pg_catalog.generate_series(1, i.indnatts) k)::text[] END,
       CASE WHEN i.indpred IS NOT NULL THEN pg_catalog.pg_get_expr(i.indpred, i.indrelid) END,
       CASE WHEN i.indexprs IS NOT NULL
            THEN ARRAY(SELECT a.attnum || ' SET STATISTICS ' || a.attstattarget FROM pg_catalog.pg_attribute a
                       WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0 ORDER BY a.attnum)::text[] END
FROM pg_catalog.pg_index i
WHERE i.indexrelid >= 16384"""  # noqa: S608 - chosen among texts of this function


def _properties(
    row: tuple[Any, ...], catalog: Catalog, classes: Mapping[str, str], other_names: Mapping[int, str]
) -> Mapping[str, Value]:
    keys: int = row[7]
    names = _term_names(row, catalog)
    relation = catalog.relations[row[0]].row
    method = _METHODS.get(relation[5]) or other_names.get(relation[5], "")
    is_plain = row[9] not in classes and row[10] in _USUAL_COLLATIONS and row[11] == "0" and row[12] is None
    if is_plain and (row[1], integers(row[8])[0]) not in catalog.column_collations:
        terms = [names[0]]
    else:
        terms = _terms(row, names, catalog, method=method, classes=classes, other_names=other_names)
    return {
        "columns": tuple(terms),
        "include": tuple(names[keys:]),
        "unique": row[2],
        "method": method,
        "predicate": row[13],
        "nulls_not_distinct": row[4],
        "valid": row[3],
        "clustered": row[5],
        "replica_identity": row[6],
        "storage_parameters": relation[10],
        "tablespace": relation[17],
        "column_settings": tuple(row[14] or ()),
        "comment": catalog.comments.get((PG_CLASS, row[0], 0)) if catalog.comments else None,
    }


def _terms(
    row: tuple[Any, ...],
    names: Sequence[str],
    catalog: Catalog,
    *,
    method: str,
    classes: Mapping[str, str],
    other_names: Mapping[int, str],
) -> list[str]:
    """Write each term with what is not usual about it."""
    numbers, operator_classes, collations, options = integers(row[8]), row[9].split(), integers(row[10]), integers(row[11])
    terms = []
    for position in range(row[7]):
        term = names[position]
        own_collation = catalog.column_collations.get((row[1], numbers[position]), _DEFAULT_COLLATION)
        if collations[position] not in (0, own_collation):
            term += f" COLLATE {other_names.get(collations[position], '')}"
        if operator_classes[position] in classes:
            term += f" {classes[operator_classes[position]]}"
        terms.append(term + (_order(options[position]) if method == "btree" else ""))
    return terms


def _term_names(row: tuple[Any, ...], catalog: Catalog) -> Sequence[str]:
    """Write each column as SQL needs it, and each expression."""
    if row[12] is not None:
        return list(row[12])
    return [quoted(name) for name in catalog.names(row[1], row[8])]


@lru_cache(maxsize=8192)
def quoted(name: str) -> str:
    """Quote a name unless it is plain."""
    if name.isidentifier() and name.isascii() and name.islower():
        return name
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _order(option: int) -> str:
    if option & _DESCENDING:
        return " DESC" if option & _NULLS_FIRST else " DESC NULLS LAST"
    return " NULLS FIRST" if option & _NULLS_FIRST else ""
