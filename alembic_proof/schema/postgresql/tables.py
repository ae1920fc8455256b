"""Relations of PostgreSQL as objects: tables with their columns, views, composite types."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from alembic_proof.schema.postgresql.catalog import PG_CLASS, PG_TYPE, Catalog, Objects, Relation
from alembic_proof.schema.snapshot import Fetch, Key, Value

# Writing out an expression is what costs most here, and most defaults are alike: the columns come with a hash of each default's
# tree, and each tree is written out once, in _DEFAULTS. A default mentions no column, so its relation may be 0 there, which
# spares opening the table. A generated column's does (its tree has a VAR, and two equal trees need not mean the same), so it is
# written with its column. What a column's type would do by itself is looked up only where the column could do otherwise.
# What few columns have comes together, as one list, or not at all.
_COLUMNS = """
SELECT a.attrelid::int8, a.attnum::int4, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.attcollation::int8, pg_catalog.hashtextextended(d.adbin::text, 0),
       CASE WHEN a.attidentity <> '' OR a.attgenerated <> '' OR NOT a.attislocal OR a.attcollation NOT IN (0, 100)
                 OR a.attcompression <> '' OR a.attoptions IS NOT NULL
                 OR (a.attlen = -1 AND (a.attstorage <> 'x' OR a.atttypid = 1700))
            THEN ARRAY[
              a.attidentity::text, a.attgenerated::text, (a.attislocal OR a.attinhcount = 0)::text,
              CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
              (SELECT l.collname FROM pg_catalog.pg_collation l, pg_catalog.pg_type t
               WHERE l.oid = a.attcollation AND t.oid = a.atttypid AND t.typcollation <> l.oid)::text,
              a.attcompression::text, array_to_string(a.attoptions, ', '),
              (SELECT a.attstorage FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid AND t.typstorage <> a.attstorage)::text
            ]::text[] END
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef
WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'c', 'v', 'm')"""
_DEFAULTS = """
SELECT same.tree, pg_catalog.pg_get_expr(d.adbin, 0) FROM pg_catalog.pg_attrdef d JOIN (
  SELECT pg_catalog.hashtextextended(t.adbin::text, 0) AS tree, min(t.oid) AS first
  FROM pg_catalog.pg_attrdef t WHERE true{limit} GROUP BY 1) same ON d.oid = same.first
WHERE strpos(d.adbin::text, '{{VAR ') = 0"""
_PARENTS = """
SELECT inhrelid::int8, inhparent::int8 FROM pg_catalog.pg_inherits ORDER BY inhrelid, inhseqno"""
_SEQUENCES = """
SELECT s.seqrelid::int8, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart::int8, s.seqincrement::int8, s.seqmin::int8,
       s.seqmax::int8, s.seqcache::int8, s.seqcycle, d.refobjid::int8, d.refobjsubid::int4, d.deptype::text
FROM pg_catalog.pg_sequence s
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 1259 AND d.objid = s.seqrelid AND d.objsubid = 0 AND d.refclassid = 1259
     AND d.deptype IN ('a', 'i')"""

_USUAL_COLLATIONS = (0, 100)  # none, and the database's own
_REPLICA_IDENTITY = {"d": "DEFAULT", "n": "NOTHING", "f": "FULL", "i": "INDEX"}
_GENERATED = {"s": "STORED", "v": "VIRTUAL"}
_IDENTITY = {"a": "ALWAYS", "d": "BY DEFAULT"}
_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "m": "MAIN", "x": "EXTENDED"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}


def relation_objects(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read tables, columns, views, sequences and composite types; fills the catalog's names of columns."""
    parents: defaultdict[int, list[str]] = defaultdict(list)
    if "inheritance" in catalog.present:
        for child, parent in fetch(_PARENTS):
            if parent in catalog.relations:
                parents[child].append(catalog.relations[parent].full_name)
    objects: Objects = {}
    for relation in catalog.fresh.values():
        if relation.kind in "rpf":
            objects[Key("table", relation.schema, None, relation.name)] = _table(relation, tuple(parents[relation.oid]), catalog)
        elif relation.kind in "vm":
            kind = "view" if relation.kind == "v" else "materialized view"
            objects[Key(kind, relation.schema, None, relation.name)] = _view(relation, catalog)
    if catalog.sequences is None:
        catalog.sequences = fetch(_SEQUENCES) if "sequence" in catalog.present else ()
    sequences = catalog.sequences
    identities = {(row[8], row[9]): _parameters(row) for row in sequences if row[10] == "i"}
    objects |= _column_objects(fetch, catalog, identities)
    for row in sequences:
        owned = catalog.relations.get(row[0])
        if owned is not None and row[10] != "i":
            objects[Key("sequence", owned.schema, None, owned.name)] = _sequence(row, catalog)
    return objects


def _column_objects(fetch: Fetch, catalog: Catalog, identities: Mapping[tuple[int, int], str]) -> Objects:
    objects: Objects = {}
    attributes: defaultdict[int, list[str]] = defaultdict(list)
    query = f"{_COLUMNS}{catalog.limit('a.attrelid')} ORDER BY a.attrelid, a.attnum"
    defaults: dict[int, str] = dict(fetch(_DEFAULTS.format(limit=catalog.limit("t.adrelid"))))
    previous, position = 0, 0
    relations, column_names, comments = catalog.relations, catalog.column_names, catalog.comments
    for oid, number, name, type_, not_null, collation, tree, rare in fetch(query):
        relation = relations.get(oid)
        if relation is None:
            continue
        column_names[oid][number] = name
        if relation.kind == "c":
            attributes[oid].append(f"{name} {type_}" + (f" COLLATE {rare[4]}" if rare and rare[4] else ""))
        elif relation.kind in "rpf":
            if collation not in _USUAL_COLLATIONS:
                catalog.column_collations[oid, number] = collation
            position = position + 1 if previous == oid else 1
            previous = oid
            properties = _plain_column(type_, not_null, defaults.get(tree), position)
            comment = comments.get((PG_CLASS, oid, number)) if comments else None
            if rare or comment is not None:
                properties = properties | {"comment": comment} | _rare(rare, identities.get((oid, number), ""))
            if not rare or rare[2] == "true":
                objects[Key("column", relation.schema, relation.name, name)] = properties
    for relation in catalog.fresh.values():
        if relation.kind == "c":
            comment = catalog.comment(PG_TYPE, relation.row[15])
            key = Key("composite type", relation.schema, None, relation.name)
            objects[key] = {"attributes": tuple(attributes[relation.oid]), "comment": comment}
    return objects


def _table(relation: Relation, parents: tuple[str, ...], catalog: Catalog) -> Mapping[str, Value]:
    row = relation.row
    return {
        "foreign": relation.kind == "f",
        "unlogged": row[4] == "u",
        "partition_by": row[12],
        "inherits": parents,
        "partition_bound": row[13],
        "row_security": row[7],
        "force_row_security": row[8],
        "replica_identity": _REPLICA_IDENTITY.get(row[9], row[9]),
        "storage_parameters": row[10],
        "comment": catalog.comment(PG_CLASS, relation.oid),
    }


def _view(relation: Relation, catalog: Catalog) -> Mapping[str, Value]:
    row = relation.row
    return {
        "definition": row[11],
        "options": row[10],
        "populated": row[14],
        "comment": catalog.comment(PG_CLASS, relation.oid),
    }


@lru_cache(maxsize=8192)  # the same few columns stand in table after table: one mapping for all that are alike
def _plain_column(type_: str, not_null: bool, default: str | None, position: int) -> dict[str, Value]:  # noqa: FBT001 - as cached
    return {
        "type": type_,
        "nullable": not not_null,
        "default": default,
        "collation": None,
        "identity": None,
        "generated": None,
        "compression": None,
        "storage": None,
        "options": None,
        "comment": None,
        "position": position,
    }


def _rare(values: Sequence[str] | None, parameters: str) -> dict[str, Value]:
    """Say what few columns have: the eight values in the order of the query."""
    if not values:
        return {}
    identity, generated, _, expression, collation, compression, options, storage = values
    return {
        "collation": collation,
        "identity": f"{_IDENTITY[identity]} ({parameters})" if identity else None,
        "generated": f"{expression} {_GENERATED[generated]}" if generated else None,
        "compression": _COMPRESSION.get(compression),
        "storage": _STORAGE.get(storage),
        "options": options or None,
    }


def _parameters(row: tuple[Any, ...]) -> str:
    start, increment, minimum, maximum, cache, cycle = row[2:8]
    text = f"START {start} INCREMENT {increment} MINVALUE {minimum} MAXVALUE {maximum} CACHE {cache}"
    return text + (" CYCLE" if cycle else "")


def _sequence(row: tuple[Any, ...], catalog: Catalog) -> Mapping[str, Value]:
    owner = catalog.relations.get(row[8])
    return {
        "type": row[1],
        "start": row[2],
        "increment": row[3],
        "minimum": row[4],
        "maximum": row[5],
        "cache": row[6],
        "cycle": row[7],
        "owned_by": None if owner is None else f"{owner.full_name}.{catalog.column_names[owner.oid].get(row[9], '')}",
        "comment": catalog.comment(PG_CLASS, row[0]),
    }
