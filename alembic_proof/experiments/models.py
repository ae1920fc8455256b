"""The migrated schema against a twin made from the models: two real databases of one kind, so nothing is guessed."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import Any

from alembic.autogenerate import compare_metadata
from sqlalchemy import URL, MetaData, Table, create_engine

from alembic_proof.databases.scratch import Database
from alembic_proof.errors import ProofError
from alembic_proof.evidence import Models
from alembic_proof.experiments.inclusion import Inclusion
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.walk import Walked
from alembic_proof.migrate.inside import Inside
from alembic_proof.migrate.redirect import Redirect
from alembic_proof.schema.snapshot import Fetch, Key, Snapshot

_TABLES_A_QUERY = 100  # SQLite takes no more than 500 parts of a UNION, and planning grows with them


def gather_models(place: Place, walked: Walked, other: Snapshot | None = None, on: Database | None = None) -> Models:
    """Make the twin, read it, and list where the migrated schema differs from it, or an `other` one that is given instead.

    The twin is made in the empty database `on` where one is given, else in one of its own.
    """
    metadata = walked.captured.metadata
    if not metadata:
        return Models(unavailable=f"{place.project.shown(place.project.env_py)} gives Alembic no target_metadata")
    if walked.top is None or not all(step.is_applied for step in walked.steps):
        return Models(unavailable="the migrations did not reach the top")
    place.progress("models", "create_all")
    with nullcontext(on) if on is not None else place.on_nothing.temporary_database() as database:
        compared = other or walked.top
        failure = _create_twin(place, database, metadata, compared)
        if failure is not None:
            return _without_twin(place, walked, failure)
        with database.connect() as fetch:
            twin = place.server.read(fetch)
            filled = _with_rows(fetch, twin, database.url)
    with walked.database.connect() as fetch:
        seeded = _with_rows(fetch, walked.top, walked.database.url)
    inclusion = Inclusion(walked.captured.options, metadata)
    differences = tuple(d for d in place.compare(twin, compared) if inclusion.admits(d))
    by_migrations = sorted(key.full_name for key in seeded - filled if key in twin.objects)
    return Models(differences=differences, seeded=tuple(by_migrations))


def _with_rows(fetch: Fetch, snapshot: Snapshot, url: URL) -> set[Key]:
    """Name the tables in which there is a row."""
    quote = url.get_dialect()().identifier_preparer.format_table
    tables = [key for key in snapshot.of_kind("table") if not snapshot.objects[key].get("foreign")]
    found: set[Key] = set()
    for start in range(0, len(tables), _TABLES_A_QUERY):
        asked = tables[start : start + _TABLES_A_QUERY]
        names = [quote(Table(key.name, MetaData(), schema=key.schema)) for key in asked]
        query = " UNION ALL ".join(f"SELECT {at}, EXISTS (SELECT 1 FROM {name})" for at, name in enumerate(names))  # noqa: S608 - quoted
        found.update(asked[int(at)] for at, has_row in fetch(query) if has_row)
    return found


def _create_twin(place: Place, database: Database, metadata: Sequence[MetaData], migrated: Snapshot) -> str | None:
    """Run create_all with all its DDL events; return why it failed, if it did."""
    target = place.target(database)
    engine = create_engine(target.own_url)
    try:
        with target.in_environment(), Redirect.to(database.url), engine.begin() as connection:
            for statement in _preparations(migrated):
                with connection.begin_nested():
                    connection.exec_driver_sql(statement)
            for one in metadata:
                one.create_all(connection)
    except Exception as error:
        return _first_line(error)
    finally:
        engine.dispose()
    return None


def _first_line(error: Exception) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0]}"


def _without_twin(place: Place, walked: Walked, failure: str) -> Models:
    """Compare by autogenerate, which may fail on the models as well."""
    try:
        return Models(twin_failure=failure, by_autogenerate=_by_autogenerate(place, walked))
    except ProofError:
        raise
    except Exception as error:
        return Models(unavailable=f"create_all() failed ({failure}), and autogenerate failed, too ({_first_line(error)})")


def _preparations(migrated: Snapshot) -> Iterator[str]:
    """What models take for granted and only migrations make: schemas, extensions, functions."""
    for key in migrated.of_kind("schema"):
        yield f'CREATE SCHEMA IF NOT EXISTS "{key.name}"'
    for key in migrated.of_kind("extension"):
        yield f'CREATE EXTENSION IF NOT EXISTS "{key.name}"'
    for key in migrated.of_kind("function"):
        definition = migrated.objects[key].get("definition")
        if isinstance(definition, str):
            yield definition


def _by_autogenerate(place: Place, walked: Walked) -> tuple[str, ...]:
    """What Alembic's own comparison says of the migrated database."""
    told: list[str] = []

    def compare_inside(inside: Inside) -> None:
        metadata = inside.context.opts["target_metadata"]
        told.extend(_words(difference) for difference in compare_metadata(inside.context, metadata))

    place.inside_env_py(walked.database, compare_inside)
    return tuple(told)


def _words(difference: Any) -> str:
    """One of Alembic's tuples: ("add_column", schema, table, column), or a list of them for one column."""
    parts = difference[0] if isinstance(difference, list) else difference
    return " ".join(str(getattr(part, "name", part)) for part in parts if part is not None and not isinstance(part, dict))
