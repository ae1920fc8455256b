"""The reader of PostgreSQL: every schema but the system's own, straight from the catalog, in a constant number of queries."""

from alembic_proof.schema.postgresql.catalog import Objects, read_catalog
from alembic_proof.schema.postgresql.constraints import constraint_objects
from alembic_proof.schema.postgresql.database_wide import database_objects
from alembic_proof.schema.postgresql.indexes import index_objects
from alembic_proof.schema.postgresql.routines import routine_objects
from alembic_proof.schema.postgresql.search_path import plain_names
from alembic_proof.schema.postgresql.tables import relation_objects
from alembic_proof.schema.postgresql.types import type_objects
from alembic_proof.schema.snapshot import Fetch, Snapshot

__all__ = ["read"]

_NOT_READ = (
    "owners and privileges",
    "tablespaces",
    "operators, operator classes and casts",
    "text search configurations",
    "procedural languages",
    "subscriptions",
    "what belongs to an extension",
    "names of NOT NULL constraints",
    "defaults that a partition or child table states beside its parent's",
)


def read(fetch: Fetch) -> Snapshot:
    """Read the whole schema."""
    with plain_names(fetch) as version:
        catalog = read_catalog(fetch, version)
        objects: Objects = relation_objects(fetch, catalog)
        objects |= constraint_objects(fetch, catalog)
        objects |= index_objects(fetch, catalog)
        objects |= type_objects(fetch, catalog)
        objects |= routine_objects(fetch, catalog)
        objects |= database_objects(fetch, catalog)
    return Snapshot(objects, _NOT_READ)
