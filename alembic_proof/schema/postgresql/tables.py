"""Relations of PostgreSQL as objects: tables with their columns, views, sequences, composite types."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from alembic_proof.schema.postgresql.catalog import PG_CLASS, PG_TYPE, Catalog, Objects, Relation
from alembic_proof.schema.postgresql.columns import Columns, column_comments, read_columns
from alembic_proof.schema.postgresql.foreign import foreign_tables
from alembic_proof.schema.snapshot import Fetch, Key, Value

_PARENTS = """
SELECT inhrelid::int8, inhparent::int8 FROM pg_catalog.pg_inherits ORDER BY inhrelid, inhseqno"""
_SEQUENCES = """
SELECT s.seqrelid::int8, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart::int8, s.seqincrement::int8, s.seqmin::int8,
       s.seqmax::int8, s.seqcache::int8, s.seqcycle, d.refobjid::int8, d.refobjsubid::int4, d.deptype::text
FROM pg_catalog.pg_sequence s
LEFT JOIN pg_catalog.pg_depend d ON d.classid = 1259 AND d.objid = s.seqrelid AND d.objsubid = 0 AND d.refclassid = 1259
     AND d.deptype IN ('a', 'i')"""
_REPLICA_IDENTITY = {"d": "DEFAULT", "n": "NOTHING", "f": "FULL", "i": "INDEX"}


def relation_objects(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read tables, columns, views, sequences and composite types; fills the catalog's names of columns."""
    parents = _parents(fetch, catalog)
    if catalog.sequences is None:
        has_sequences = any(relation.kind == "S" for relation in catalog.relations.values())
        catalog.sequences = fetch(_SEQUENCES) if has_sequences else ()
    sequences = catalog.sequences
    columns = read_columns(fetch, catalog, {(row[8], row[9]): _parameters(row) for row in sequences if row[10] == "i"})
    foreign: Mapping[int, tuple[str, str | None]] = {}
    if any(relation.kind == "f" for relation in catalog.fresh.values()):
        foreign = foreign_tables(fetch)
    objects: Objects = {}
    for relation in catalog.fresh.values():
        if relation.kind in "rpf":
            properties = _table(relation, tuple(parents[relation.oid]), foreign.get(relation.oid, (None, None)), catalog)
            objects[Key("table", relation.schema, None, relation.name)] = properties
        elif relation.kind in "vm":
            kind = "view" if relation.kind == "v" else "materialized view"
            objects[Key(kind, relation.schema, None, relation.name)] = _view(relation, columns, catalog)
        elif relation.kind == "c":
            objects[Key("composite type", relation.schema, None, relation.name)] = _composite_type(relation, columns, catalog)
    objects |= columns.objects
    for row in sequences:
        owned = catalog.relations.get(row[0])
        if owned is not None and row[10] != "i":
            objects[Key("sequence", owned.schema, None, owned.name)] = _sequence(row, catalog)
    return objects


def _parents(fetch: Fetch, catalog: Catalog) -> defaultdict[int, list[str]]:
    parents: defaultdict[int, list[str]] = defaultdict(list)
    if "inheritance" in catalog.present:
        for child, parent in fetch(_PARENTS):
            if parent in catalog.relations:
                parents[child].append(catalog.relations[parent].full_name)
    return parents


def _table(
    relation: Relation, parents: tuple[str, ...], foreign: tuple[str | None, str | None], catalog: Catalog
) -> Mapping[str, Value]:
    row = relation.row
    server, options = foreign
    return {
        "foreign": relation.kind == "f",
        "server": server,
        "options": options,
        "unlogged": row[4] == "u",
        "partition_by": row[12],
        "inherits": parents,
        "partition_bound": row[13],
        "row_security": row[7],
        "force_row_security": row[8],
        "replica_identity": _REPLICA_IDENTITY.get(row[9], row[9]) if relation.kind != "f" else "DEFAULT",
        "storage_parameters": catalog.storage_parameters(relation),
        "access_method": row[18],
        "tablespace": row[17],
        "comment": catalog.comment(PG_CLASS, relation.oid),
    }


def _view(relation: Relation, columns: Columns, catalog: Catalog) -> Mapping[str, Value]:
    row = relation.row
    return {
        "definition": row[11],
        "options": catalog.storage_parameters(relation),
        "populated": row[14],
        "access_method": row[18],
        "tablespace": row[17],
        "column_settings": tuple(columns.settings[relation.oid]),
        "column_comments": column_comments(relation, catalog),
        "comment": catalog.comment(PG_CLASS, relation.oid),
    }


def _composite_type(relation: Relation, columns: Columns, catalog: Catalog) -> Mapping[str, Value]:
    return {
        "attributes": tuple(columns.attributes[relation.oid]),
        "column_comments": column_comments(relation, catalog),
        "comment": catalog.comment(PG_TYPE, relation.row[15]),
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
        "unlogged": catalog.relations[row[0]].row[4] == "u",
        "owned_by": None if owner is None else f"{owner.full_name}.{catalog.column_names[owner.oid].get(row[9], '')}",
        "comment": catalog.comment(PG_CLASS, row[0]),
    }
