"""`alembic upgrade --sql`: every revision rendered without a database, and the SQL run on an empty one."""

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from alembic_proof.databases.scratch import Database
from alembic_proof.evidence import Failure, Offline, OfflineStep
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.rendering import Rendering
from alembic_proof.experiments.walk import UP, Walked
from alembic_proof.migrate.host import offline_mode_of
from alembic_proof.migrate.inside import Inside
from alembic_proof.schema.diff import Difference
from alembic_proof.schema.snapshot import Snapshot


def gather_offline(place: Place, walked: Walked) -> Offline:
    """Render the whole history as SQL, run it, and compare the schema with the one that the walk saw.

    Where all of it can be rendered it runs as one script, and the schema at the top is compared. Else each revision's SQL runs
    on a database at its parent, and the revisions that have no SQL run online.
    """
    why_not = offline_mode_of(place.project, place.target(walked.database))
    if why_not is not None:
        return Offline(unavailable=why_not)
    rendering = Rendering(place, walked.database)
    if (error := rendering.ended_by) is not None:
        words = f"{type(error).__name__}: {error}".strip().splitlines()[0]
        return Offline(unavailable=f"{place.project.shown(place.project.env_py)} did not render the whole history: {words}")
    if walked.top is None or not all(step.is_applied for step in walked.steps):
        return Offline(steps=tuple(rendering.steps))
    if rendering.is_complete:
        steps = _replay_as_one(place, rendering, walked.top, walked)
        if all(step.differences == () for step in steps):
            return Offline(steps=steps)
    return Offline(steps=_replay_one_by_one(place, rendering, walked))


def _replay_as_one(place: Place, rendering: Rendering, top: Snapshot, walked: Walked) -> tuple[OfflineStep, ...]:
    """Run the whole script; every step has no difference, or (told later by whom) some."""
    place.progress("offline", "the whole script")
    with place.temporary_database() as database:
        if _run(database, (statement for _, statement in rendering.script.statements)) is not None:
            return tuple(rendering.steps)
        options = walked.captured.options
        with database.connect() as fetch:
            snapshot = place.server.read(fetch)
        seen = snapshot.without_table(options.get("version_table_schema"), options.get("version_table", "alembic_version"))
    return tuple(replace(step, differences=place.compare(top, seen)) for step in rendering.steps)


def _replay_one_by_one(place: Place, rendering: Rendering, walked: Walked) -> tuple[OfflineStep, ...]:
    """Run each revision's own SQL at its parent; after one that fails or differs, stop: what lies above stands on sand."""
    left_by = {step.revision: step.schema for step in walked.steps}
    told: dict[str, OfflineStep] = {}
    differs: list[tuple[OfflineStep, Snapshot]] = []

    def replay(inside: Inside) -> None:
        for step in rendering.steps:
            place.progress("offline", f"{step.revision} as SQL")
            if step.rendering or step.declared:
                if inside.take(step.revision, UP) is not None:
                    return
                continue
            failure = _run(database, _own_transaction(rendering, step.revision))
            if failure is not None:
                told[step.revision] = replace(step, replay=failure)
                return
            inside.record(step.revision)
            seen = place.look(inside)
            if seen.digest != left_by[step.revision]:
                differs.append((step, seen))
                return
            told[step.revision] = replace(step, differences=())

    with place.temporary_database() as database:
        place.inside_env_py(database, replay)
    for step, seen in differs:
        told[step.revision] = replace(step, differences=_differences(place, step.revision, seen))
    return tuple(told.get(step.revision, step) for step in rendering.steps)


def _own_transaction(rendering: Rendering, revision: str) -> list[str]:
    own = rendering.script.of(revision)
    return ["BEGIN", *own, "COMMIT"] if rendering.is_transactional and own else own


def _differences(place: Place, revision: str, seen: Snapshot) -> tuple[Difference, ...]:
    """Upgrade another database to the same revision online, and compare."""
    online: list[Snapshot] = []

    def climb(inside: Inside) -> None:
        wanted = {revision, *place.history.ancestors(revision)}
        for one in place.history.revisions:
            if one.id in wanted:
                inside.take(one.id, UP)
        online.append(place.look(inside))

    with place.temporary_database() as database:
        place.inside_env_py(database, climb)
    return place.compare(online[0], seen)


def _run(database: Database, statements: Iterable[str]) -> Failure | None:
    """Run statements in order; return the database's words for the first that fails."""
    current = ""

    def one_by_one() -> Iterator[str]:
        nonlocal current
        for current in statements:  # noqa: UP028 - yield from would not say at which one it failed
            yield current

    try:
        database.run_script(one_by_one())
    except Exception as error:
        return Failure(type(error).__name__, str(error).strip(), current)
    return None
