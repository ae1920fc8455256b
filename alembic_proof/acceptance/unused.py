"""Which acceptances had nothing to accept: of one run, or of all parts of one. Pure functions of plain data."""

from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from alembic_proof.acceptance.matching import matches
from alembic_proof.databases.opening import kind_of
from alembic_proof.findings import Acceptance, Finding, Outcome, Verdict
from alembic_proof.reports.report import Report


def with_unused(report: Report) -> Report:
    """Say on a report which acceptances had nothing to accept, as far as it judged all that they are about."""
    whole = report.project.whole
    if whole is None:
        return report
    found = [*report.findings, *(one.finding for one in report.accepted)]
    told = unused(
        whole.accept,
        used(whole.accept, found),
        report.outcomes,
        history=frozenset(whole.history),
        chosen={revision.id for revision in report.revisions},
        is_everywhere=whole.databases is not None and {kind_of(one.name) for one in report.databases} >= {*whole.databases},
    )
    return msgspec.structs.replace(report, unused_acceptances=tuple(told))


def used(acceptances: Iterable[Acceptance], findings: Sequence[Finding]) -> frozenset[Acceptance]:
    """The acceptances that have something to accept, those that have expired among them."""
    return frozenset(one for one in acceptances if any(matches(one, finding) for finding in findings))


def unused(
    acceptances: Iterable[Acceptance],
    matched: Collection[Acceptance],
    outcomes: Sequence[Verdict],
    *,
    history: Collection[str],
    chosen: Collection[str],
    is_everywhere: bool,
) -> Iterator[Acceptance]:
    """Name the acceptances that had nothing to accept, where all that they are about was judged.

    `outcomes` are those of the checks that were chosen, `chosen` the revisions that were, of all of the `history`;
    `is_everywhere` says that the run had every database of the project.
    """
    for acceptance in acceptances:
        if acceptance in matched:
            continue
        if acceptance.revision is not None and acceptance.revision not in history:
            yield acceptance
            continue
        about = [
            verdict
            for verdict in outcomes
            if verdict.check == acceptance.check
            and (acceptance.revision is None or verdict.revision in (None, acceptance.revision))
        ]
        wanted = history if acceptance.revision is None else (acceptance.revision,)
        is_judged = bool(about) and all(verdict.outcome is not Outcome.NOT_PROVED for verdict in about)
        has_all = is_everywhere or all(verdict.database is None for verdict in about)
        if is_judged and has_all and all(revision in chosen for revision in wanted):
            yield acceptance
