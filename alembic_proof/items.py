"""The items of a test session: which ones a project has, and what each of them says of the report. Knows nothing of pytest."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from sqlalchemy import make_url

from alembic_proof.acceptance.unused import with_unused
from alembic_proof.checks.registry import Scope, all_checks
from alembic_proof.databases.opening import kind_of
from alembic_proof.databases.urls import without_password
from alembic_proof.errors import ProofError
from alembic_proof.findings import Finding, Outcome, Severity, Verdict
from alembic_proof.migrate.host import load_history
from alembic_proof.project import Project
from alembic_proof.releases.lock import lock_file
from alembic_proof.reports.merge import merge_reports, without_shard
from alembic_proof.reports.report import Report
from alembic_proof.reports.store import Proof
from alembic_proof.reports.text import render_findings, written
from alembic_proof.shards import Shard, verify_shard
from alembic_proof.verify import GraphError, Request, verify

_REVISIONS_IN_A_PART = 25
_HELD = frozenset({Outcome.PROVED, Outcome.ACCEPTED})


class PlannedItem(msgspec.Struct, frozen=True):
    """One check, on one revision of one database, on one database, or on the project. It stands in `path` at `line` (from 1)."""

    groups: tuple[str, ...]
    check: str
    path: Path
    line: int = 1
    database: str | None = None
    revision: str | None = None

    def is_about(self, judgement: Finding | Verdict) -> bool:
        """Say whether a judgement is on what the item is on, on a part of it or on all of it."""
        return judgement.check == self.check and all(
            mine is None or its is None or mine == its
            for mine, its in ((self.database, judgement.database), (self.revision, judgement.revision))
        )


class Said(msgspec.Struct, frozen=True):
    """What an item says: what is `broken`, or else what is worth a warning or a note, and why it is `not_proved`."""

    broken: str | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    not_proved: str | None = None


def plan_items(project: Project, databases: Sequence[str]) -> Iterator[PlannedItem]:
    """Name every item: the project's, then each database's, revision by revision.

    Raises:
        ProofError: the history cannot be read at all.

    """
    history = load_history(project)
    is_locked = lock_file(project).is_file()
    stems = [Path(revision.file).stem for revision in history.revisions]
    yield from (PlannedItem(("migrations",), check, project.config_file) for check in _checks(Scope.PROJECT, is_locked=is_locked))
    for database in databases:
        whole = f"migrations[{database}]"
        for stem, revision in zip(stems, history.revisions, strict=True) if not history.problems else ():
            name = stem if stems.count(stem) == 1 else f"{stem}-{revision.id}"  # version locations may repeat each other's names
            path, line = project.root / revision.file, revision.upgrade_line or 1
            for check in _checks(Scope.REVISION):
                yield PlannedItem((whole, name), check, path, line, database, revision.id)
        yield from (PlannedItem((whole,), check, project.config_file, 1, database) for check in _checks(Scope.DATABASE))


def parts_for(project: Project, databases: Sequence[str], workers: int) -> int:
    """Say in how many parts some processes prove a history together.

    Each database has a process of its own anyway, and no part is so small that its set-up costs more than it saves.
    """
    if workers <= max(1, len(databases)):
        return 1
    return max(1, min(workers, len(load_history(project).revisions) * len(databases) // _REVISIONS_IN_A_PART))


def store_for(project: Project, named: Path | None, environment: Mapping[str, str]) -> Path:
    """Name the folder in which evidence is kept: where the command line keeps it, too."""
    return (project.root / (named or environment.get("ALEMBIC_PROOF_CACHE") or ".alembic_proof")).resolve()


def prove(
    project: Project, databases: Sequence[str], checks: Sequence[str], shard: Shard | None = None, store: Path | None = None
) -> Proof:
    """Run the proof or one part of it; an error becomes a part of the outcome, which other processes read too."""
    request = Request(project=project, databases=tuple(databases), checks=tuple(checks), store=store)
    try:
        return Proof(verify(request) if shard is None else verify_shard(request, shard, None))
    except GraphError as error:
        return Proof(error.report, str(error))
    except ProofError as error:
        return Proof(None, str(error))


def join(parts: Sequence[Proof]) -> Proof:
    """Make one proof of its parts; what went wrong in one went wrong in all."""
    failed = next((part for part in parts if part.error is not None), None)
    if failed is not None or len(parts) == 1:
        return failed or parts[0]
    return Proof(with_unused(without_shard(merge_reports([part.judged() for part in parts]))))


def say(proof: Proof, item: PlannedItem) -> Said:
    """Pick what a proof holds on an item.

    Raises:
        ProofError: there was no proof.

    """
    report = proof.judged()
    findings = [finding for finding in report.findings if item.is_about(finding)]
    if any(finding.severity is Severity.ERROR for finding in findings):
        return Said(broken=render_findings(findings))
    verdicts = [verdict for verdict in report.outcomes if item.is_about(verdict)]
    reason = None
    if not findings and not any(verdict.outcome in _HELD for verdict in verdicts):
        reason = next((verdict.reason for verdict in verdicts if verdict.reason), proof.error) or "nothing was seen of it"
    return Said(
        warnings=tuple(render_findings([one]) for one in findings if one.severity is Severity.WARNING),
        notes=tuple(render_findings([one]) for one in findings if one.severity is Severity.NOTE),
        not_proved=reason,
    )


def annotate_on_github(report: Report, root: Path, environment: Mapping[str, str]) -> str:
    """Append the step summary to the file that GitHub names, and return the annotations for the log.

    Raises:
        ProofError: the summary cannot be written.

    """
    from alembic_proof.reports.formats import Output, append_summary, folder_in

    if summary := environment.get("GITHUB_STEP_SUMMARY"):
        append_summary(report, Path(summary))
    return Output("github", None).render(report, folder_in(environment.get("GITHUB_WORKSPACE"), root))


def unused_acceptances(report: Report) -> str:
    """Write a line for each acceptance that had nothing to accept."""
    return "".join(f"alembic-proof: accepted, and not found: {written(one)}\n" for one in report.unused_acceptances)


def shown_name(database: str) -> str:
    """Write a database's name as a report does, without a password.

    Raises:
        ProofError: there is no such database.

    """
    if kind_of(database) == "sqlite":
        return "sqlite"  # whatever file a URL names: scratch files are made elsewhere
    return without_password(make_url(database)) if "://" in database else database


def _checks(scope: Scope, *, is_locked: bool = True) -> Iterator[str]:
    """The checks of a scope; without a lock file nothing is known of what was released."""
    return (check.rule.slug for check in all_checks() if check.scope is scope and (is_locked or "released" not in check.needs))
