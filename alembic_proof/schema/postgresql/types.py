"""Types that a PostgreSQL schema makes for itself: enums, domains, ranges."""

from collections import defaultdict

from alembic_proof.schema.postgresql.catalog import PG_TYPE, Catalog, Objects
from alembic_proof.schema.snapshot import Fetch, Key

_TYPES = """
SELECT t.oid::int8, t.typname::text, t.typnamespace::int8, t.typtype::text,
       CASE WHEN t.typtype = 'd' THEN pg_catalog.format_type(t.typbasetype, t.typtypmod)
            WHEN t.typtype = 'r' THEN (SELECT pg_catalog.format_type(r.rngsubtype, NULL)
                                       FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid) END,
       t.typnotnull, pg_catalog.pg_get_expr(t.typdefaultbin, 0),
       (SELECT l.collname::text FROM pg_catalog.pg_collation l, pg_catalog.pg_type b
        WHERE t.typtype = 'd' AND l.oid = t.typcollation AND b.oid = t.typbasetype AND b.typcollation <> t.typcollation)
FROM pg_catalog.pg_type t
WHERE t.oid >= 16384 AND t.typtype IN ('e', 'd', 'r')"""
_LABELS = """
SELECT enumtypid::int8, enumlabel::text FROM pg_catalog.pg_enum ORDER BY enumtypid, enumsortorder"""
_CHECKS = """
SELECT contypid::int8, pg_catalog.quote_ident(conname), pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint
WHERE contypid <> 0 AND contypid >= 16384 AND contype = 'c' ORDER BY conname"""


def type_objects(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read enums with their labels in order, domains with their checks, ranges."""
    if "type" not in catalog.present:
        return {}
    rows = [row for row in fetch(_TYPES) if row[2] in catalog.schemas and catalog.is_ours(PG_TYPE, row[0])]
    sorts = {row[3] for row in rows}
    labels: defaultdict[int, list[str]] = defaultdict(list)
    if "e" in sorts:
        for oid, label in fetch(_LABELS):
            labels[oid].append(label)
    checks: defaultdict[int, list[str]] = defaultdict(list)
    if "d" in sorts:
        for oid, name, definition in fetch(_CHECKS):
            checks[oid].append(f"CONSTRAINT {name} {definition}")
    objects: Objects = {}
    for oid, name, namespace, sort, base, not_null, default, collation in rows:
        schema, comment = catalog.schemas[namespace], catalog.comment(PG_TYPE, oid)
        if sort == "e":
            objects[Key("enum", schema, None, name)] = {"labels": tuple(labels[oid]), "comment": comment}
        elif sort == "d":
            objects[Key("domain", schema, None, name)] = {
                "type": base,
                "nullable": not not_null,
                "default": default,
                "collation": collation,
                "checks": tuple(checks[oid]),
                "comment": comment,
            }
        else:
            objects[Key("range type", schema, None, name)] = {"type": base, "comment": comment}
    return objects
