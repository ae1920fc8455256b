"""The ground that every part of the PostgreSQL reader stands on: schemas, relations, columns' names, comments, owners.

Objects that initdb made have numbers below 16384; what belongs to an extension is the extension's.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from alembic_proof.schema.postgresql.prepared import ONLY, Prepared
from alembic_proof.schema.snapshot import Fetch, Key, Value

Objects = dict[Key, Mapping[str, Value]]

# The fixed numbers of the catalogs (src/include/catalog/*.h), as pg_depend and pg_description use them.
PG_CLASS, PG_TYPE, PG_PROC, PG_NAMESPACE = 1259, 1247, 1255, 2615
PG_CONSTRAINT, PG_TRIGGER, PG_REWRITE, PG_POLICY = 2606, 2620, 2618, 3256
PG_EXTENSION, PG_STATISTIC_EXT, PG_PUBLICATION, PG_EVENT_TRIGGER = 3079, 3381, 6104, 3466
PG_COLLATION, PG_FOREIGN_DATA_WRAPPER, PG_FOREIGN_SERVER = 3456, 2328, 1417
PG_TS_CONFIG, PG_TS_DICT, PG_CAST = 3602, 3600, 2605

_PRESENT = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid >= 16384 AND typtype IN ('e', 'd', 'r')),
       EXISTS (SELECT FROM pg_catalog.pg_proc WHERE oid >= 16384),
       EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE NOT tgisinternal),
       EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE oid >= 16384 AND rulename <> '_RETURN'),
       EXISTS (SELECT FROM pg_catalog.pg_policy),
       EXISTS (SELECT FROM pg_catalog.pg_statistic_ext),
       EXISTS (SELECT FROM pg_catalog.pg_description WHERE objoid >= 16384 OR objoid = 2200),
       EXISTS (SELECT FROM pg_catalog.pg_depend WHERE refclassid = 3079 AND deptype = 'e' AND objid >= 16384),
       EXISTS (SELECT FROM pg_catalog.pg_inherits),
       EXISTS (SELECT FROM pg_catalog.pg_publication),
       EXISTS (SELECT FROM pg_catalog.pg_event_trigger WHERE oid >= 16384),
       EXISTS (SELECT FROM pg_catalog.pg_collation WHERE oid >= 16384),
       EXISTS (SELECT FROM pg_catalog.pg_foreign_data_wrapper),
       EXISTS (SELECT FROM pg_catalog.pg_foreign_server),
       EXISTS (SELECT FROM pg_catalog.pg_ts_config WHERE oid >= 16384),
       EXISTS (SELECT FROM pg_catalog.pg_ts_dict WHERE oid >= 16384),
       EXISTS (SELECT FROM pg_catalog.pg_cast WHERE oid >= 16384)"""
_PRESENT_NAMES = (
    "type", "function", "trigger", "rule", "policy", "statistics", "comment", "extension", "inheritance",
    "publication", "event trigger", "collation", "foreign data wrapper", "foreign server", "text search configuration",
    "text search dictionary", "cast",
)  # fmt: skip
_SCHEMAS = """
SELECT oid::int8, nspname::text FROM pg_catalog.pg_namespace
WHERE nspname <> 'information_schema' AND substr(nspname, 1, 3) <> 'pg_'"""
_RELATIONS = """
SELECT oid::int8, relname::text, relnamespace::int8, relkind::text, relpersistence::text, relam::int8, relispartition,
       relrowsecurity, relforcerowsecurity, relreplident::text, array_to_string(reloptions, ', '),
       CASE WHEN relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(oid) END,
       CASE WHEN relkind = 'p' THEN pg_catalog.pg_get_partkeydef(oid) END,
       CASE WHEN relispartition AND relkind <> 'I' AND relkind <> 'i' THEN pg_catalog.pg_get_expr(relpartbound, oid) END,
       CASE WHEN relkind = 'm' THEN relispopulated ELSE true END, reltype::int8, reltoastrelid::int8,
       CASE WHEN reltablespace <> 0 THEN (SELECT s.spcname FROM pg_catalog.pg_tablespace s WHERE s.oid = reltablespace) END::text,
       CASE WHEN relkind IN ('r', 'p', 'm') AND relam NOT IN (0, 2)
            THEN (SELECT m.amname FROM pg_catalog.pg_am m WHERE m.oid = relam) END::text
FROM pg_catalog.pg_class
WHERE oid >= 16384 AND (relkind <> 't' OR reloptions IS NOT NULL) AND relpersistence <> 't'"""
_AND_ONLY = """
  AND oid = ANY (ARRAY(SELECT unnest({only})
                       UNION ALL SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid = ANY ({only})
                       UNION ALL SELECT reltoastrelid FROM pg_catalog.pg_class WHERE oid = ANY ({only})))"""
_COMMENTS = """
SELECT classoid::int8, objoid::int8, objsubid::int4, description FROM pg_catalog.pg_description
WHERE objoid >= 16384 OR (objoid = 2200 AND classoid = 2615)"""
_OF_EXTENSIONS = """
SELECT classid::int8, objid::int8 FROM pg_catalog.pg_depend
WHERE refclassid = 3079 AND deptype = 'e' AND objid >= 16384"""


class Relation(NamedTuple):
    """One row of pg_class."""

    oid: int
    schema: str | None
    name: str
    kind: str
    row: tuple[Any, ...]

    @property
    def full_name(self) -> str:
        return self.name if self.schema is None else f"{self.schema}.{self.name}"


class Catalog(msgspec.Struct):
    """What the other parts look names up in. Public is the schema None.

    `fresh` are the relations to read now: all of them in a whole look, else those that ONLY stands for, and `is_part` is set.
    """

    version: int
    present: frozenset[str]
    schemas: dict[int, str | None]
    relations: dict[int, Relation]
    of_extensions: frozenset[tuple[int, int]]
    comments: dict[tuple[int, int, int], str]
    fresh: dict[int, Relation] = msgspec.field(default_factory=dict)
    is_part: bool = False
    referring: defaultdict[int, set[int]] = msgspec.field(default_factory=lambda: defaultdict(set))
    behind_constraints: set[int] = msgspec.field(default_factory=set)
    toast: dict[int, str] = msgspec.field(default_factory=dict)
    sequences: Sequence[tuple[Any, ...]] | None = None
    operator_classes: Mapping[str, str] | None = None
    column_names: defaultdict[int, dict[int, str]] = msgspec.field(default_factory=lambda: defaultdict(dict))
    column_collations: dict[tuple[int, int], int] = msgspec.field(default_factory=dict)

    def comment(self, catalog: int, oid: int, column: int = 0) -> str | None:
        return self.comments.get((catalog, oid, column))

    def storage_parameters(self, relation: Relation) -> str | None:
        """Tell a relation's own parameters and those of the table that holds its long values, as ALTER TABLE names them."""
        return ", ".join(filter(None, (relation.row[10], self.toast.get(relation.row[16])))) or None

    def limit(self, column: str) -> str:
        """Write the condition that keeps a query to the relations to read now."""
        return f" AND {column} = ANY ({ONLY})" if self.is_part else ""

    def is_ours(self, catalog: int, oid: int) -> bool:
        return (catalog, oid) not in self.of_extensions

    def names(self, relation: int, numbers: str | None) -> tuple[str, ...]:
        """Name the columns that a catalog lists as numbers with spaces between."""
        if not numbers:
            return ()
        columns = self.column_names[relation]
        return tuple([columns.get(number, "") for number in integers(numbers)])


@lru_cache(maxsize=4096)
def integers(text: str) -> tuple[int, ...]:
    """Split a list of numbers as the catalog's vectors are written."""
    return tuple(map(int, text.split()))


def read_catalog(fetch: Fetch, version: int) -> Catalog:
    """Read the common ground, in at most five queries."""
    catalog = _ground(fetch, version)
    catalog.relations = catalog.fresh = _relations(fetch, catalog, _RELATIONS)
    return catalog


def _ground(fetch: Fetch, version: int) -> Catalog:
    [flags] = fetch(_PRESENT)
    present = frozenset(name for name, flag in zip(_PRESENT_NAMES, flags, strict=True) if flag)
    schemas = {oid: None if name == "public" else name for oid, name in fetch(_SCHEMAS)}
    of_extensions: frozenset[tuple[int, int]] = frozenset()
    if "extension" in present:
        of_extensions = frozenset((catalog, oid) for catalog, oid in fetch(_OF_EXTENSIONS))
    comments = {}
    if "comment" in present:
        comments = {(catalog, oid, column): text for catalog, oid, column, text in fetch(_COMMENTS)}
    return Catalog(version, present, schemas, {}, of_extensions, comments)


def read_again(fetch: Prepared, before: Catalog, changed: Collection[int], *, is_calm: bool) -> Catalog:
    """Read anew only the relations that `changed`, and every view and composite type, whose text may mention them.

    The rest is taken over. `is_calm` says that nothing beside the relations changed, so that not even flags are asked for.
    ONLY stands for those relations: `with_views` names them.
    """
    catalog = replace(before) if is_calm else _ground(fetch, before.version)
    catalog.fresh = _relations(fetch, catalog, _RELATIONS + _AND_ONLY.format(only=ONLY))
    catalog.is_part = True
    catalog.relations = before.relations | catalog.fresh
    catalog.behind_constraints = set()
    catalog.operator_classes = before.operator_classes
    catalog.column_collations, catalog.referring = before.column_collations, before.referring
    catalog.column_names = before.column_names.copy()
    for oid in changed:
        catalog.column_names.pop(oid, None)
    return catalog


def with_views(before: Catalog, changed: Collection[int]) -> Collection[int]:
    """Add the views and composite types that were there to the relations that changed, new ones among them."""
    return {*changed, *(oid for oid, relation in before.relations.items() if relation.kind in "vmc")}


def _relations(fetch: Fetch, catalog: Catalog, query: str) -> dict[int, Relation]:
    rows = fetch(query)
    catalog.toast = {row[0]: f"toast.{row[10].replace(', ', ', toast.')}" for row in rows if row[3] == "t"}
    return {
        row[0]: Relation(row[0], catalog.schemas[row[2]], row[1], row[3], row)
        for row in rows
        if row[2] in catalog.schemas and (PG_CLASS, row[0]) not in catalog.of_extensions
    }
