"""Constraints of PostgreSQL's tables. What a partition has from its parent is told there, and only there."""

from collections.abc import Mapping
from typing import Any

from alembic_proof.schema.postgresql.catalog import PG_CLASS, PG_CONSTRAINT, Catalog, Objects
from alembic_proof.schema.snapshot import Fetch, Key, Value

_KINDS = {"p": "primary key", "u": "unique", "f": "foreign key", "c": "check", "x": "exclusion"}
_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_MATCHES = {"f": "FULL", "p": "PARTIAL", "s": None}
_SET_COLUMNS_SINCE = _NULLS_NOT_DISTINCT_SINCE = 150000
_ENFORCED_SINCE = 180000


def constraint_objects(fetch: Fetch, catalog: Catalog) -> Objects:
    """Read primary keys, unique, foreign key, check and exclusion constraints in one query."""
    objects: Objects = {}
    for row in fetch(f"{_query(catalog.version)}{catalog.limit('c.conrelid')} ORDER BY c.conrelid, c.oid"):
        relation = catalog.relations.get(row[3])
        if row[2] == "f":
            catalog.referring[row[7]].add(row[3])
        else:
            catalog.behind_constraints.add(row[21])
        if relation is not None and row[22]:
            objects[Key(_KINDS[row[2]], relation.schema, relation.name, row[1])] = _properties(row, catalog)
    return objects


def _query(version: int) -> str:
    set_columns = "array_to_string(c.confdelsetcols, ' ')" if version >= _SET_COLUMNS_SINCE else "NULL::text"
    nulls = "i.indnullsnotdistinct" if version >= _NULLS_NOT_DISTINCT_SINCE else "false"
    enforced, period = ("c.conenforced", "c.conperiod") if version >= _ENFORCED_SINCE else ("true", "false")
    return f"""
SELECT c.oid::int8, c.conname::text, c.contype::text, c.conrelid::int8, c.condeferrable, c.condeferred, c.convalidated,
       c.confrelid::int8, c.confupdtype::text, c.confdeltype::text, c.confmatchtype::text, c.connoinherit,
       array_to_string(c.conkey, ' '), array_to_string(c.confkey, ' '), {set_columns}, {enforced}, {period},
       CASE c.contype WHEN 'c' THEN pg_catalog.pg_get_expr(c.conbin, c.conrelid)
                      WHEN 'x' THEN pg_catalog.pg_get_constraintdef(c.oid) END,
       CASE WHEN i.indnatts > i.indnkeyatts THEN i.indkey::text END, i.indnkeyatts::int4, {nulls}, c.conindid::int8,
       c.conparentid = 0 AND c.conislocal, i.indisreplident, i.indisclustered
FROM pg_catalog.pg_constraint c
LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.conindid AND c.contype IN ('p', 'u', 'x')
WHERE c.conrelid >= 16384 AND c.contype IN ('p', 'u', 'f', 'c', 'x') """  # noqa: S608 - chosen among texts of this function


def _properties(row: tuple[Any, ...], catalog: Catalog) -> Mapping[str, Value]:
    kind = row[2]
    deferred = "DEFERRED" if row[5] else "IMMEDIATE"
    common: dict[str, Value] = {
        "deferrable": f"DEFERRABLE INITIALLY {deferred}" if row[4] else None,
        "validated": row[6],
        "enforced": row[15],
        "comment": catalog.comments.get((PG_CONSTRAINT, row[0], 0)) if catalog.comments else None,
    }
    if kind == "c":
        return {"expression": row[17], "no_inherit": row[11], **common}
    if kind == "x":
        return {"definition": row[17], **common, **_of_index(row, catalog)}
    columns = catalog.names(row[3], row[12])
    if kind == "f":
        referred = catalog.relations.get(row[7])
        return {
            "columns": columns,
            "referred_table": referred.full_name if referred else None,
            "referred_columns": catalog.names(row[7], row[13]),
            "on_delete": _ACTIONS.get(row[9]),
            "on_update": _ACTIONS.get(row[8]),
            "on_delete_columns": catalog.names(row[3], row[14]) if row[14] else (),
            "match": _MATCHES.get(row[10]),
            **common,
        }
    included = " ".join(row[18].split()[row[19] :]) if row[18] else None
    nulls = {"nulls_not_distinct": row[20]} if kind == "u" else {}
    include = catalog.names(row[3], included)
    told = {"columns": columns, "include": include, "without_overlaps": row[16], **nulls, **common}
    return {**told, **_of_index(row, catalog)}


def _of_index(row: tuple[Any, ...], catalog: Catalog) -> Mapping[str, Value]:
    """Tell what was set for the index behind a constraint. An exclusion's storage parameters stand in its definition."""
    index = catalog.relations[row[21]]
    return {
        "storage_parameters": None if row[2] == "x" else index.row[10],
        "tablespace": index.row[17],
        "clustered": row[24],
        "replica_identity": row[23],
        "index_comment": catalog.comments.get((PG_CLASS, row[21], 0)) if catalog.comments else None,
    }
