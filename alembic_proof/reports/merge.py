"""Several reports of one project, as one: what the parts of a run found. A pure function."""

from collections.abc import Iterable, Sequence
from typing import TypeVar

import msgspec

from alembic_proof.code_evidence import common_order
from alembic_proof.errors import ProofError
from alembic_proof.findings import Finding, Outcome, Severity, Verdict
from alembic_proof.reports.report import DatabaseSummary, Report, RevisionSummary, Timing, Whole

T = TypeVar("T")

_SEVERITIES = tuple(Severity)
"""The heaviest first."""

_WORST_FIRST = (Outcome.BROKEN, Outcome.ACCEPTED, Outcome.NOT_PROVED, Outcome.PROVED)


def merge_reports(reports: Sequence[Report]) -> Report:
    """Join reports; of two outcomes of one subject the worse one counts.

    Raises:
        ProofError: they are not of one project, one version of this tool and one form.

    """
    reports = sorted(reports, key=_number)  # as the whole would have told it, in whatever order the files are given
    first, *others = reports
    for other in others:
        for what, mine, its in (
            ("of another form", first.schema_version, other.schema_version),
            ("of another version of this tool", first.tool, other.tool),
            ("of another project", first.project.config_file, other.project.config_file),
            ("compared with another base", first.project.base, other.project.base),
        ):
            if mine != its:
                raise ProofError(f"Cannot merge the reports: one is {what} ({its} beside {mine}). Merge the parts of one run.")
    accepted = _once(one for report in reports for one in report.accepted)
    used = {one.acceptance for one in accepted}
    checks = sorted(_once(one for report in reports for one in report.checks), key=lambda check: check.code)
    return Report(
        schema_version=first.schema_version,
        tool=first.tool,
        project=msgspec.structs.replace(first.project, whole=_whole(reports)),
        databases=_databases(reports),
        revisions=_in_order(_by_id(reports)),
        findings=_findings(reports),
        outcomes=_outcomes(reports, [check.check for check in checks]),
        not_compared=_once(told for report in reports for told in report.not_compared),
        timings=_timings(reports),
        accepted=accepted,
        unused_acceptances=_once(one for report in reports for one in report.unused_acceptances if one not in used),
        checks=tuple(checks),
        steps=_once(step for report in reports for step in report.steps),
        words=_once(words for report in reports for words in report.words),
        rows=next((report.rows for report in reports if report.rows is not None), None),
    )


def require_all_shards(reports: Sequence[Report]) -> None:
    """Hold that no part of a run is missing: what a lost part would have found is no proof.

    Raises:
        ProofError: a part is missing, or parts of different runs are there.

    """
    parts = [report.project.shard for report in reports if report.project.shard]
    counts = {part.partition("/")[2] for part in parts}
    if len(counts) > 1:
        raise ProofError(f"Cannot merge shards {', '.join(parts)}: they are of different counts. Merge the parts of one run.")
    if counts:
        count = int(next(iter(counts)))
        missing = [f"{number}/{count}" for number in range(1, count + 1) if f"{number}/{count}" not in parts]
        if missing:
            told = f"shard {missing[0]} is" if len(missing) == 1 else f"shards {', '.join(missing)} are"
            raise ProofError(f"Cannot merge: {told} missing. Give the report of every one.")


def without_shard(report: Report) -> Report:
    """Write on a report that it is whole."""
    return msgspec.structs.replace(report, project=msgspec.structs.replace(report.project, shard=""))


def _number(report: Report) -> int:
    return int(report.project.shard.partition("/")[0] or 0)


def _once(values: Iterable[T]) -> tuple[T, ...]:
    found: list[T] = []
    for value in values:
        if value not in found:  # not hashed: findings of another version may hold lists
            found.append(value)
    return tuple(found)


def _whole(reports: Sequence[Report]) -> Whole | None:
    """What the parts are parts of: each tells the same, but for databases that only one of several runs was asked for."""
    told = [report.project.whole for report in reports if report.project.whole is not None]
    if not told:
        return None
    named = [one.databases for one in told if one.databases is not None]
    return Whole(
        accept=_once(acceptance for one in told for acceptance in one.accept),
        history=_once(revision for one in told for revision in one.history),
        databases=_once(kind for kinds in named for kind in kinds) if named else None,
    )


def _findings(reports: Sequence[Report]) -> tuple[Finding, ...]:
    """Each once. What concerns the project is told by the part that found it worst: the others had less to compare."""
    found = _once(finding for report in reports for finding in report.findings)
    return tuple(one for one in found if one.database is not None or not any(_knows_better(report, one) for report in reports))


def _knows_better(report: Report, one: Finding) -> bool:
    return one not in report.findings and any(
        (other.code, other.revision, other.object) == (one.code, one.revision, one.object)
        and _SEVERITIES.index(other.severity) < _SEVERITIES.index(one.severity)
        for other in report.findings
    )


def _databases(reports: Sequence[Report]) -> tuple[DatabaseSummary, ...]:
    """Each once. Of parts, it is not known how many revisions were unchanged in all."""
    named = {database.name: database for report in reports for database in report.databases}
    if len(reports) == 1:
        return tuple(named.values())
    return tuple(msgspec.structs.replace(database, unchanged=0) for database in named.values())


def _by_id(reports: Sequence[Report]) -> dict[str, RevisionSummary]:
    found: dict[str, RevisionSummary] = {}
    for revision in (revision for report in reports for revision in report.revisions):
        known = found.get(revision.id, revision)
        kept = revision if revision.source else known
        found[revision.id] = msgspec.structs.replace(kept, deploy=common_order((known.deploy, revision.deploy)))
    return found


def _in_order(revisions: dict[str, RevisionSummary]) -> tuple[RevisionSummary, ...]:
    """Parents first: reports come in any order."""
    ordered: dict[str, RevisionSummary] = {}
    waiting = list(revisions.values())
    while waiting:
        ready = [one for one in waiting if all(parent in ordered or parent not in revisions for parent in one.down)]
        for one in ready or waiting:  # a cycle has no order
            ordered[one.id] = one
        waiting = [one for one in waiting if one.id not in ordered]
    return tuple(ordered.values())


def _outcomes(reports: Sequence[Report], order: Sequence[str]) -> tuple[Verdict, ...]:
    told = [verdict for report in reports for verdict in report.outcomes]
    worst: dict[tuple[str, str | None, str | None], Verdict] = {}
    for verdict in sorted(told, key=lambda one: _WORST_FIRST.index(one.outcome)):
        worst.setdefault((verdict.check, verdict.database, verdict.revision), verdict)
    known = [*order, *dict.fromkeys(verdict.check for verdict in told if verdict.check not in order)]
    return tuple(sorted(worst.values(), key=lambda verdict: known.index(verdict.check)))


def _timings(reports: Sequence[Report]) -> tuple[Timing, ...]:
    """The time that all parts took together."""
    total: dict[tuple[str, str], float] = {}
    for timing in (timing for report in reports for timing in report.timings):
        key = (timing.database, timing.phase)
        total[key] = round(total.get(key, 0.0) + timing.seconds, 3)
    return tuple(Timing(database, phase, seconds) for (database, phase), seconds in total.items())
