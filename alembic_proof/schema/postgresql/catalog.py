"""The ground that every part of the PostgreSQL reader stands on: schemas, relations, columns' names, comments, owners.

Objects that initdb made have numbers below 16384; what belongs to an extension is the extension's.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from alembic_proof.schema.snapshot import Fetch, Key, Value

Objects = dict[Key, Mapping[str, Value]]

# The fixed numbers of the catalogs (src/include/catalog/*.h), as pg_depend and pg_description use them.
PG_CLASS, PG_TYPE, PG_PROC, PG_NAMESPACE = 1259, 1247, 1255, 2615
PG_CONSTRAINT, PG_TRIGGER, PG_REWRITE, PG_POLICY = 2606, 2620, 2618, 3256
PG_EXTENSION, PG_STATISTIC_EXT, PG_PUBLICATION, PG_EVENT_TRIGGER = 3079, 3381, 6104, 3466
PG_COLLATION, PG_FOREIGN_SERVER = 3456, 1417

_PRESENT = """
SELECT EXISTS (SELECT FROM pg_catalog.pg_sequence),
       EXISTS (SELECT FROM pg_catalog.pg_type WHERE oid >= 16384 AND typtype IN ('e', 'd', 'r')),
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
       EXISTS (SELECT FROM pg_catalog.pg_foreign_server)"""
_PRESENT_NAMES = (
    "sequence", "type", "function", "trigger", "rule", "policy", "statistics", "comment", "extension", "inheritance",
    "publication", "event trigger", "collation", "foreign server",
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
       CASE WHEN relkind = 'm' THEN relispopulated ELSE true END, reltype::int8
FROM pg_catalog.pg_class
WHERE oid >= 16384 AND relkind <> 't' AND relpersistence <> 't'"""
_COMMENTS = """
SELECT classoid::int8, objoid::int8, objsubid::int4, description FROM pg_catalog.pg_description
WHERE objoid >= 16384 OR (objoid = 2200 AND classoid = 2615)"""
_OF_EXTENSIONS = """
SELECT classid::int8, objid::int8 FROM pg_catalog.pg_depend
WHERE refclassid = 3079 AND deptype = 'e' AND objid >= 16384"""


@dataclass(frozen=True, slots=True)
class Relation:
    """One row of pg_class."""

    oid: int
    schema: str | None
    name: str
    kind: str
    row: tuple[Any, ...]

    @property
    def full_name(self) -> str:
        return self.name if self.schema is None else f"{self.schema}.{self.name}"


@dataclass(slots=True)
class Catalog:
    """What the other parts look names up in. Public is the schema None."""

    version: int
    present: frozenset[str]
    schemas: dict[int, str | None]
    relations: dict[int, Relation]
    of_extensions: frozenset[tuple[int, int]]
    comments: dict[tuple[int, int, int], str]
    column_names: defaultdict[int, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    column_collations: dict[tuple[int, int], int] = field(default_factory=dict)

    def comment(self, catalog: int, oid: int, column: int = 0) -> str | None:
        return self.comments.get((catalog, oid, column))

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
    """Read the common ground, at most five queries."""
    [flags] = fetch(_PRESENT)
    present = frozenset(name for name, flag in zip(_PRESENT_NAMES, flags, strict=True) if flag)
    schemas = {oid: None if name == "public" else name for oid, name in fetch(_SCHEMAS)}
    of_extensions: frozenset[tuple[int, int]] = frozenset()
    if "extension" in present:
        of_extensions = frozenset((catalog, oid) for catalog, oid in fetch(_OF_EXTENSIONS))
    comments = {}
    if "comment" in present:
        comments = {(catalog, oid, column): text for catalog, oid, column, text in fetch(_COMMENTS)}
    relations = {}
    for row in fetch(_RELATIONS):
        if row[2] in schemas and (PG_CLASS, row[0]) not in of_extensions:
            relations[row[0]] = Relation(row[0], schemas[row[2]], row[1], row[3], row)
    return Catalog(version, present, schemas, relations, of_extensions, comments)
