"""Plan, experiments, evidence, checks, report. Knows neither terminal nor pytest."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec
from alembic.util import CommandError
from msgspec.structs import replace

from alembic_proof.acceptance.reading import read_acceptances
from alembic_proof.again import Again
from alembic_proof.application import ApplicationEvidence
from alembic_proof.checks.registry import ALL_CHECKS, ON_DATABASES, Check, choose_checks
from alembic_proof.databases.ahead import ServersAhead
from alembic_proof.databases.opening import kind_of
from alembic_proof.databases.scratch import Unavailable
from alembic_proof.errors import ProofError
from alembic_proof.evidence import Evidence, Merge
from alembic_proof.experiments.application.gather import gather_application
from alembic_proof.experiments.application.interpreters import Interpreters
from alembic_proof.experiments.application.kept import kept_or_gathered
from alembic_proof.experiments.keeping import Memory, memory_of
from alembic_proof.experiments.order import NATURAL, Order
from alembic_proof.history import History
from alembic_proof.judgement import judge
from alembic_proof.migrate.host import load_history
from alembic_proof.project import Project
from alembic_proof.recording.file import Recordings, read_recordings
from alembic_proof.released import Released
from alembic_proof.releases.lock import lock_file, read_lock
from alembic_proof.reports.report import Report
from alembic_proof.stated import Stated, stated_in
from alembic_proof.store.recorder import recorder
from alembic_proof.store.remembered import remembered
from alembic_proof.workers import Listener, gather_side_by_side


class GraphError(ProofError):
    """Alembic cannot load the history; the report says what is wrong with it."""

    def __init__(self, message: str, report: Report) -> None:
        super().__init__(message)
        self.report = report


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to prove. `databases` empty: those of the settings, else the one that the project's own URL names.

    `revisions`, where given, are judged instead of a range; of them only the `tried` ones are taken down and up again. Without
    `accepting` what is accepted is broken all the same. With `detailed` the report also holds each revision's source, and what
    each upgrade sent and changed. A part of a run (`is_part`) goes on where its only database is not there: others have theirs.
    `examples` goes before the settings; without `with_rows` no rows are tried. `recordings`, where given, go before the project's
    own file: those of a base branch, for one. Evidence is kept in the folder `store`, if one is given, and read from there where
    nothing changed that it depends on; the report of the whole run goes where `again` keeps it.
    `interpreters`, where given, run the application: some may be prepared already. So may private `servers` be begun.
    """

    project: Project
    databases: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    revision_range: str | None = None
    revisions: frozenset[str] | None = None
    tried: frozenset[str] | None = None
    faithful: bool = False
    forking: bool = False
    accepting: bool = True
    detailed: bool = False
    is_part: bool = False
    examples: int | None = None
    with_rows: bool = True
    recordings: Recordings | None = None
    store: Path | None = None
    again: Again | None = None
    interpreters: Interpreters | None = None
    servers: ServersAhead | None = None

    @property
    def kinds_wanted(self) -> tuple[str, ...] | None:
        """The kinds of database that the project is proved on; none where its own URL says it, None where nobody does."""
        wanted = self.project.settings.databases
        return tuple(dict.fromkeys(map(kind_of, wanted))) if wanted or not self.databases else None


def verify(request: Request, listen: Listener = lambda _database, _phase, _doing: None) -> Report:
    """Gather the evidence that the chosen checks need, and judge it.

    Raises:
        ProofError: the set-up is wrong. GraphError when the history itself cannot be loaded.

    """
    if request.store is not None and request.forking:
        recorder().begin()  # loading the history imports the revisions, and what they read
    history = history_of(request)
    released = read_lock(request.project, history)
    checks = choose_checks(request.checks)
    if released is None and not request.checks:  # then the checks that ask for it would have nothing to say, every time
        checks = tuple(check for check in checks if "released" not in check.needs)
    if not request.with_rows:
        checks = tuple(check for check in checks if "rows" not in check.needs)
    acceptances = read_acceptances(request.project, history)
    evidence = gather(request, history, checks, listen, released=released)
    report = judge(
        request.project,
        checks,
        evidence,
        acceptances if request.accepting else (),
        kinds_wanted=request.kinds_wanted,
    )
    return finished(request, history, checks, report)


def finished(request: Request, history: History, checks: Sequence[Check], report: Report) -> Report:
    """Add what a detailed report holds beside, and keep the report for a run that is equal to this one."""
    report = with_sources(request.project, report) if request.detailed else report
    is_ours = set(checks) <= set(ALL_CHECKS)  # another package's checks may read what nobody knows of
    if request.again is not None and not history.problems and is_ours:
        request.again.keep(report)
    return report


def needed_by(checks: Sequence[Check], released: Released | None) -> frozenset[str]:
    """Name the experiments that some checks need, and whether each step's schema has to have its digest."""
    needed = frozenset[str]().union(*(check.needs for check in checks))
    has_schemas = released is not None and any(one.schemas for one in released.revisions)
    return needed | {"digests"} if "released" in needed and has_schemas else needed


def history_of(request: Request) -> History:
    """Load the revision graph; what files say that an earlier run has read is remembered. Raises what `load_history` raises."""
    project = request.project
    with remembered(request.store, "revisions", project.root, Stated, stated_in) as look:
        return load_history(project, look)


def look_at_releases(request: Request, listen: Listener) -> Evidence:
    """Upgrade through the history and note each schema's digest: what a lock file holds.

    Raises:
        ProofError: the set-up is wrong, or the history cannot be loaded.

    """
    history = history_of(request)
    evidence = gather(replace(request, checks=()), history, choose_checks(("upgrade-runs",)), listen, with_digests=True)
    if history.problems:
        raise ProofError(f"Cannot lock the history: it has a {history.problems[0].fault}. `alembic-proof verify` tells more.")
    return evidence


def gather(
    request: Request,
    history: History,
    checks: Sequence[Check],
    listen: Listener,
    *,
    released: Released | None = None,
    merge: Merge | None = None,
    with_digests: bool = False,
) -> Evidence:
    """Run every experiment that a chosen check needs; `with_digests` each step's schema gets its digest."""
    project = request.project
    settings = project.settings
    evidence = Evidence(
        history=history,
        chosen=frozenset(chosen_revisions(request, history)),
        expected_heads=settings.expected_heads,
        released=released,
        merge=merge,
    )
    if any(problem.stops_alembic for problem in history.problems):
        report = judge(project, choose_checks(("history-is-connected",)), evidence)
        raise GraphError(f"Cannot prove the history: {report.findings[0].what} Mend the revision files.", report)
    needed = needed_by(checks, released) | ({"digests"} if with_digests else set())
    with ThreadPoolExecutor(max_workers=1) as beside, _interpreters(request) as interpreters:
        orders = [] if history.problems or not needed & ON_DATABASES else _orders(request, history, evidence.chosen, needed)
        memories = [memory_of(order) for order in orders]
        application: Future[ApplicationEvidence] | None = None

        def meanwhile() -> None:
            nonlocal application
            if "application" in needed:
                application = _gather_beside(beside, interpreters, request, history)
            if request.again is not None:
                _begin_again(request.again, project, history, memories, with_tree="application" in needed)

        recalled = {memory.order.database: memory.recall() for memory in memories if memory is not None}
        known = {name: evidence for name, evidence in recalled.items() if evidence is not None}
        servers = request.servers or ServersAhead()
        asked = [
            replace(order, keys=memory.keys if memory is not None else None, begun=servers.take(order.database))
            for order, memory in zip(orders, memories, strict=True)
            if order.database not in known
        ]
        gathered = iter(gather_side_by_side(asked, listen, forking=request.forking, when_started=meanwhile))
        servers.leave()
        databases = tuple(known.get(order.database) or next(gathered) for order in orders)
        if databases and not request.is_part and all(database.unavailable for database in databases):
            raise Unavailable(databases[0].unavailable or "")
        return replace(evidence, databases=databases, application=application.result() if application else None)


def _begin_again(again: Again, project: Project, history: History, memories: Sequence[Memory | None], *, with_tree: bool) -> None:
    """Look at what the run is made from, for a later run that may be equal to it, where its evidence is kept."""
    kept = [memory.inputs for memory in memories if memory is not None]
    files = (project.root / revision.file for revision in history.revisions)
    own = (project.env_py, lock_file(project), project.recording_file)
    if len(kept) == len(memories):
        again.begin(kept, (*files, *own), project.version_folders, with_tree=with_tree)


@contextmanager
def _interpreters(request: Request) -> Iterator[Interpreters]:
    if request.interpreters is None:
        with Interpreters() as interpreters:
            yield interpreters
    else:
        with request.interpreters.closed_on_error():
            yield request.interpreters


def _gather_beside(
    beside: ThreadPoolExecutor, interpreters: Interpreters, request: Request, history: History
) -> Future[ApplicationEvidence]:
    """Gather what concerns the application in fresh interpreters, while this process listens to the databases."""
    project = request.project
    files = tuple(project.root / revision.file for revision in history.revisions)
    packages = project.settings.packages

    written = request.again.written if request.again is not None else frozenset[Path]()

    def gather() -> ApplicationEvidence:
        return gather_application(project.root, Path(project.scripts.dir), files, packages, interpreters)

    return beside.submit(
        kept_or_gathered, request.store, project.root, (project.env_py, *files), packages, gather, written=written
    )


def _orders(request: Request, history: History, chosen: frozenset[str], needed: frozenset[str]) -> list[Order]:
    project = request.project
    names = request.databases or project.settings.databases or (NATURAL,)
    recordings = request.recordings or read_recordings(project.recording_file, project.shown(project.recording_file))
    return [
        Order(
            project=project,
            history=history,
            database=name,
            chosen=chosen if request.tried is None else request.tried,
            experiments=needed & (ON_DATABASES | {"digests"}),
            faithful=request.faithful,
            detailed=request.detailed,
            examples=project.settings.rows.examples if request.examples is None else request.examples,
            with_rows=request.with_rows,
            recordings=recordings,
            store=request.store,
        )
        for name in dict.fromkeys(names)
    ]


def chosen_revisions(request: Request, history: History) -> Sequence[str]:
    """All revisions, one ("3f2a"), or a range with both ends, as `alembic history -r` takes it ("3f2a:head"); in their order.

    Raises:
        ProofError: there is no such range.

    """
    project, asked = request.project, request.revision_range
    if request.revisions is not None:
        return [revision.id for revision in history.revisions if revision.id in request.revisions]
    if asked is None or history.problems:
        return [revision.id for revision in history.revisions]
    try:
        if ":" not in asked:
            found = {script.revision for script in project.scripts.get_revisions(asked)}
        else:
            lower, upper = asked.split(":", 1)
            found = {script.revision for script in project.scripts.walk_revisions(lower or "base", upper or "heads")}
    except CommandError as error:
        raise ProofError(f'Cannot use revision range "{asked}": {error}. Write it as `alembic history -r` takes it.') from error
    return [revision.id for revision in history.revisions if revision.id in found]


def with_sources(project: Project, report: Report) -> Report:
    """Add each revision's file, for whoever reads the report elsewhere."""
    revisions = (
        msgspec.structs.replace(revision, source=Path(project.root, revision.file).read_text(encoding="utf-8", errors="replace"))
        for revision in report.revisions
        if revision.file.endswith(".py")
    )
    by_id = {revision.id: revision for revision in revisions}
    return msgspec.structs.replace(report, revisions=tuple(by_id.get(revision.id, revision) for revision in report.revisions))
