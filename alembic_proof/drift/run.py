"""From a URL or a dump to a report on it."""

from datetime import datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace
from sqlalchemy import make_url

from alembic_proof import __version__
from alembic_proof.acceptance.matching import sort_out
from alembic_proof.acceptance.reading import read_acceptances
from alembic_proof.databases.live import read_only
from alembic_proof.databases.opening import kind_of, known_names
from alembic_proof.databases.urls import without_password
from alembic_proof.drift import database_matches_history, database_matches_models, version_is_known
from alembic_proof.drift.remedy import sql_for
from alembic_proof.errors import ProofError
from alembic_proof.experiments.drift import Drift, DriftOrder, gather_drift
from alembic_proof.findings import Finding, Rule, Severity, Verdict
from alembic_proof.migrate.host import load_history
from alembic_proof.project import Project
from alembic_proof.reports.report import CheckSummary, DatabaseSummary, ProjectSummary, Report, RevisionSummary, Tool, outcomes_of
from alembic_proof.workers import Listener, natural_database, work_side_by_side

PAGES: tuple[tuple[Rule, str], ...] = tuple(
    (module.RULE, (module.__doc__ or "").strip())
    for module in (version_is_known, database_matches_history, database_matches_models)
)
"""What `drift` judges, with the page of each."""


class DriftReport(msgspec.Struct, frozen=True):
    """The report, and what would bring the database back."""

    report: Report
    sql: str


def drift(
    project: Project,
    *,
    url: str | None,
    dump: Path | None,
    on: str | None,
    at: str | None,
    listen: Listener,
    accepting: bool = True,
) -> DriftReport:
    """Compare a live database, or a dump of its schema, with the history and the models.

    What is accepted and not there is not told: another database of the project may have it.

    Raises:
        ProofError: something cannot be read or run.

    """
    if (url is None) == (dump is None):
        raise ProofError("Cannot tell what to compare: give the URL of a database, or --schema-only and the file of a dump.")
    history = load_history(project)
    if history.problems:
        raise ProofError(
            "Cannot compare with the history: it is not whole. `alembic-proof verify --checks AP102` shows what is wrong."
        )
    if at is not None and at not in history.by_id:
        raise ProofError(f'Cannot hold the dump to "{at}": there is no such revision. Give the whole id of one.')
    acceptances = read_acceptances(project, history) if accepting else ()
    url, on = _as_served(url), _as_served(on)
    order = DriftOrder(
        project=project,
        history=history,
        database=server_for(project, url, on),
        live=url,
        dump=_text(dump) if dump is not None else None,
        dump_name=dump.name if dump is not None else "",
        at=(at,) if at is not None else history.real_heads,
    )
    [seen] = work_side_by_side(gather_drift, [order], listen, forking=True)
    judgements = [
        *version_is_known.judge(seen, history, is_dump=dump is not None),
        *database_matches_history.judge(seen),
        *database_matches_models.judge(seen),
    ]
    severity = project.settings.severity
    found = [_weighed(one, severity.get(one.code, severity.get(one.check))) for one in judgements if isinstance(one, Finding)]
    told = sort_out(found, acceptances, datetime.now().astimezone().date())
    verdicts = [one for one in judgements if isinstance(one, Verdict)]
    report = Report(
        tool=Tool("alembic-proof", __version__),
        project=ProjectSummary(project.shown(project.config_file), project.shown(project.scripts.dir)),
        databases=(DatabaseSummary(seen.name, seen.version),),
        revisions=tuple(RevisionSummary(r.id, r.down, r.file, r.message) for r in history.revisions if r.id in seen.compared_at),
        findings=told.broken,
        outcomes=outcomes_of(told.broken, verdicts, [rule.slug for rule, _ in PAGES], told.accepted),
        not_compared=_not_compared(seen),
        timings=(),
        accepted=told.accepted,
        checks=tuple(CheckSummary(rule.code, rule.slug, rule.effect) for rule, _ in PAGES),
    )
    kept = {one.finding.object for one in told.accepted if one.finding.code == database_matches_history.RULE.code}
    back = [
        one
        for one in seen.differences or ()
        if not database_matches_history.is_foreign(one, seen) and one.key.full_name not in kept
    ]
    return DriftReport(report, sql_for(back, seen.kind))


def _as_served(name: str | None) -> str | None:
    """Say mariadb where a URL says mysql and MariaDB answers: the two share drivers, and projects write the one for the other."""
    if name is None or name in known_names() or kind_of(name) != "mysql":
        return name
    url = make_url(name)
    with read_only(url) as fetch:
        is_mariadb = "mariadb" in str(fetch("SELECT VERSION()")[0][0]).lower()
    said = url.set(drivername=url.drivername.replace("mysql", "mariadb", 1)) if is_mariadb else url
    return said.render_as_string(hide_password=False)


def server_for(project: Project, url: str | None, on: str | None) -> str:
    """Where the history is replayed: what is asked for, else a private server of the same kind."""
    if url is None:
        return on or next(iter(project.settings.databases), None) or natural_database(project)
    kind = kind_of(url)
    name = on or (kind if kind in known_names() else None)
    if name is None:
        raise ProofError(
            f"Cannot replay the history of a {kind} database: there is no private server of that kind. Give --on the URL of one."
        )
    if kind_of(name) != kind:
        shown = without_password(make_url(url))
        raise ProofError(f"Cannot compare {shown} with {name}: they are of two kinds. Give --on a server of the first.")
    return name


def _text(dump: Path) -> str:
    try:
        return dump.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ProofError(f"Cannot read {dump}: {error}. Give the file of a plain dump (pg_dump -s, not -Fc).") from error


def _weighed(finding: Finding, severity: Severity | None) -> Finding:
    return finding if severity is None else replace(finding, severity=severity)


def _not_compared(seen: Drift) -> tuple[str, ...]:
    kinds = [f"{seen.name}: {kind}" for kind in seen.not_read]
    if seen.version and seen.version.partition(".")[0] != seen.scratch_version.partition(".")[0]:
        kinds.append(
            f"{seen.name}: what {seen.version} and {seen.scratch_version}, where the history was replayed, write differently"
        )
    return tuple(kinds)
