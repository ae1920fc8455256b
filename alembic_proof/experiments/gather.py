"""All experiments on one database, in the order in which they need each other. Runs in a process of its own."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from alembic_proof.databases.one_each import OneServerEach
from alembic_proof.databases.opening import kind_of
from alembic_proof.databases.scratch import Database, Server, Unavailable
from alembic_proof.databases.urls import shown
from alembic_proof.errors import ProofError
from alembic_proof.evidence import DatabaseEvidence, Deployment, Models
from alembic_proof.experiments.beside import Beside, Errand
from alembic_proof.experiments.checkpoint import WORTH_PACKING, Checkpoint, climb
from alembic_proof.experiments.cluster_wide import open_for, told_of
from alembic_proof.experiments.deploy import gather_deployment
from alembic_proof.experiments.in_order import try_in_order
from alembic_proof.experiments.keeping import Memory, Standing, is_worth_keeping, joined, memory_of
from alembic_proof.experiments.models import gather_models
from alembic_proof.experiments.offline import gather_offline
from alembic_proof.experiments.order import NATURAL, Order
from alembic_proof.experiments.place import Place, Progress, place_on
from alembic_proof.experiments.scout import Halfway, Scout, is_worth_a_scout
from alembic_proof.experiments.walk import Walk, Walked, scouting
from alembic_proof.migrate.host import natural_dialect
from alembic_proof.migrate.redirect import family
from alembic_proof.migrate.target import NaturalDialect
from alembic_proof.project import Project, put_root_on_path
from alembic_proof.store.recorder import recorder

T = TypeVar("T")

_WITH_ROWS = frozenset({"rows", "code", "gaps", "paths"})

_SERVERS = {"sqlite": "sqlite", "postgresql": "postgresql", "mysql": "mariadb"}


def gather_database(order: Order, progress: Progress, name_it: Callable[[str], None] = lambda _name: None) -> DatabaseEvidence:
    """Run the experiments on a server of their own, and leave nothing behind. `name_it` is told what NATURAL came to.

    Raises:
        ProofError: the server, its driver or env.py cannot be used.

    """
    memory = memory_of(order)
    if memory is not None:
        recorder()
    put_root_on_path(order.project)
    timings: dict[str, float] = {}
    with _timed(timings, "set-up"):
        progress("set-up", "env.py")
        natural = natural_dialect(order.project)
        name = _natural_server(natural) if order.database == NATURAL else order.database
        if order.database == NATURAL:
            name_it(name)
        progress("set-up", "the server")
        try:
            server, standing = _open(order, name, memory)
        except Unavailable as why:
            return DatabaseEvidence(name=shown(name), kind=kind_of(name), server_version="", unavailable=str(why))
    run = _Run(order, natural, progress, timings)
    is_private = "://" not in name
    try:
        before = server.shared()
        try:
            evidence, databases = run.on(server, standing)
        except ProofError:
            if not is_private or server.shared() == before:
                raise
        else:
            if not is_private:
                return told_of(server, before, evidence)
            if server.shared() == before:
                return evidence if memory is None else _keep(memory, standing, server, evidence, databases)
    finally:
        server.close()
    progress("set-up", "a server for each database")  # the migrations made roles, in words that their files do not show
    with closing(OneServerEach(name)) as servers:
        evidence, _ = run.on(servers, None)
        return evidence


def _open(order: Order, name: str, memory: Memory | None) -> tuple[Server, Standing | None]:
    """Open the server, with what is kept for it where that can be used."""
    standing = memory.standing() if memory is not None else None
    if memory is not None and standing is not None:
        try:
            return open_for(order.project, order.history, name, standing.server), standing
        except (ProofError, msgspec.DecodeError) as error:
            memory.forget(standing, f"no server could be opened with it ({error})")
    return open_for(order.project, order.history, name, begun=order.begun), None


def _keep(
    memory: Memory,
    standing: Standing | None,
    server: Server,
    evidence: DatabaseEvidence,
    databases: Mapping[int, Database],
) -> DatabaseEvidence:
    """Keep what was seen, and the databases at some heights, for later runs. The server is needed no more then."""
    if not databases:
        server.leave()
    if is_worth_keeping(evidence) and (why := memory.why_not()) is not None:
        memory.shelf.words.append(f"Nothing is kept of {evidence.name}: {why}.")
    elif is_worth_keeping(evidence):
        with _timed(evidence.timings, "keeping"):
            kept = server.keep({str(height): database for height, database in databases.items()}) if databases else None
            server.leave()
            memory.keep(evidence, kept, databases, standing)
    return replace(evidence, words=tuple(memory.shelf.words))


class _Run(msgspec.Struct, frozen=True):
    """The experiments of one order, wherever they run."""

    order: Order
    natural: NaturalDialect | None
    progress: Progress
    timings: dict[str, float]

    def on(self, server: Server, standing: Standing | None) -> tuple[DatabaseEvidence, Mapping[int, Database]]:
        """Gather the evidence on a server; return it, and the databases worth keeping, by how many revisions they hold."""
        order = self.order
        whole = place_on(order.project, order.history, server, self.natural, self.progress)
        if standing is None:
            checkpoint = climb(whole, order)
        else:
            checkpoint = Checkpoint(standing.height, server.kept(str(standing.height)), standing.below)
        place = whole if checkpoint is None else checkpoint.place_above(whole)
        tried = len(place.history.revisions)
        keeps_top = order.store is not None and (standing is None or tried >= WORTH_PACKING.get(server.kind, 1))
        evidence, top = self._gather(place, order.chosen & place.history.by_id.keys(), keeps_top=keeps_top)
        databases: dict[int, Database] = {}
        if checkpoint is not None:
            evidence = joined(checkpoint.below, evidence)
            if standing is None:
                databases[checkpoint.height] = checkpoint.database
        if top is not None and place.history.revisions:
            databases[len(order.history.revisions)] = top
        return evidence, databases

    def _gather(self, place: Place, chosen: frozenset[str], *, keeps_top: bool) -> tuple[DatabaseEvidence, Database | None]:
        """Run the experiments, and beside them a deployment where one is asked for, and a scout where it is worth one."""
        order = self.order
        # MariaDB's GET_LOCK holds for the whole server: an env.py that takes one at a time would wait for the walk.
        beside = Beside(place.progress, may_fork=place.server.kind in {"sqlite", "postgresql"})
        is_scouted = not order.faithful and is_worth_a_scout(place, chosen)
        halfway = Halfway(place) if is_scouted else None
        with ExitStack() as opened:
            deployment = None
            if "deploy" in order.experiments:
                empty = opened.enter_context(place.temporary_database())
                deployment = beside.errand(lambda progress: gather_deployment(replace(place, progress=progress), empty, halfway))
            scout = Scout(place, scouting(order, self._scouted_models(place, opened)), beside, halfway) if halfway else None
            opened.enter_context(beside)
            return self._go_through(place, chosen, deployment, scout, keeps_top=keeps_top)

    def _scouted_models(self, place: Place, opened: ExitStack) -> Callable[[Place, Walked], Models | None]:
        """Make what a scout does at the top, on a database that is there before it sets out: it can make none."""
        if "models" not in self.order.experiments:
            return lambda _place, _walked: None
        twin = opened.enter_context(place.on_nothing.temporary_database())
        return lambda place, walked: gather_models(place, walked, on=twin)

    def _go_through(
        self,
        place: Place,
        chosen: frozenset[str],
        deployment: Errand[Deployment] | None,
        scout: Scout | None,
        *,
        keeps_top: bool,
    ) -> tuple[DatabaseEvidence, Database | None]:
        """Run the experiments; return what they saw, and a copy of the database at the top where there is one to keep."""
        order, server = self.order, place.server
        is_short = order.experiments <= {"walk", "rows"}
        with _timed(self.timings, "walk"):
            walked = Walk(
                place,
                chosen,
                faithful=order.faithful,
                is_short=is_short,
                with_digests=order.asks_for_digests,
                with_looks=order.asks_for_looks,
                is_detailed=order.detailed,
                scout=scout,
            ).run()
            steps = try_in_order(place, walked.steps)
        is_at_top = len(steps) == len(place.history.revisions) and all(step.is_applied for step in steps)
        top = server.copy(walked.database) if keeps_top and is_at_top else None

        def wanted(experiment: str, gather: Callable[[], T]) -> T | None:
            if experiment not in order.experiments:
                return None
            with _timed(self.timings, experiment):
                return gather()

        captured = walked.captured
        evidence = DatabaseEvidence(
            name=server.name,
            kind=server.kind,
            server_version=server.version,
            steps=steps,
            offline=wanted("offline", lambda: gather_offline(place, walked)),
            models=wanted("models", lambda: walked.models or gather_models(place, walked)),
            registered_tables=frozenset(str(name) for one in captured.registered for name in one.tables)
            if captured.metadata
            else None,
            not_compared=walked.top.not_read if walked.top else (),
            timings=self.timings,
        )
        if order.experiments & _WITH_ROWS:
            # More than half of our own code: a run of the others, a gate's first answer, begins without it.
            from alembic_proof.experiments.with_rows import gather_with_rows  # noqa: PLC0415 - as said

            evidence = gather_with_rows(order, place, walked, chosen, evidence=evidence, wanted=wanted)
        return replace(evidence, deployment=wanted("deploy", deployment.result) if deployment else None), top


def name_natural_server(project: Project) -> str:
    """Name the database that the project's own URL names, else sqlite. Executes env.py up to its first connection."""
    put_root_on_path(project)
    return _natural_server(natural_dialect(project))


def _natural_server(natural: NaturalDialect | None) -> str:
    return "sqlite" if natural is None else _SERVERS.get(family(natural.name), natural.name)


@contextmanager
def _timed(timings: dict[str, float], phase: str) -> Iterator[None]:
    start = time.perf_counter()
    try:
        yield
    finally:
        timings[phase] = round(time.perf_counter() - start, 3)
