"""What was said of each subject, as a table: databases, revisions, checks. For every format that shows one."""

from collections.abc import Iterator, Mapping

import msgspec

from alembic_proof.findings import Accepted, Finding, Outcome, Severity, Verdict
from alembic_proof.reports.report import Report

WORDS = {Outcome.BROKEN: "broken", Outcome.NOT_PROVED: "not proved", Outcome.ACCEPTED: "accepted", Outcome.PROVED: "proved"}
"""Each outcome as it is written, the worst first."""

_WEIGHTS = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


class Case(msgspec.Struct, frozen=True):
    """One check on one subject, with its findings: the notes too, which break nothing. What is accepted stands apart."""

    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    accepted: tuple[Accepted, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


class Row(msgspec.Struct, frozen=True):
    """One revision (None: the database or project as a whole) with its cases, by check."""

    revision: str | None
    cases: Mapping[str, Case] = msgspec.field(default_factory=dict)

    @property
    def worst(self) -> Outcome:
        outcomes = {case.verdict.outcome for case in self.cases.values()}
        return next((outcome for outcome in WORDS if outcome in outcomes), Outcome.NOT_PROVED)


def cases_of(report: Report) -> Iterator[Case]:
    """Every outcome with its findings, in the report's order."""
    findings: dict[tuple[str, str | None, str | None], list[Finding]] = {}
    for finding in report.findings:
        findings.setdefault((finding.check, finding.database, finding.revision), []).append(finding)
    accepted: dict[tuple[str, str | None, str | None], list[Accepted]] = {}
    for one in report.accepted:
        accepted.setdefault((one.finding.check, one.finding.database, one.finding.revision), []).append(one)
    for verdict in report.outcomes:
        subject = (verdict.check, verdict.database, verdict.revision)
        yield Case(verdict, tuple(findings.get(subject, ())), tuple(accepted.get(subject, ())))


def rows_of(report: Report, database: str | None) -> list[Row]:
    """The rows of one database (None: the project's), the whole first, then the revisions from the bottom."""
    rows: dict[str | None, dict[str, Case]] = {}
    for case in cases_of(report):
        if case.verdict.database == database:
            rows.setdefault(case.verdict.revision, {})[case.verdict.check] = case
    order = [None, *(revision.id for revision in report.revisions)]
    order += [revision for revision in rows if revision not in order]
    return [Row(revision, rows[revision]) for revision in order if revision in rows]


def databases_of(report: Report) -> list[str | None]:
    """The project (None) and every database of which something was said, in the report's order."""
    said = {verdict.database for verdict in report.outcomes}
    named = [database.name for database in report.databases]
    order: list[str | None] = [None, *named, *sorted(name for name in said if name is not None and name not in named)]
    return [database for database in order if database in said]


def worst_of(report: Report, revision: str) -> Outcome | None:
    """The worst that was said of a revision on any database; None when nothing was."""
    outcomes = {verdict.outcome for verdict in report.outcomes if verdict.revision == revision}
    return next((outcome for outcome in WORDS if outcome in outcomes), None)


def worst_first(report: Report) -> list[Finding]:
    """The findings by weight, and in the report's order among equals."""
    return sorted(report.findings, key=lambda finding: _WEIGHTS.index(finding.severity))
