"""GitHub's workflow commands: the findings beside the lines of the migration that they are about."""

from alembic_proof.findings import Finding, Severity
from alembic_proof.reports.matrix import worst_first
from alembic_proof.reports.report import Report

MOST = 10
"""GitHub shows ten annotations of a step; what comes after is dropped without a word."""

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> str:
    """Write the findings as annotations, the worst first, at most ten, and say how many there are besides."""
    findings = worst_first(report)
    lines = [_annotation(finding) for finding in findings[:MOST]]
    if len(findings) > MOST:
        lines.append(f"alembic-proof: {len(findings) - MOST} more findings are not annotated: GitHub shows ten of a step.")
    return "".join(f"{line}\n" for line in lines)


def _annotation(finding: Finding) -> str:
    about = ", ".join(part for part in (finding.revision, finding.direction, finding.database) if part)
    properties = {
        "file": finding.file,
        "line": finding.line if finding.file else None,
        "title": f"{finding.code} {finding.check}{f' ({about})' if about else ''}",
    }
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    message = [finding.what, finding.effect, *finding.seen, f"fix: {finding.fix}" if finding.fix else ""]
    return f"::{_COMMANDS[finding.severity]} {given}::{_data(chr(10).join(part for part in message if part))}"


def _data(text: str) -> str:
    """As actions/toolkit escapes a command's message."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """As actions/toolkit escapes a command's property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
