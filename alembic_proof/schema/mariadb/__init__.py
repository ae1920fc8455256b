"""The reader of MariaDB 10.11, and of MySQL 8 as far as it could be written from its manual: the connection's own database.

Each look reads everything. The catalog keeps no mark of a change that could be trusted: a table's CREATE_TIME counts in seconds,
and a new default or comment changes no number of InnoDB's.
"""

from alembic_proof.schema.collector import paused_collector
from alembic_proof.schema.mariadb.constraints import constraint_objects
from alembic_proof.schema.mariadb.packed import text
from alembic_proof.schema.mariadb.routines import routine_objects, sequence_objects
from alembic_proof.schema.mariadb.tables import Objects, table_objects
from alembic_proof.schema.snapshot import Fetch, Snapshot

__all__ = ["read"]

_NOT_READ = (
    "other databases of the server",
    "where a partition's files are",
    "when an event starts and ends",
    "users and privileges",
)


def read(fetch: Fetch) -> Snapshot:
    """Read the whole schema."""
    is_mariadb = "MARIADB" in str(text(fetch("SELECT VERSION()")[0][0])).upper()
    objects: Objects
    with paused_collector():
        objects, sequences = table_objects(fetch, is_mariadb=is_mariadb)
        objects |= constraint_objects(fetch, is_mariadb=is_mariadb)
        objects |= routine_objects(fetch)
        objects |= sequence_objects(fetch, sequences)
    return Snapshot(objects, _NOT_READ if is_mariadb else (*_NOT_READ, "MySQL's own spellings: never tried on a server"))
