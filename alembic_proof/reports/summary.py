"""The step summary of a GitHub run: verdict, tables, the graph of the revisions, what goes first in a deployment."""

from alembic_proof.reports.fenced import cell
from alembic_proof.reports.markdown import LIMIT, finding_parts, heading, rest_parts
from alembic_proof.reports.mermaid import MOST, diagram
from alembic_proof.reports.report import Report, deploy_orders
from alembic_proof.reports.text import few

_LONGEST = 15 * LIMIT
"""GitHub takes a mebibyte of bytes; letters that take several of them are few."""


def render(report: Report) -> str:
    """Write the whole summary; findings that are past GitHub's limit are left out, and counted."""
    drawn = diagram(report)
    older = len(report.revisions) - MOST
    graph = [] if drawn is None else [f"#### Revisions{f' (the last {MOST} of {older + MOST})' if older > 0 else ''}", drawn]
    parts = [heading(report), *rest_parts(report), *graph, *_deploy_order(report)]
    room = _LONGEST - sum(len(part.encode()) + 2 for part in parts)
    findings = finding_parts(report)
    fitting: list[str] = []
    for part in findings:
        room -= len(part.encode()) + 2
        if room > 0:
            fitting.append(part)
    if len(fitting) < len(findings):
        fitting.append(f"*{len(findings) - len(fitting)} findings are left out: they are past GitHub's limit.*")
    return "\n\n".join((parts[0], *fitting, *parts[1:])) + "\n"


def _deploy_order(report: Report) -> list[str]:
    rows = [f"| {cell(order)} | {cell(few(revisions))} |" for order, revisions in deploy_orders(report).items()]
    return ["#### Deploy order", "\n".join(("| deploy | revisions |", "| --- | --- |", *rows))] if rows else []
