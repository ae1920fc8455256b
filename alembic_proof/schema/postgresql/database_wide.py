"""What belongs to no table of a PostgreSQL database: schemas, extensions, statistics objects, publications and the like."""

from collections.abc import Callable, Mapping

from alembic_proof.schema.postgresql.catalog import (
    PG_COLLATION,
    PG_EVENT_TRIGGER,
    PG_EXTENSION,
    PG_NAMESPACE,
    PG_PUBLICATION,
    PG_STATISTIC_EXT,
    Catalog,
    Objects,
)
from alembic_proof.schema.postgresql.foreign import foreign_data_wrappers, foreign_servers
from alembic_proof.schema.postgresql.text_search import casts, configurations, dictionaries
from alembic_proof.schema.snapshot import Fetch, Key

_EXTENSIONS = """
SELECT e.oid::int8, e.extname::text, e.extversion, n.nspname::text
FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.oid >= 16384"""
_STATISTICS = """
SELECT s.oid::int8, s.stxname::text, s.stxnamespace::int8, s.stxrelid::int8, pg_catalog.pg_get_statisticsobjdef(s.oid),
       CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget::int4 END
FROM pg_catalog.pg_statistic_ext s"""
_PUBLICATIONS = """
SELECT p.oid::int8, p.pubname::text, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot,
       ARRAY(SELECT r.prrelid::int8 || ' ' || coalesce(array_to_string(r.prattrs, ' '), '') || ':'
                    || coalesce(pg_catalog.pg_get_expr(r.prqual, r.prrelid), '')
             FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid)::text[],
       ARRAY(SELECT n.nspname::text FROM pg_catalog.pg_publication_namespace m
             JOIN pg_catalog.pg_namespace n ON n.oid = m.pnnspid WHERE m.pnpubid = p.oid ORDER BY 1)::text[]
FROM pg_catalog.pg_publication p"""
_EVENT_TRIGGERS = """
SELECT e.oid::int8, e.evtname::text, e.evtevent::text, e.evtenabled::text, e.evtfoid::regproc::text,
       array_to_string(e.evttags, ', ')
FROM pg_catalog.pg_event_trigger e WHERE e.oid >= 16384"""
_COLLATIONS = """
SELECT c.oid::int8, c.collname::text, c.collnamespace::int8, c.collprovider::text, c.collisdeterministic,
       coalesce(pg_catalog.to_jsonb(c) ->> 'colllocale', pg_catalog.to_jsonb(c) ->> 'colliculocale', c.collcollate)
FROM pg_catalog.pg_collation c WHERE c.oid >= 16384"""
_PUBLISHED_SCHEMAS_SINCE = 150000


def database_objects(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read what stands beside the tables: one query for each kind that is there."""
    objects: Objects = {}
    for oid, schema in catalog.schemas.items():
        if catalog.is_ours(PG_NAMESPACE, oid):
            objects[Key("schema", None, None, schema or "public")] = {"comment": catalog.comment(PG_NAMESPACE, oid)}
    for oid, name, version, schema in fetch(_EXTENSIONS):
        comment = catalog.comment(PG_EXTENSION, oid)
        objects[Key("extension", None, None, name)] = {"schema": schema, "version": version, "comment": comment}
    for kind, read in _READERS.items():
        if kind in catalog.present:
            objects |= read(fetch, catalog)
    return objects


def _statistics(fetch: Fetch, catalog: Catalog) -> Objects:
    objects: Objects = {}
    for oid, name, namespace, relation, definition, target in fetch(_STATISTICS):
        if relation in catalog.relations:
            key = Key("statistics", catalog.schemas.get(namespace), None, name)
            comment = catalog.comment(PG_STATISTIC_EXT, oid)
            objects[key] = {"definition": definition, "statistics_target": target, "comment": comment}
    return objects


def _event_triggers(fetch: Fetch, catalog: Catalog) -> Objects:
    return {
        Key("event trigger", None, None, name): {
            "event": event,
            "enabled": enabled,
            "function": function,
            "tags": tags,
            "comment": catalog.comment(PG_EVENT_TRIGGER, oid),
        }
        for oid, name, event, enabled, function, tags in fetch(_EVENT_TRIGGERS)
    }


def _collations(fetch: Fetch, catalog: Catalog) -> Objects:
    return {
        Key("collation", catalog.schemas[namespace], None, name): {
            "provider": provider,
            "locale": locale,
            "deterministic": deterministic,
            "comment": catalog.comment(PG_COLLATION, oid),
        }
        for oid, name, namespace, provider, deterministic, locale in fetch(_COLLATIONS)
        if namespace in catalog.schemas and catalog.is_ours(PG_COLLATION, oid)
    }


def _publications(fetch: Fetch, catalog: Catalog) -> Objects:
    objects: Objects = {}
    if catalog.version < _PUBLISHED_SCHEMAS_SINCE:
        return objects
    for oid, name, all_tables, insert, update, delete, truncate, via_root, tables, schemas in fetch(_PUBLICATIONS):
        published = []
        for table in tables:
            numbers, _, condition = table.partition(":")
            relation, _, columns = numbers.partition(" ")
            known = catalog.relations.get(int(relation))
            if known is not None:
                listed = ", ".join(catalog.names(known.oid, columns))
                limits = (f" ({listed})" if listed else "") + (f" WHERE {condition}" if condition else "")
                published.append(known.full_name + limits)
        publishes = zip(("insert", "update", "delete", "truncate"), (insert, update, delete, truncate), strict=True)
        objects[Key("publication", None, None, name)] = {
            "all_tables": all_tables,
            "tables": tuple(sorted(published)),
            "schemas": tuple(schemas),
            "publishes": tuple(action for action, flag in publishes if flag),
            "via_root": via_root,
            "comment": catalog.comment(PG_PUBLICATION, oid),
        }
    return objects


_READERS: Mapping[str, Callable[[Fetch, Catalog], Objects]] = {
    "statistics": _statistics,
    "publication": _publications,
    "event trigger": _event_triggers,
    "collation": _collations,
    "foreign data wrapper": foreign_data_wrappers,
    "foreign server": foreign_servers,
    "text search configuration": configurations,
    "text search dictionary": dictionaries,
    "cast": casts,
}
