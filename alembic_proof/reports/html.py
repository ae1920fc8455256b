"""One self-contained HTML file: no network, no folder beside it. The page itself is in page/."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from alembic_proof.findings import Outcome
from alembic_proof.reports.colours import highlighted
from alembic_proof.reports.drawing import draw
from alembic_proof.reports.matrix import WORDS, Case, Row, databases_of, rows_of, worst_first, worst_of
from alembic_proof.reports.report import Report, RevisionSummary, StepSummary
from alembic_proof.reports.text import verdict_of

_PAGE = Path(__file__).with_name("page")


class DatabasePart(msgspec.Struct, frozen=True):
    """What one database (None: the project) has to say of one revision, or of the whole."""

    database: str | None
    version: str
    cases: tuple[Case, ...]
    step: StepSummary | None = None


class RevisionPage(msgspec.Struct, frozen=True):
    """Everything about one revision."""

    revision: RevisionSummary
    worst: Outcome | None
    above: tuple[str, ...]
    parts: tuple[DatabasePart, ...]
    source: Sequence[Markup]
    marked: frozenset[int]


class Count(msgspec.Struct, frozen=True):
    """How often an outcome was reached on a database."""

    database: str | None
    version: str
    counts: tuple[tuple[Outcome, str, int], ...]


def render(report: Report) -> str:
    """Lay the page out."""
    rows = {database: {row.revision: row for row in rows_of(report, database)} for database in databases_of(report)}
    steps = {(step.database, step.revision): step for step in report.steps}
    versions = {database.name: database.server_version for database in report.databases}

    def parts(revision: str | None) -> Iterator[DatabasePart]:
        for database, its_rows in rows.items():
            row, step = its_rows.get(revision, Row(revision)), steps.get((database or "", revision or ""))
            if row.cases or step:
                yield DatabasePart(database, versions.get(database or "", ""), tuple(row.cases.values()), step)

    pages = [_page(report, revision, tuple(parts(revision.id))) for revision in reversed(report.revisions)]
    return _environment().get_template("page.html").render(
        report=report,
        verdict=verdict_of(report),
        worst=_worst(report),
        counts=[_count(report, database, versions.get(database or "", "")) for database in rows],
        whole=list(parts(None)),
        pages=pages,
        drawing=draw(report.revisions),
        findings=worst_first(report),
        databases=[database for database in rows if database is not None],
        checks=list(dict.fromkeys(verdict.check for verdict in report.outcomes)),
        words=WORDS,
        style=Markup((_PAGE / "page.css").read_text(encoding="utf-8")),  # noqa: S704 - a file of ours
        script=Markup((_PAGE / "page.js").read_text(encoding="utf-8")),  # noqa: S704 - a file of ours
    )  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_PAGE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["coloured"] = highlighted
    environment.filters["sign"] = _sign
    return environment


def _sign(line: str) -> str:
    """The class of a line of `seen` or of changes: what is only there, only expected, different."""
    return {"+ ": "extra", "- ": "missing", "~ ": "changed"}.get(line[:2], "plain")


def _worst(report: Report) -> Outcome:
    if report.errors:
        return Outcome.BROKEN
    return Outcome.PROVED if report.count(Outcome.PROVED) else Outcome.NOT_PROVED


def _count(report: Report, database: str | None, version: str) -> Count:
    counts = Counter(verdict.outcome for verdict in report.outcomes if verdict.database == database)
    return Count(database, version, tuple((one, word, counts[one]) for one, word in WORDS.items() if counts[one]))


def _page(report: Report, revision: RevisionSummary, parts: tuple[DatabasePart, ...]) -> RevisionPage:
    about = [finding for finding in report.findings if finding.revision == revision.id and finding.file == revision.file]
    return RevisionPage(
        revision=revision,
        worst=worst_of(report, revision.id),
        above=tuple(other.id for other in report.revisions if revision.id in other.down),
        parts=parts,
        source=highlighted(revision.source, "python") if revision.source else (),
        marked=frozenset(finding.line for finding in about if finding.line is not None),
    )
