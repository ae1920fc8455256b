"""A database that is not ours beside its history: what it holds, what the revision that it names leaves, what the models want.

It is read once, by a session that cannot write; everything else happens on a scratch server.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from sqlalchemy import URL, make_url

from alembic_proof.databases.dumps import statements_of
from alembic_proof.databases.live import read_only
from alembic_proof.databases.scratch import Server
from alembic_proof.databases.urls import without_password
from alembic_proof.errors import ProofError
from alembic_proof.evidence import Models
from alembic_proof.experiments.cluster_wide import open_for
from alembic_proof.experiments.models import gather_models
from alembic_proof.experiments.pictures import climb_to
from alembic_proof.experiments.place import Place, Progress, place_on
from alembic_proof.experiments.walk import Walked
from alembic_proof.history import History
from alembic_proof.migrate.host import natural_dialect
from alembic_proof.project import Project, put_root_on_path
from alembic_proof.schema.diff import Difference
from alembic_proof.schema.snapshot import Fetch, Key, Snapshot


class DriftOrder(msgspec.Struct, frozen=True):
    """What to compare: the database at the URL `live`, or the text of a dump. `database` names the scratch server.

    `at` are the revisions that a dump is held to, unless it holds the version table's rows.
    """

    project: Project
    history: History
    database: str
    live: str | None
    dump: str | None = None
    dump_name: str = ""
    at: tuple[str, ...] = ()


class Drift(msgspec.Struct, frozen=True):
    """What was seen. `recorded` are the version table's rows, None when there is no such table.

    `differences` compares what those revisions leave (expected) with what is there (actual), None when it could not be told;
    `models` the twin with what is there, None when the database does not stand at the heads.
    """

    name: str
    kind: str
    version: str
    scratch_version: str
    version_table: str
    recorded: tuple[str, ...] | None
    compared_at: tuple[str, ...]
    differences: tuple[Difference, ...] | None
    models: Models | None
    own_schemas: frozenset[str | None]
    not_read: tuple[str, ...]


class _Seen(msgspec.Struct, frozen=True):
    """One look at the database: its version, its schema, the rows of its version table."""

    version: str
    snapshot: Snapshot
    recorded: tuple[str, ...] | None


def gather_drift(order: DriftOrder, progress: Progress, name_it: Callable[[str], None]) -> Drift:
    """Look at the database, replay its history as far as it says, and compare.

    Raises:
        ProofError: the database, the scratch server or env.py cannot be used, or an upgrade failed.

    """
    project = order.project
    put_root_on_path(project)
    name_it(order.database)
    progress("set-up", "the server")
    server = open_for(project, order.history, order.database)
    try:
        place = place_on(project, order.history, server, natural_dialect(project), progress)
        return _compare(order, place)
    finally:
        server.close()


def _compare(order: DriftOrder, place: Place) -> Drift:
    with place.temporary_database() as database:
        captured = place.inside_env_py(database, lambda _inside: None)
        table = _version_table(captured.options)
        place.progress("look", order.dump_name or "the database")
        seen = _look_at_dump(order, place, table) if order.dump is not None else _look_at_live(order, place.server, table)
        known = place.history.by_id
        at = tuple(seen.recorded or ()) or order.at if order.dump is not None else seen.recorded
        live, differences, models = seen.snapshot.without_table(*table), None, None
        own_schemas: frozenset[str | None] = frozenset({None})
        if at is not None and all(revision in known for revision in at):
            wanted = frozenset(at).union(*(place.history.ancestors(revision) for revision in at))
            replayed: dict[frozenset[str], Snapshot] = {}
            place.inside_env_py(database, lambda inside: climb_to(place, [wanted], replayed, inside))
            differences = place.compare(replayed[wanted], live)
            own_schemas |= {key.schema for key in replayed[wanted].objects}
            if wanted == known.keys():
                models = gather_models(place, Walked((), database, captured, replayed[wanted]), live)
    return Drift(
        name=order.dump_name if order.live is None else without_password(make_url(order.live)),
        kind=place.server.kind,
        version=seen.version,
        scratch_version=place.server.version,
        version_table=".".join(part for part in table if part),
        recorded=seen.recorded,
        compared_at=at or (),
        differences=differences,
        models=models,
        own_schemas=own_schemas,
        not_read=live.not_read,
    )


def _version_table(options: Mapping[str, Any]) -> tuple[str | None, str]:
    return options.get("version_table_schema"), options.get("version_table") or "alembic_version"


def _look_at_live(order: DriftOrder, server: Server, table: tuple[str | None, str]) -> _Seen:
    assert order.live is not None, "a dump is looked at otherwise"
    url = make_url(order.live)
    with read_only(url) as fetch:
        return _look(fetch, server, table, _version(fetch, url))


def _look_at_dump(order: DriftOrder, place: Place, table: tuple[str | None, str]) -> _Seen:
    assert order.dump is not None, "a database is looked at otherwise"
    loaded = place.server.create()
    try:
        try:
            loaded.run_script(statements_of(order.dump, place.server.kind))
        except Exception as error:
            words = str(error).strip().splitlines()[0]
            raise ProofError(
                f"Cannot load {order.dump_name} into {place.server.name}: {words}. Dump the schema alone (pg_dump -s, sqlite3's "
                ".schema, mysqldump --no-data), from a server of that kind, and give --on its kind."
            ) from error
        with loaded.connect() as fetch:
            return _look(fetch, place.server, table, "")
    finally:
        place.server.drop(loaded)


def _look(fetch: Fetch, server: Server, table: tuple[str | None, str], version: str) -> _Seen:
    snapshot = server.read(fetch)
    schema, name = table
    found = next((one for one in (schema, None) if Key("table", one, None, name) in snapshot.objects), False)
    if found is False:
        return _Seen(version, snapshot, None)
    quote = "`" if server.kind in {"mariadb", "mysql"} else '"'
    quoted = ".".join(f"{quote}{part}{quote}" for part in table if part)
    rows = fetch(f"SELECT version_num FROM {quoted}")  # noqa: S608 - the name that env.py gives Alembic
    return _Seen(version, snapshot, tuple(sorted(str(row[0]) for row in rows)))


def _version(fetch: Fetch, url: URL) -> str:
    questions = {"sqlite": "SELECT sqlite_version()", "postgresql": "SHOW server_version"}
    [(version,)] = fetch(questions.get(url.get_backend_name(), "SELECT VERSION()"))
    return str(version).split()[0]
