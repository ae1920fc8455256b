"""SARIF 2.1.0, as code scanning reads it. The standard: OASIS, Static Analysis Results Interchange Format 2.1.0, errata 01."""

import json
from typing import Any
from urllib.parse import quote

from alembic_proof.findings import Acceptance, Finding, Outcome
from alembic_proof.reports.fenced import fenced
from alembic_proof.reports.fingerprints import fingerprints_of
from alembic_proof.reports.report import Report
from alembic_proof.reports.text import render_findings, verdict_of

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report) -> str:
    """Write the findings as results. What is not proved is a notification of the run: it is no result."""
    rules = {check.code: (check.check, check.effect) for check in report.checks}
    found = [*report.findings, *(one.finding for one in report.accepted)]
    rules |= {finding.code: (finding.check, finding.effect) for finding in found if finding.code not in rules}
    suppressions = [*([] for _ in report.findings), *([_suppression(one.acceptance)] for one in report.accepted)]
    index = {code: position for position, code in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "semanticVersion": report.tool.version,
                "rules": [_rule(code, name, effect) for code, (name, effect) in rules.items()],
            }
        },
        "automationDetails": {"id": "alembic-proof/"},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": _notifications(report)}],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, index[finding.code], fingerprint, report.project.config_file) | {"suppressions": suppressed}
            for finding, fingerprint, suppressed in zip(found, fingerprints_of(found), suppressions, strict=True)
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str, name: str, effect: str) -> dict[str, Any]:
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in name.split("-")),
        "shortDescription": {"text": name},
        "fullDescription": {"text": effect},
        "help": {"text": f"{effect} For the whole page: alembic-proof explain {code}"},
    }


def _result(finding: Finding, rule: int, fingerprint: str, config_file: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(finding.file or config_file)}}
    place["region"] = {"startLine": (finding.line if finding.file else None) or 1}
    location: dict[str, Any] = {"physicalLocation": place}
    if finding.object is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": finding.object}]
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity.value,
        "message": {"text": f"{finding.what} {finding.effect}", "markdown": fenced(render_findings([finding]))},
        "locations": [location],
        "partialFingerprints": {"alembicProof/v1": fingerprint},
        "properties": {
            name: value
            for name, value in (
                ("database", finding.database),
                ("revision", finding.revision),
                ("direction", finding.direction),
                ("fix", finding.fix),
            )
            if value
        },
    }


def _suppression(acceptance: Acceptance) -> dict[str, Any]:
    """What is accepted stays in the log, and is no alert."""
    return {
        "kind": "inSource" if acceptance.file.endswith(".py") else "external",
        "status": "accepted",
        "justification": acceptance.reason,
    }


def _notifications(report: Report) -> list[dict[str, Any]]:
    told = [{"level": "note", "message": {"text": verdict_of(report)}}]
    for verdict in report.outcomes:
        if verdict.outcome is Outcome.NOT_PROVED:
            about = ", ".join(part for part in (verdict.revision, verdict.database) if part)
            text = f"Not proved: {verdict.check}{f' ({about})' if about else ''}: {verdict.reason or 'nothing was seen of it'}"
            told.append({"level": "note", "message": {"text": text}})
    return told
