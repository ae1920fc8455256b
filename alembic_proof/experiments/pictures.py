"""The schema at chosen places of the history: a scratch database goes up to each of them, and is looked at."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from alembic_proof.errors import ProofError
from alembic_proof.evidence import Failure
from alembic_proof.experiments.cluster_wide import open_for
from alembic_proof.experiments.gather import name_natural_server
from alembic_proof.experiments.order import NATURAL
from alembic_proof.experiments.place import Place, Progress, place_on
from alembic_proof.findings import Direction
from alembic_proof.history import History
from alembic_proof.migrate.host import natural_dialect
from alembic_proof.migrate.inside import Inside
from alembic_proof.project import Project, put_root_on_path
from alembic_proof.schema.snapshot import Snapshot


class PictureOrder(msgspec.Struct, frozen=True):
    """Which pictures to take on one database. A picture is named by all the revisions that have run when it is taken."""

    project: Project
    history: History
    database: str
    wanted: tuple[frozenset[str], ...]


class Pictures(msgspec.Struct, frozen=True):
    """The schemas that were asked for, in that order, without Alembic's version table."""

    database: str
    server_version: str
    snapshots: tuple[Snapshot, ...]


def take_pictures(order: PictureOrder, progress: Progress, name_it: Callable[[str], None]) -> Pictures:
    """Upgrade scratch databases of a server as far as each picture wants, look, and leave nothing behind.

    Raises:
        ProofError: the server, its driver or env.py cannot be used, or an upgrade failed.

    """
    project = order.project
    put_root_on_path(project)
    progress("set-up", "env.py")
    name = name_natural_server(project) if order.database == NATURAL else order.database
    name_it(name)
    progress("set-up", "the server")
    server = open_for(project, order.history, name)
    try:
        place = place_on(project, order.history, server, natural_dialect(project), progress)
        return Pictures(server.name, server.version, tuple(_take_all(place, order.wanted)))
    finally:
        server.close()


def _take_all(place: Place, wanted: Sequence[frozenset[str]]) -> list[Snapshot]:
    """Take each picture once, the lower ones first: a database that stands below the next one goes on to it."""
    taken: dict[frozenset[str], Snapshot] = {}
    waiting = sorted(set(wanted), key=len)
    while waiting:
        climb = [waiting.pop(0)]
        for one in list(waiting):
            if climb[-1] < one:
                climb.append(one)
                waiting.remove(one)
        with place.temporary_database() as database:
            place.inside_env_py(database, partial(climb_to, place, climb, taken))
    return [taken[one] for one in wanted]


def climb_to(place: Place, places: Sequence[frozenset[str]], taken: dict[frozenset[str], Snapshot], inside: Inside) -> None:
    """Go up from the base, and note the schema at each place."""
    applied: set[str] = set()
    for wanted in places:
        for revision in place.history.revisions:
            if revision.id in wanted and revision.id not in applied:
                place.progress("upgrade", revision.id)
                failure = inside.take(revision.id, Direction.UPGRADE)
                if failure is not None:
                    raise _stopped(place, revision.id, failure)
                applied.add(revision.id)
        taken[wanted] = place.look(inside)


def _stopped(place: Place, revision: str, failure: Failure) -> ProofError:
    file = place.history[revision].file
    where = file if failure.line is None else f"{file}:{failure.line}"
    return ProofError(
        f"Cannot look at the schema: the upgrade of {revision} failed on {place.server.name} at {where}: "
        f"{failure.words.splitlines()[0].rstrip('.')}. Mend the revision; `alembic-proof verify` shows all of it."
    )
