"""The reader of PostgreSQL: every schema but the system's own, straight from the catalog, in a constant number of queries."""

import msgspec

from alembic_proof.schema.collector import paused_collector
from alembic_proof.schema.postgresql import fingerprint
from alembic_proof.schema.postgresql.catalog import Catalog, Objects, read_again, read_catalog, with_views
from alembic_proof.schema.postgresql.constraints import constraint_objects
from alembic_proof.schema.postgresql.database_wide import database_objects
from alembic_proof.schema.postgresql.indexes import index_objects
from alembic_proof.schema.postgresql.prepared import Prepared
from alembic_proof.schema.postgresql.routines import routine_objects
from alembic_proof.schema.postgresql.search_path import plain_names
from alembic_proof.schema.postgresql.tables import relation_objects
from alembic_proof.schema.postgresql.types import type_objects
from alembic_proof.schema.snapshot import Fetch, Snapshot

__all__ = ["Looks", "read"]

_NOT_READ = (
    "owners and privileges",
    "operators and operator classes",
    "text search parsers and templates",
    "access methods, conversions, transforms and shell types",
    "procedural languages",
    "large objects",
    "subscriptions",
    "user mappings",
    "what belongs to an extension",
    "names of NOT NULL constraints that are as usual",
    "defaults that a partition or child table states beside its parent's",
)

# Kinds whose text names columns of tables, so that it can change while they do not.
_MENTIONS_TABLES = frozenset({"function", "trigger", "rule", "policy", "statistics", "publication", "cast"})


def read(fetch: Fetch) -> Snapshot:
    """Read the whole schema."""
    with paused_collector(), plain_names(fetch) as (version, _):
        catalog = read_catalog(fetch, version)
        return Snapshot({**_of_tables(fetch, catalog), **_of_the_rest(fetch, catalog)}, _NOT_READ)


def _of_tables(fetch: Fetch, catalog: Catalog) -> Objects:
    return relation_objects(fetch, catalog) | constraint_objects(fetch, catalog) | index_objects(fetch, catalog)


def _of_the_rest(fetch: Fetch, catalog: Catalog) -> Objects:
    return type_objects(fetch, catalog) | routine_objects(fetch, catalog) | database_objects(fetch, catalog)


class _Seen(msgspec.Struct):
    """The last look, with each table's objects by the number of its relation."""

    fingerprints: dict[int, int]
    catalog: Catalog
    tables: dict[int, Objects]
    rest: Objects
    snapshot: Snapshot


class Looks:
    """Look again and again at one database, and read only the tables that changed since one of the last two looks.

    After a rollback the database is what it was before the last.
    """

    def __init__(self) -> None:
        self._seen: tuple[_Seen, ...] = ()  # the last first
        self._asked: dict[bool, tuple[str, ...]] = {}  # the queries of the last look at what changed, noisy or calm

    def __call__(self, fetch: Fetch) -> Snapshot:
        with paused_collector(), plain_names(fetch) as (version, kept):
            if version < fingerprint.SINCE:
                catalog = read_catalog(fetch, version)
                return Snapshot({**_of_tables(fetch, catalog), **_of_the_rest(fetch, catalog)}, _NOT_READ)
            prepared = Prepared(fetch, kept)
            prints = fingerprint.fingerprints(prepared)
            seen = self._again(prepared, prints) or self._anew(fetch, version, prints)
            self._seen = (seen, *(other for other in self._seen[:1] if other is not seen))
            return seen.snapshot

    def _nearest(self, prints: dict[int, int]) -> _Seen | None:
        """Choose what to start from, of what names alike: calm before all, then with the fewest changes."""
        alike = [seen for seen in self._seen if seen.fingerprints.get(fingerprint.NAMES) == prints.get(fingerprint.NAMES)]
        return min(
            alike,
            default=None,
            key=lambda seen: (not _is_calm(seen.fingerprints, prints), len(seen.fingerprints.items() ^ prints.items())),
        )

    def _anew(self, fetch: Fetch, version: int, prints: dict[int, int]) -> _Seen:
        catalog = read_catalog(fetch, version)
        objects = _of_tables(fetch, catalog)
        return _put_together(prints, catalog, _by_table(objects, catalog), _of_the_rest(fetch, catalog))

    def _again(self, fetch: Prepared, prints: dict[int, int]) -> _Seen | None:
        """Read what changed; None where that could be mentioned anywhere, so that all has to be read."""
        before = self._nearest(prints)
        if before is None or before.fingerprints == prints:
            return before
        was, known = before.fingerprints, before.catalog
        changed = {oid for oid, value in prints.items() if oid > 0 and was.get(oid) != value}
        gone = was.keys() - prints.keys()
        for oid in (*changed, *gone):  # a foreign key tells the names of the columns that it refers to
            changed |= known.referring.get(oid, set()) - gone
        # The parameters of an identity's sequence are told with its column.
        changed |= {row[8] for row in known.sequences or () if row[0] in changed and row[10] == "i"} - gone
        if len(changed) * 2 > len(prints):
            return None
        is_calm = _is_calm(was, prints)
        fetch.limit_to(with_views(known, changed))
        fetch.go_ahead(self._asked.get(is_calm, ()))
        catalog = read_again(fetch, known, changed, is_calm=is_calm)
        for oid in gone - catalog.fresh.keys():  # the index of a partition that was let go is still there
            catalog.relations.pop(oid, None)
        if catalog.comments != known.comments or any(_is_renamed(catalog, known, oid) for oid in changed):
            return None
        both = (known.relations, catalog.relations)
        is_sequence = any(side[oid].kind == "S" for oid in (*changed, *gone) for side in both if oid in side)
        catalog.sequences = known.sequences if is_calm and not is_sequence else None
        objects = _of_tables(fetch, catalog)
        tables = {oid: own for oid, own in before.tables.items() if oid not in gone and oid not in changed and oid > 0}
        rest = before.rest if is_calm and not catalog.present & _MENTIONS_TABLES else _of_the_rest(fetch, catalog)
        self._asked[is_calm] = tuple(fetch.asked)
        return _put_together(prints, catalog, tables | _by_table(objects, catalog), rest)


def _is_calm(before: dict[int, int], now: dict[int, int]) -> bool:
    """Whether nothing changed that is read whole at each look that reads."""
    return before.get(fingerprint.RUNNING) == now.get(fingerprint.RUNNING)


def _put_together(prints: dict[int, int], catalog: Catalog, tables: dict[int, Objects], rest: Objects) -> _Seen:
    objects: Objects = {}
    for own in tables.values():
        objects.update(own)
    objects.update(rest)
    return _Seen(prints, catalog, tables, rest, Snapshot(objects, _NOT_READ))


def _by_table(objects: Objects, catalog: Catalog) -> dict[int, Objects]:
    """Part objects by the table that they are or belong to; those of no table stand under 0 and are read each time."""
    numbers = {(relation.schema, relation.name): oid for oid, relation in catalog.fresh.items() if relation.kind in "rpf"}
    tables: dict[int, Objects] = {oid: {} for oid in (0, *numbers.values())}
    for key, properties in objects.items():
        name = key.table if key.table is not None else key.name if key.kind == "table" else None
        tables[numbers.get((key.schema, name), 0) if name is not None else 0][key] = properties
    return tables


def _is_renamed(now: Catalog, before: Catalog, oid: int) -> bool:
    old, new = before.relations.get(oid), now.relations.get(oid)
    return old is not None and new is not None and (old.name, old.schema, old.kind) != (new.name, new.schema, new.kind)
