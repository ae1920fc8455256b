"""A report with every kind of finding and outcome, made by hand."""

from alembic_proof.findings import Acceptance, Accepted, Direction, Finding, Judgement, Rule, Severity, Subject, Verdict
from alembic_proof.reports.report import (
    DatabaseSummary,
    ProjectSummary,
    Report,
    RevisionSummary,
    Timing,
    Tool,
    outcomes_of,
)

RESTORES = Rule(module="checks.downgrade_restores_schema", code="AP303", effect="The rollback leaves something behind.")
MATCH = Rule(module="checks.models_match_migrations", code="AP401", effect="The tests had another schema.")
HEAD = Rule(module="checks.single_head", code="AP101", effect="The upgrade stops.")


def at(database: str | None, revision: str | None = None) -> Subject:
    """A place in a revision's downgrade, or none."""
    if revision is None:
        return Subject(database=database)
    file = f"migrations/versions/{revision}.py"
    return Subject(database=database, revision=revision, direction=Direction.DOWNGRADE, file=file, line=9)


def judgements() -> list[Judgement]:
    """An error, a warning, a note; proved and not proved."""
    return [
        HEAD.proved(at(None)),
        RESTORES.finding(
            at("sqlite", "b"), what="Index ix was there.", seen=["+ INDEX ix", "  ON t"], fix="line 1\nline 2", object="ix"
        ),
        RESTORES.proved(at("sqlite", "a")),
        RESTORES.not_proved(at("sqlite", "c"), "declared one-way. The revision has no downgrade()."),
        *(RESTORES.not_proved(at("postgresql", revision), "its downgrade failed") for revision in ("a", "b", "c")),
        MATCH.finding(at("sqlite"), what="A comment differed.", fix="paste", severity=Severity.WARNING),
        MATCH.proved(at("postgresql")),
        MATCH.finding(at("postgresql"), what="A view is beside the models.", fix="", severity=Severity.NOTE),
    ]


def accepted() -> tuple[Accepted, ...]:
    """Two findings that are accepted for one reason, and where that stands."""
    acceptance = Acceptance(check=RESTORES.slug, reason="nobody goes back", file="migrations/versions/d.py", line=7, revision="d")
    found = (RESTORES.finding(at("sqlite", "d"), what="It stayed.", fix="drop it", object=name) for name in ("t", "u"))
    return tuple(Accepted(finding=one, acceptance=acceptance) for one in found)


def unused() -> Acceptance:
    """An acceptance that had nothing to accept."""
    return Acceptance(check=MATCH.slug, object="v", reason="built by hand", file="pyproject.toml", line=12)


def made(*, without: frozenset[Severity] = frozenset(), nothing_proved: bool = False) -> Report:
    """The report of these judgements."""
    chosen = [] if nothing_proved else judgements()
    findings = tuple(one for one in chosen if isinstance(one, Finding) and one.severity not in without)
    verdicts = [one for one in chosen if isinstance(one, Verdict)]
    return Report(
        tool=Tool("alembic-proof", "0.1.0"),
        project=ProjectSummary("alembic.ini", "migrations"),
        databases=(DatabaseSummary("sqlite", "3.45.1"), DatabaseSummary("postgresql", "18.1")),
        revisions=tuple(RevisionSummary(r, (), f"migrations/versions/{r}.py", f"Revision {r}") for r in "abc"),
        findings=findings,
        outcomes=outcomes_of(findings, verdicts, [HEAD.slug, RESTORES.slug, MATCH.slug], () if nothing_proved else accepted()),
        not_compared=("sqlite: attached databases", "sqlite: PRAGMA settings"),
        timings=(Timing("sqlite", "walk", 0.5),),
        accepted=() if nothing_proved else accepted(),
        unused_acceptances=() if nothing_proved else (unused(),),
    )
