"""What runs by itself in a PostgreSQL schema: functions, triggers, rules, policies."""

from textwrap import dedent

from alembic_proof.schema.postgresql.catalog import PG_POLICY, PG_PROC, PG_REWRITE, PG_TRIGGER, Catalog, Objects
from alembic_proof.schema.snapshot import Fetch, Key

_FUNCTIONS = """
SELECT p.oid::int8, p.proname::text, p.pronamespace::int8, p.prokind::text, pg_catalog.pg_get_function_identity_arguments(p.oid),
       CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid)
            ELSE (SELECT pg_catalog.concat_ws(', ', 'SFUNC = ' || g.aggtransfn::text,
                         'STYPE = ' || pg_catalog.format_type(g.aggtranstype, NULL),
                         CASE WHEN g.aggfinalfn <> 0 THEN 'FINALFUNC = ' || g.aggfinalfn::text END,
                         CASE WHEN g.aggcombinefn <> 0 THEN 'COMBINEFUNC = ' || g.aggcombinefn::text END,
                         'INITCOND = ' || pg_catalog.quote_literal(g.agginitval),
                         'PARALLEL = ' || p.proparallel::text)
                  FROM pg_catalog.pg_aggregate g WHERE g.aggfnoid = p.oid) END
FROM pg_catalog.pg_proc p
WHERE p.oid >= 16384
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 1255 AND d.objid = p.oid AND d.deptype IN ('e', 'i'))"""
_TRIGGERS = """
SELECT oid::int8, tgname::text, tgrelid::int8, tgenabled::text, pg_catalog.pg_get_triggerdef(oid, true)
FROM pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgparentid = 0"""
_RULES = """
SELECT oid::int8, rulename::text, ev_class::int8, ev_enabled::text, pg_catalog.pg_get_ruledef(oid)
FROM pg_catalog.pg_rewrite WHERE oid >= 16384 AND rulename <> '_RETURN'"""
_POLICIES = """
SELECT p.oid::int8, p.polname::text, p.polrelid::int8, p.polcmd::text, p.polpermissive,
       ARRAY(SELECT CASE WHEN r.role = 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(r.role)::text END
             FROM unnest(p.polroles) r(role) ORDER BY 1)::text[],
       pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_catalog.pg_policy p"""

_FUNCTION_KINDS = {"f": "function", "w": "function", "p": "procedure", "a": "aggregate"}
_ENABLED = {"O": "ORIGIN", "D": "DISABLED", "R": "REPLICA", "A": "ALWAYS"}
_COMMANDS = {"r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE", "*": "ALL"}


def routine_objects(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read functions by signature and body, triggers, rules and policies: one query each, if there are any."""
    objects: Objects = {}
    if "function" in catalog.present:
        for oid, name, namespace, kind, arguments, definition in fetch(_FUNCTIONS):
            if namespace in catalog.schemas and catalog.is_ours(PG_PROC, oid):
                key = Key(_FUNCTION_KINDS[kind], catalog.schemas[namespace], None, f"{name}({arguments})")
                objects[key] = {"definition": _without_margin(definition), "comment": catalog.comment(PG_PROC, oid)}
    for kind, query, number in (("trigger", _TRIGGERS, PG_TRIGGER), ("rule", _RULES, PG_REWRITE)):
        if kind in catalog.present:
            for oid, name, relation, enabled, definition in fetch(query):
                if relation in catalog.relations:
                    objects[_on_table(kind, relation, name, catalog)] = {
                        "definition": definition,
                        "enabled": _ENABLED.get(enabled, enabled),
                        "comment": catalog.comment(number, oid),
                    }
    return objects | (_policies(fetch, catalog) if "policy" in catalog.present else {})


def _without_margin(definition: str) -> str:
    """Take off the margin that a body got from the source file it was pasted in; a body with a text of many lines keeps it."""
    head, opening, rest = definition.partition("AS $")
    quote, newline, body = rest.partition("\n")
    if any(line.count("'") % 2 for line in body.splitlines()):
        return definition
    return head + opening + quote + newline + dedent(body)


def _policies(fetch: Fetch, catalog: Catalog) -> Objects:
    objects: Objects = {}
    for oid, name, relation, command, permissive, roles, using, check in fetch(_POLICIES):
        if relation in catalog.relations:
            objects[_on_table("policy", relation, name, catalog)] = {
                "command": _COMMANDS.get(command, command),
                "permissive": permissive,
                "roles": tuple(roles),
                "using": using,
                "with_check": check,
                "comment": catalog.comment(PG_POLICY, oid),
            }
    return objects


def _on_table(kind: str, relation: int, name: str, catalog: Catalog) -> Key:
    table = catalog.relations[relation]
    return Key(kind, table.schema, table.name, name)
