"""How PostgreSQL takes texts apart and one type for another: text search configurations, their dictionaries, casts."""

from alembic_proof.schema.postgresql.catalog import PG_CAST, PG_TS_CONFIG, PG_TS_DICT, Catalog, Objects
from alembic_proof.schema.snapshot import Fetch, Key

# Words of one configuration are mapped to a list of dictionaries for each sort of word that its parser knows.
_CONFIGURATIONS = """
SELECT c.oid::int8, c.cfgname::text, c.cfgnamespace::int8, n.nspname || '.' || pg_catalog.quote_ident(p.prsname),
       ARRAY(SELECT t.alias || ' WITH ' || string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno)
             FROM pg_catalog.pg_ts_config_map m JOIN pg_catalog.ts_token_type(c.cfgparser) t ON t.tokid = m.maptokentype
             WHERE m.mapcfg = c.oid GROUP BY t.alias ORDER BY t.alias)::text[]
FROM pg_catalog.pg_ts_config c JOIN pg_catalog.pg_ts_parser p ON p.oid = c.cfgparser
JOIN pg_catalog.pg_namespace n ON n.oid = p.prsnamespace WHERE c.oid >= 16384"""
_DICTIONARIES = """
SELECT d.oid::int8, d.dictname::text, d.dictnamespace::int8, n.nspname || '.' || pg_catalog.quote_ident(t.tmplname),
       d.dictinitoption
FROM pg_catalog.pg_ts_dict d JOIN pg_catalog.pg_ts_template t ON t.oid = d.dicttemplate
JOIN pg_catalog.pg_namespace n ON n.oid = t.tmplnamespace WHERE d.oid >= 16384"""
_CASTS = """
SELECT c.oid::int8,
       '(' || pg_catalog.format_type(c.castsource, NULL) || ' AS ' || pg_catalog.format_type(c.casttarget, NULL) || ')',
       CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure::text
                         WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END
       || CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END
FROM pg_catalog.pg_cast c
WHERE c.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 2605 AND d.objid = c.oid AND d.deptype = 'i')"""


def configurations(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read text search configurations with what they map."""
    return {
        Key("text search configuration", catalog.schemas[namespace], None, name): {
            "parser": parser,
            "mappings": tuple(mappings),
            "comment": catalog.comment(PG_TS_CONFIG, oid),
        }
        for oid, name, namespace, parser, mappings in fetch(_CONFIGURATIONS)
        if namespace in catalog.schemas and catalog.is_ours(PG_TS_CONFIG, oid)
    }


def dictionaries(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read text search dictionaries."""
    return {
        Key("text search dictionary", catalog.schemas[namespace], None, name): {
            "template": template,
            "options": options,
            "comment": catalog.comment(PG_TS_DICT, oid),
        }
        for oid, name, namespace, template, options in fetch(_DICTIONARIES)
        if namespace in catalog.schemas and catalog.is_ours(PG_TS_DICT, oid)
    }


def casts(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read casts, called by their two types in parentheses; not the one that comes with a range type."""
    return {
        Key("cast", None, None, name): {"definition": definition, "comment": catalog.comment(PG_CAST, oid)}
        for oid, name, definition in fetch(_CASTS)
        if catalog.is_ours(PG_CAST, oid)
    }
