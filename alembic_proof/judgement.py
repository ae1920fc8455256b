"""From evidence to the report: the checks speak, settings weigh, acceptances part. A pure function but for the day's date."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime

from msgspec.structs import astuple, replace

from alembic_proof import __version__
from alembic_proof.acceptance.matching import sort_out
from alembic_proof.acceptance.unused import with_unused
from alembic_proof.checks.registry import ON_DATABASES, Check, choose_checks, is_of_drift
from alembic_proof.code_evidence import order_of
from alembic_proof.evidence import DatabaseEvidence, Evidence
from alembic_proof.findings import Acceptance, Finding, Judgement, Outcome, Severity, Subject, Verdict
from alembic_proof.project import Project
from alembic_proof.reports.report import (
    CheckSummary,
    DatabaseSummary,
    ProjectSummary,
    Report,
    RevisionSummary,
    RowsSummary,
    StepSummary,
    Timing,
    Tool,
    Whole,
    outcomes_of,
)


def judge(
    project: Project,
    checks: Sequence[Check],
    evidence: Evidence,
    acceptances: Sequence[Acceptance] = (),
    *,
    kinds_wanted: tuple[str, ...] | None = None,
    today: date | None = None,
) -> Report:
    """Let the checks speak; settings change how much a finding weighs and what is accepted, never what was seen."""
    judgements = [judgement for check in checks for judgement in _judged(check, evidence)]
    weigh = _weights(checks, project.settings.severity)
    findings = [weigh(one) for one in judgements if isinstance(one, Finding)]
    told = sort_out(findings, acceptances, today or datetime.now().astimezone().date())
    verdicts = [one for one in judgements if isinstance(one, Verdict)]
    outcomes = outcomes_of(told.broken, verdicts, [check.rule.slug for check in checks], told.accepted)
    whole = Whole(tuple(acceptances), tuple(evidence.history.by_id), kinds_wanted) if acceptances else None
    report = Report(
        tool=Tool("alembic-proof", __version__),
        project=ProjectSummary(
            project.shown(project.config_file),
            project.shown(project.scripts.dir),
            evidence.merge.base if evidence.merge else "",
            whole=whole,
        ),
        databases=tuple(DatabaseSummary(d.name, d.server_version, d.unchanged) for d in evidence.databases),
        revisions=tuple(
            RevisionSummary(r.id, r.down, r.file, r.message, deploy=_deploy_order(evidence, r.id))
            for r in evidence.history.revisions
            if r.id in evidence.chosen
        ),
        findings=told.broken,
        outcomes=outcomes,
        not_compared=tuple(dict.fromkeys(f"{d.name}: {kind}" for d in evidence.databases for kind in d.not_compared)),
        timings=tuple(Timing(d.name, phase, seconds) for d in evidence.databases for phase, seconds in d.timings.items()),
        accepted=told.accepted,
        checks=tuple(CheckSummary(check.rule.code, check.rule.slug, check.rule.effect) for check in checks),
        steps=tuple(
            StepSummary(d.name, step.revision, step.told.sql, step.told.changes, step.told.seconds)
            for d, step in evidence.chosen_steps()
            if step.told is not None
        ),
        words=tuple(dict.fromkeys(words for d in evidence.databases for words in d.words)),
        rows=next((RowsSummary(*astuple(d.drawn)) for d in evidence.databases if d.drawn is not None), None),
    )
    return with_unused(report)


def _deploy_order(evidence: Evidence, revision: str) -> str:
    """Which of schema and code goes first at a revision; nothing where that was not tried."""
    steps = [step for database in evidence.databases for step in database.code or () if step.revision == revision]
    return order_of(steps) if steps and not any(step.blocked for step in steps) else ""


def _judged(check: Check, evidence: Evidence) -> Iterator[Judgement]:
    """What a check says; where nothing was run on a database, why."""
    is_on_databases = bool(check.needs & ON_DATABASES)
    if evidence.history.problems and is_on_databases:
        yield check.rule.not_proved(Subject(), "the graph itself is broken, so nothing was run")
        return
    if evidence.merge is not None and check.needs == {"graph"}:  # the graph that counts is the one that the merge makes
        evidence = replace(evidence, history=evidence.merge.history)
    untried = {database.name: reason for database in evidence.databases if (reason := _untried(database)) is not None}
    for judgement in check.judge(evidence):
        is_proof = isinstance(judgement, Verdict) and judgement.outcome is Outcome.PROVED
        if is_proof and is_on_databases and judgement.database in untried:
            where = Subject(database=judgement.database, revision=judgement.revision)
            yield check.rule.not_proved(where, untried[judgement.database])
        else:
            yield judgement
    for database in evidence.databases:
        if database.unavailable is not None and is_on_databases:
            yield check.rule.not_proved(Subject(database=database.name), database.unavailable)


def _untried(database: DatabaseEvidence) -> str | None:
    """Say why what held on a database is no proof: nobody has tried the harness itself on such a server."""
    if database.kind == "mysql" and "mariadb" not in database.server_version.lower():
        return f"it held, but this harness was never tried on MySQL {database.server_version}"
    return None


def _weights(checks: Sequence[Check], configured: Mapping[str, Severity]) -> Callable[[Finding], Finding]:
    known = {key for check in checks for key in (check.rule.code, check.rule.slug)}
    others = [name for name in configured if name not in known and not is_of_drift(name)]
    choose_checks(others)  # an unknown name is an error even when its check is not chosen today

    def weigh(finding: Finding) -> Finding:
        severity = configured.get(finding.code, configured.get(finding.check))
        return finding if severity is None else replace(finding, severity=severity)

    return weigh
