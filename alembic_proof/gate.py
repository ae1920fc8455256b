"""What a pull request adds, judged as the merge makes it. Knows neither terminal nor pytest."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from alembic_proof.acceptance.reading import read_acceptances
from alembic_proof.checks.registry import choose_checks
from alembic_proof.errors import ProofError
from alembic_proof.evidence import Evidence
from alembic_proof.judgement import judge
from alembic_proof.project import Project
from alembic_proof.recording.file import Recordings, recordings_in
from alembic_proof.released import Released
from alembic_proof.releases.base import Base, find_base
from alembic_proof.releases.git import Repository, find_repository
from alembic_proof.releases.lock import read_lock
from alembic_proof.releases.merging import Comparison, compare_with
from alembic_proof.reports.report import Report
from alembic_proof.store.recorder import recorder
from alembic_proof.verify import Request, finished, gather, history_of, look_at_releases
from alembic_proof.workers import Listener


def gate(request: Request, base: str | None, listen: Listener, environment: Mapping[str, str] | None = None) -> Report:
    """Judge what a merge with the base branch would add: new and edited revisions, the merged graph, the models at head.

    Raises:
        ProofError: the set-up is wrong, or git does not tell what is new. GraphError when the history itself cannot be loaded.

    """
    project = request.project
    if request.store is not None and request.forking:
        recorder().begin()  # loading the history imports the revisions, and what they read
    checks = choose_checks(request.checks)
    history = history_of(request)
    acceptances = read_acceptances(project, history)
    repository = find_repository(Path(project.scripts.dir))
    comparison = compare_with(project, history, repository, find_base(repository, base, environment or os.environ))
    recordings = _released_recordings(project, repository, comparison.base)
    lock = read_lock(project, history)
    released = comparison.released if lock is None else _beside(lock, comparison.released)
    has_changed = any(one.id in released.now and one.code != released.now[one.id] for one in released.revisions)
    wants_schemas = lock is None and has_changed and any("released" in check.needs for check in checks)
    judged = replace(request, revisions=comparison.merge.new | comparison.edited, recordings=recordings)
    evidence = gather(
        judged,
        history,
        checks,
        listen,
        released=released,
        merge=comparison.merge,
        with_digests=wants_schemas,
    )
    if wants_schemas and evidence.databases:
        evidence = replace(evidence, released=_with_schemas(request, comparison, evidence, listen))
    report = judge(project, checks, evidence, acceptances if request.accepting else (), kinds_wanted=request.kinds_wanted)
    return finished(replace(judged, again=None) if wants_schemas else judged, history, checks, report)


def _released_recordings(project: Project, repository: Repository, base: Base) -> Recordings | None:
    """Read what the released code was heard to send: this branch may have recorded its own, which says nothing of that."""
    file = project.recording_file
    if not file.is_file():
        return None
    shown = f"{project.shown(file)} of {base.name}"
    committed = repository.files(base.tip, [file]) if file.resolve().is_relative_to(repository.top) else {}
    contents = repository.contents(committed.values())
    return next((recordings_in(content, shown) for content in contents.values()), Recordings(shown, {}))


def _beside(lock: Released, base: Released) -> Released:
    """What is locked, and what the base branch has beside it: somebody forgot to lock that."""
    locked = {one.id for one in lock.revisions}
    forgotten = tuple(one for one in base.revisions if one.id not in locked)
    if not forgotten:
        return lock
    now = {**lock.now, **{one.id: base.now[one.id] for one in forgotten if one.id in base.now}}  # as they are compared there
    return replace(lock, origin=f"{lock.origin} and {base.origin}", revisions=(*lock.revisions, *forgotten), now=now)


def _with_schemas(request: Request, comparison: Comparison, evidence: Evidence, listen: Listener) -> Released:
    """Run the base branch's own revision files through the env.py of this one, and note the schemas that they leave."""
    with tempfile.TemporaryDirectory(prefix="alembic_proof_base_") as folder:
        project = _at_base(request.project, comparison, Path(folder))
        try:
            before = look_at_releases(replace(request, project=project, store=None), listen)
        except ProofError:
            return comparison.released  # it cannot run with what is here: the code alone is compared, and the finding says so
    schemas = {(database.kind, step.revision): step.schema for database in before.databases for step in database.steps}
    revisions = tuple(
        replace(
            one,
            schemas={
                database.kind: digest
                for database in before.databases
                if (digest := schemas.get((database.kind, one.id))) is not None
            },
        )
        for one in comparison.released.revisions
    )
    versions = {database.kind: database.server_version for database in evidence.databases}
    return replace(comparison.released, revisions=revisions, versions=versions)


def _at_base(project: Project, comparison: Comparison, folder: Path) -> Project:
    """The project with the revision files as they were where this branch left its base, written into a folder of ours."""
    for path, content in comparison.before.files.items():
        file = folder / path.replace("..", "__")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    shown = (os.path.relpath(one.resolve(), project.root) for one in project.version_folders)
    return replace(project, versions=tuple(folder / path.replace("..", "__") for path in shown))
