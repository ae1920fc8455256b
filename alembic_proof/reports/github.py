"""GitHub's workflow commands: the findings beside the lines of the migration that they are about."""

from collections import Counter
from collections.abc import Sequence

from alembic_proof.findings import Finding, Severity
from alembic_proof.reports.matrix import worst_first
from alembic_proof.reports.report import Report

MOST = 10
"""GitHub shows ten annotations of a step; what comes after is dropped without a word."""

_WEIGHTS = tuple(Severity)
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(report: Report) -> str:
    """Write the findings as annotations, the worst first, at most ten, and say how many there are besides."""
    findings = _each_check_once(worst_first(report))
    lines = [_annotation(finding) for finding in findings[:MOST]]
    if (more := len(findings) - MOST) > 0:
        told = "1 more finding is" if more == 1 else f"{more} more findings are"
        lines.append(f"alembic-proof: {told} not annotated: GitHub shows ten of a step.")
    return "".join(f"{line}\n" for line in lines)


def _each_check_once(findings: Sequence[Finding]) -> list[Finding]:
    """Among equals, one of each check before another of any: ten of one kind would hide all other kinds."""
    told: Counter[tuple[Severity, str]] = Counter()
    places = []
    for finding in findings:
        places.append(told[finding.severity, finding.code])
        told[finding.severity, finding.code] += 1
    weights = [_WEIGHTS.index(finding.severity) for finding in findings]
    order = sorted(range(len(findings)), key=lambda number: (weights[number], places[number]))
    return [findings[number] for number in order]


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
