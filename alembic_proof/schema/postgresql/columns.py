"""Columns of PostgreSQL's relations: those of tables are objects; a view or a composite type tells what is special of its own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from alembic_proof.schema.postgresql.catalog import PG_CLASS, Catalog, Objects, Relation
from alembic_proof.schema.postgresql.foreign import OPTIONS
from alembic_proof.schema.snapshot import Fetch, Key, Value

# Writing out an expression is what costs most here, and most defaults are alike: where all columns are read, they come with a
# hash of each default's tree, and each tree is written out once, in _DEFAULTS; the few of a part come with the text itself. A
# default mentions no column, so its relation may be 0 there, which spares opening the table. A generated column's does (its tree
# has a VAR, and two equal trees need not mean the same), so it is written with its column. What a column's type would do by
# itself is looked up only where the column could do otherwise. What few columns have comes together, as one list, or not at all.
# A statistics target that was never set is -1, NULL since 17.
_COLUMNS = f"""
SELECT a.attrelid::int8, a.attnum::int4, a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.attcollation::int8, {{default}},
       CASE WHEN a.attidentity <> '' OR a.attgenerated <> '' OR NOT a.attislocal OR a.attcollation NOT IN (0, 100)
                 OR a.attcompression <> '' OR a.attoptions IS NOT NULL OR a.attstattarget >= 0 OR a.attfdwoptions IS NOT NULL
                 OR (a.attlen = -1 AND (a.attstorage <> 'x' OR a.atttypid = 1700))
            THEN ARRAY[
              a.attidentity::text, a.attgenerated::text, (a.attislocal OR a.attinhcount = 0)::text,
              CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,
              (SELECT l.collname FROM pg_catalog.pg_collation l, pg_catalog.pg_type t
               WHERE l.oid = a.attcollation AND t.oid = a.atttypid AND t.typcollation <> l.oid)::text,
              a.attcompression::text, array_to_string(a.attoptions, ', '),
              (SELECT a.attstorage FROM pg_catalog.pg_type t WHERE t.oid = a.atttypid AND t.typstorage <> a.attstorage)::text,
              CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::text END,
{OPTIONS.format(column="a.attfdwoptions")}
            ]::text[] END
FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum AND a.atthasdef
WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'c', 'v', 'm')"""  # noqa: S608 - texts of these files
_TREE = "pg_catalog.hashtextextended(d.adbin::text, 0)"
_TEXT = "CASE WHEN strpos(d.adbin::text, '{VAR ') = 0 THEN pg_catalog.pg_get_expr(d.adbin, 0) END"
_DEFAULTS = f"""
SELECT same.tree, pg_catalog.pg_get_expr(d.adbin, 0) FROM pg_catalog.pg_attrdef d JOIN (
  SELECT {_TREE} AS tree, min(d.oid) AS first FROM pg_catalog.pg_attrdef d GROUP BY 1) same ON d.oid = same.first
WHERE strpos(d.adbin::text, '{{VAR ') = 0"""  # noqa: S608 - texts of this file
_NOT_NULL = """
SELECT n.conrelid::int8, n.conkey[1]::int4,
       pg_catalog.quote_ident(n.conname) || CASE WHEN n.connoinherit THEN ' NO INHERIT' ELSE '' END
       || CASE WHEN n.convalidated THEN '' ELSE ' NOT VALID' END
FROM pg_catalog.pg_constraint n
WHERE n.conrelid >= 16384 AND n.contype = 'n' AND (n.connoinherit OR NOT n.convalidated)"""

_NOT_NULL_SINCE = 180000
_USUAL_COLLATIONS = (0, 100)  # none, and the database's own
_GENERATED = {"s": "STORED", "v": "VIRTUAL"}
_IDENTITY = {"a": "ALWAYS", "d": "BY DEFAULT"}
_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "m": "MAIN", "x": "EXTENDED"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}


class Columns(msgspec.Struct):
    """The columns of tables; what composite types are made of, and what was set for columns of views, by relation."""

    objects: Objects = msgspec.field(default_factory=dict)
    attributes: defaultdict[int, list[str]] = msgspec.field(default_factory=lambda: defaultdict(list))
    settings: defaultdict[int, list[str]] = msgspec.field(default_factory=lambda: defaultdict(list))


def read_columns(fetch: Fetch, catalog: Catalog, identities: Mapping[tuple[int, int], str]) -> Columns:
    """Read all columns; fills the catalog's names of columns. `identities` are the parameters of identity columns' sequences."""
    found = Columns()
    not_nulls: dict[tuple[int, int], str] = {}
    if catalog.version >= _NOT_NULL_SINCE:
        not_nulls = {(oid, number): told for oid, number, told in fetch(_NOT_NULL + catalog.limit("n.conrelid"))}
    previous, position = 0, 0
    relations, column_names, comments = catalog.relations, catalog.column_names, catalog.comments
    for oid, number, name, type_, not_null, collation, default, rare in _rows(fetch, catalog):
        relation = relations.get(oid)
        if relation is None:
            continue
        column_names[oid][number] = name
        if relation.kind == "c":
            found.attributes[oid].append(f"{name} {type_}" + (f" COLLATE {rare[4]}" if rare and rare[4] else ""))
        elif relation.kind in "rpf":
            if collation not in _USUAL_COLLATIONS:
                catalog.column_collations[oid, number] = collation
            position = position + 1 if previous == oid else 1
            previous = oid
            properties = _plain_column(type_, not_null, default, position)
            comment = comments.get((PG_CLASS, oid, number)) if comments else None
            special = not_nulls.get((oid, number)) if not_nulls else None
            if rare or comment is not None or special is not None:
                more = {"comment": comment, "not_null": special}
                properties = properties | more | _rare(rare, identities.get((oid, number), ""))
            if not rare or rare[2] == "true":
                found.objects[Key("column", relation.schema, relation.name, name)] = properties
        elif default is not None or rare:
            found.settings[oid] += [f"{quoted(name)} {told}" for told in _settings(default, rare)]
    return found


def _rows(fetch: Fetch, catalog: Catalog) -> Iterable[tuple[Any, ...]]:
    """Read the columns' rows, with the text of each default."""
    query = _COLUMNS.replace("{default}", _TEXT if catalog.is_part else _TREE)
    rows = fetch(f"{query}{catalog.limit('a.attrelid')} ORDER BY a.attrelid, a.attnum")
    if catalog.is_part:
        return rows
    texts: dict[int, str] = dict(fetch(_DEFAULTS))
    return ((*row[:6], texts.get(row[6]), row[7]) for row in rows)


def column_comments(relation: Relation, catalog: Catalog) -> tuple[str, ...]:
    """Tell the comments on columns as COMMENT ON COLUMN has them after the relation's name: "total" IS 'how many'."""
    if not catalog.comments:
        return ()
    named = catalog.column_names[relation.oid].items()
    told = ((name, catalog.comment(PG_CLASS, relation.oid, number)) for number, name in named)
    return tuple(f"{quoted(name)} IS {_literal(comment)}" for name, comment in told if comment is not None)


def quoted(name: str) -> str:
    """Write a name in quotes, whether it needs them or not."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _literal(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


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
        "statistics_target": None,
        "foreign_options": None,
        "not_null": None,
        "comment": None,
        "position": position,
    }


def _rare(values: Sequence[str] | None, parameters: str) -> dict[str, Value]:
    """Say what few columns have: the ten values in the order of the query."""
    if not values:
        return {}
    identity, generated, _, expression, collation, compression, options, storage, target, foreign_options = values
    return {
        "collation": collation,
        "identity": f"{_IDENTITY[identity]} ({parameters})" if identity else None,
        "generated": f"{expression} {_GENERATED[generated]}" if generated else None,
        "compression": _COMPRESSION.get(compression),
        "storage": _STORAGE.get(storage),
        "options": options or None,
        "statistics_target": None if target is None else int(target),
        "foreign_options": foreign_options,
    }


def _settings(default: str | None, rare: Sequence[str] | None) -> list[str]:
    """Say what was set for a view's column, as ALTER COLUMN has it."""
    told = _rare(rare, "")
    return [
        *([] if default is None else [f"SET DEFAULT {default}"]),
        *([f"SET COMPRESSION {told['compression']}"] if told.get("compression") else []),
        *([f"SET STORAGE {told['storage']}"] if told.get("storage") else []),
        *([f"SET ({told['options']})"] if told.get("options") else []),
        *([] if told.get("statistics_target") is None else [f"SET STATISTICS {told['statistics_target']}"]),
    ]
