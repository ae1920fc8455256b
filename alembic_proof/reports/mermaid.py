"""The revision graph as a Mermaid diagram, which GitHub and GitLab draw in Markdown."""

from collections.abc import Iterator

from alembic_proof.findings import Outcome
from alembic_proof.reports.matrix import worst_of
from alembic_proof.reports.report import Report, RevisionSummary

MOST = 40
"""GitHub's Mermaid stops at 500 edges and 50,000 characters; a reader stops sooner."""

_STYLES = {
    Outcome.BROKEN: "fill:#ffd7d5,stroke:#cf222e,color:#24292f",
    Outcome.NOT_PROVED: "fill:#eaeef2,stroke:#6e7781,color:#24292f,stroke-dasharray:4 3",
    Outcome.ACCEPTED: "fill:#ddf4ff,stroke:#0969da,color:#24292f",
    Outcome.PROVED: "fill:#dafbe1,stroke:#1a7f37,color:#24292f",
}


def diagram(report: Report) -> str | None:
    """Draw the newest revisions, and what stands right below them; None when there is nothing to draw."""
    if not report.revisions:
        return None
    return "\n".join(("```mermaid", *_lines(report), "```"))


def _lines(report: Report) -> Iterator[str]:
    yield "flowchart LR"
    shown = report.revisions[-MOST:]
    numbers = {revision.id: f"r{number}" for number, revision in enumerate(shown)}
    for revision in shown:
        yield f'  {numbers[revision.id]}["{_label(revision)}"]'
    below = list(dict.fromkeys(down for revision in shown for down in revision.down if down not in numbers))
    for position, revision_id in enumerate(below):
        numbers[revision_id] = f"b{position}"
        yield f'  b{position}(["{_text(revision_id)}"])'
    for revision in shown:
        for down in revision.down:
            yield f"  {numbers[down]} --> {numbers[revision.id]}"
    for outcome, style in _STYLES.items():
        of_class = [numbers[revision.id] for revision in shown if worst_of(report, revision.id) is outcome]
        if of_class:
            yield f"  classDef {outcome} {style}"
            yield f"  class {','.join(of_class)} {outcome}"


def _label(revision: RevisionSummary) -> str:
    message = revision.message if len(revision.message) <= 40 else f"{revision.message[:39]}…"  # noqa: PLR2004 - of a label
    return f"{_text(revision.id)}<br>{_text(message)}" if message else _text(revision.id)


def _text(text: str) -> str:
    """Write a text inside quotes: Mermaid reads character references, and nothing else is special there."""
    return "".join(letter if letter.isalnum() or letter in " .,-_/…" else f"#{ord(letter)};" for letter in text)
