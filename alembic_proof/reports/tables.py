"""The tables of revisions by database and check, in Markdown; what a reader need not see is folded into one line."""

from collections.abc import Iterator

from alembic_proof.findings import Outcome, Severity
from alembic_proof.reports.fenced import cell
from alembic_proof.reports.matrix import Case, Row, databases_of, rows_of
from alembic_proof.reports.report import Report

SIGNS = {
    Outcome.BROKEN: "❌",
    Outcome.NOT_PROVED: "⚪",
    Outcome.ACCEPTED: "🟦",
    Outcome.PROVED: "✅",
}
_WARNING = "⚠️"
MOST_ROWS = 50

LEGEND = "✅ proved · ❌ broken · ⚠️ a warning · ⚪ not proved · 🟦 accepted"


def tables(report: Report) -> Iterator[str]:
    """One table for each database, and one for what is about the project as a whole."""
    codes = {check.check: check.code for check in report.checks} | {f.check: f.code for f in report.findings}
    for database in databases_of(report):
        rows = rows_of(report, database)
        checks = list(dict.fromkeys(verdict.check for verdict in report.outcomes if verdict.database == database))
        version = next((one.server_version for one in report.databases if one.name == database), "")
        head = "Project" if database is None else f"{cell(database)} {version}".strip()
        table = [
            f"| {head} | {' | '.join(codes.get(check, check) for check in checks)} |",
            f"| --- |{' :-: |' * len(checks)}",
        ]
        told = [row for row in rows if row.worst is not Outcome.PROVED or row.revision is None]
        folded = [row for row in rows if row not in told]
        if len(rows) <= MOST_ROWS:
            told, folded = rows, []
        table += [_row(report, row, checks) for row in told[:MOST_ROWS]]
        if told[MOST_ROWS:]:
            table.append(f"| *and {len(told) - MOST_ROWS} more revisions that are not wholly proved* |{' |' * len(checks)}")
        if folded:
            table.append(f"| *{len(folded)} revisions* |{f' {SIGNS[Outcome.PROVED]} |' * len(checks)}")
        yield "\n".join(table)


def _row(report: Report, row: Row, checks: list[str]) -> str:
    message = next((revision.message for revision in report.revisions if revision.id == row.revision), "")
    name = "the whole" if row.revision is None else f"{cell(row.revision)} {cell(message[:60])}".strip()
    return f"| {name} | {' | '.join(sign(row.cases.get(check)) for check in checks)} |"


def sign(case: Case | None) -> str:
    """One character for what was said."""
    if case is None:
        return ""
    if case.verdict.outcome is Outcome.BROKEN and not case.errors:
        return _WARNING if any(finding.severity is Severity.WARNING for finding in case.findings) else SIGNS[Outcome.PROVED]
    return SIGNS[case.verdict.outcome]
