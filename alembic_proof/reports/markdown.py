"""Markdown for a comment on a pull request: the verdict, the findings, the tables. It fits into GitHub's limit."""

from html import escape

from alembic_proof.findings import Finding, Outcome, Severity
from alembic_proof.reports.fenced import cell, fenced
from alembic_proof.reports.matrix import worst_first
from alembic_proof.reports.report import Report
from alembic_proof.reports.tables import LEGEND, tables
from alembic_proof.reports.text import render_findings, verdict_of

LIMIT = 65_536
"""The longest body of a comment that GitHub takes, in characters."""

MARKER = "<!-- alembic-proof -->"
"""By which a bot finds its own comment again, to replace it."""

_LONGEST_FINDING = 6_000
_OPEN = 3
_SIGNS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.NOTE: "ℹ️"}  # noqa: RUF001 - the sign itself


def render(report: Report, limit: int = LIMIT) -> str:
    """Write what fits, the worst first, and say what did not."""
    return _fitting([MARKER, heading(report)], [*finding_parts(report), *rest_parts(report)], limit)


def heading(report: Report) -> str:
    """The first lines: the verdict."""
    broken = any(finding.severity is Severity.ERROR for finding in report.findings)
    return f"### {'❌' if broken else '✅' if report.count(Outcome.PROVED) else '⚪'} alembic-proof\n\n{cell(verdict_of(report))}"


def finding_parts(report: Report) -> list[str]:
    """Each finding, folded, the worst ones open."""
    return [_folded_finding(finding, is_open=place < _OPEN) for place, finding in enumerate(worst_first(report))]


def rest_parts(report: Report) -> list[str]:
    """The tables, and what was not proved."""
    return [part for part in (*tables(report), LEGEND if report.outcomes else "", _not_proved(report), _accepted(report)) if part]


def _folded_finding(finding: Finding, *, is_open: bool) -> str:
    place = ":".join(str(part) for part in (finding.file, finding.line) if part is not None)
    about = ", ".join(part for part in (finding.revision, finding.direction, finding.database) if part)
    text = render_findings([finding])
    if len(text) > _LONGEST_FINDING:
        text = f"{text[:_LONGEST_FINDING]}\n(cut here: the whole finding is in the other reports)"
    head = " ".join(part for part in (f"<code>{escape(place)}</code>" if place else "", f"({escape(about)})" if about else ""))
    summary = f"{_SIGNS[finding.severity]} <b>{finding.code} {finding.check}</b> {head}".strip()
    return f"<details{' open' if is_open else ''}><summary>{summary}</summary>\n\n{fenced(text)}\n\n</details>"


def _accepted(report: Report) -> str:
    told = [
        f"{one.finding.check} ({one.finding.revision or one.finding.object or 'project'}): {one.finding.what}"
        f" -- {one.acceptance.reason}"
        for one in report.accepted
    ]
    told += [f"{one.file}: {one.check}: accepted, and not found: remove it" for one in report.unused_acceptances]
    if not told:
        return ""
    return f"<details><summary>Accepted: {len(told)}</summary>\n\n{fenced(chr(10).join(told))}\n\n</details>"


def _not_proved(report: Report) -> str:
    reasons: dict[str, None] = {}
    for verdict in report.outcomes:
        if verdict.outcome is Outcome.NOT_PROVED:
            about = ", ".join(part for part in (verdict.revision, verdict.database) if part)
            reasons[f"{verdict.check}{f' ({about})' if about else ''}: {verdict.reason or 'nothing was seen of it'}"] = None
    if not reasons:
        return ""
    return f"<details><summary>Not proved: {len(reasons)}</summary>\n\n{fenced(chr(10).join(reasons))}\n\n</details>"


def _fitting(first: list[str], parts: list[str], limit: int) -> str:
    """Join as many parts as fit, in their order; a part that does not fit is left out, and counted."""
    kept, left_out = list(first), 0
    room = limit - sum(len(part) + 2 for part in first) - len(_left_out(len(parts))) - 2
    for part in parts:
        if len(part) + 2 <= room:
            kept.append(part)
            room -= len(part) + 2
        else:
            left_out += 1
    if left_out:
        kept.append(_left_out(left_out))
    return "\n\n".join(kept) + "\n"


def _left_out(parts: int) -> str:
    return f"*Cut to fit a comment: {parts} {'part is' if parts == 1 else 'parts are'} left out. The other reports hold all.*"
