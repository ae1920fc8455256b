"""GitLab's code quality report: findings that a merge request shows beside the lines they are about."""

import json

from alembic_proof.findings import Severity
from alembic_proof.reports.fingerprints import fingerprints_of
from alembic_proof.reports.report import Report

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}


def render(report: Report) -> str:
    """Write every finding; one without a file stands in the project's configuration, since GitLab wants a place."""
    return (
        json.dumps(
            [
                {
                    "description": f"{finding.what} {finding.effect}",
                    "check_name": f"{finding.code} {finding.check}",
                    "fingerprint": fingerprint,
                    "severity": _SEVERITIES[finding.severity],
                    "location": {
                        "path": finding.file or report.project.config_file,
                        "lines": {"begin": (finding.line if finding.file else None) or 1},
                    },
                }
                for finding, fingerprint in zip(report.findings, fingerprints_of(report.findings), strict=True)
            ],
            indent=2,
            ensure_ascii=False,
        )
        + "\n"
    )
