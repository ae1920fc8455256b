"""What a judgement is made of: rules, findings and outcomes. Plain data; knows nothing of databases."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """How much a finding weighs. Only an error makes the exit status 1."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Outcome(StrEnum):
    """What a check says of one subject."""

    PROVED = "proved"
    BROKEN = "broken"
    ACCEPTED = "accepted"
    NOT_PROVED = "not_proved"


class Direction(StrEnum):
    """Which of a revision's two functions is meant."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a judgement is about. Every part is optional: a graph has no database, a module has no revision.

    `file` is relative to the project's root with forward slashes, `line` counts from 1.
    """

    database: str | None = None
    revision: str | None = None
    direction: Direction | None = None
    file: str | None = None
    line: int | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is broken: what was observed, its effect in production, what the database said, how to mend it."""

    code: str
    check: str
    severity: Severity
    database: str | None
    revision: str | None
    direction: Direction | None
    object: str | None
    what: str
    effect: str
    seen: tuple[str, ...]
    fix: str
    file: str | None
    line: int | None


class Acceptance(msgspec.Struct, frozen=True, kw_only=True):
    """What a team accepts, and why: a check's findings at one revision, on one object, or both; None means any.

    `until` is the last day that it holds. `file` and `line` say where it is written, as in a Subject.
    """

    check: str
    revision: str | None = None
    object: str | None = None
    reason: str
    until: date | None = None
    file: str
    line: int | None = None


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that is accepted, and by what."""

    finding: Finding
    acceptance: Acceptance


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of one check on one subject. `reason` says why it is not proved or why it is accepted, else it is None."""

    check: str
    database: str | None
    revision: str | None
    outcome: Outcome
    reason: str | None = None


Judgement = Finding | Verdict


class Rule(msgspec.Struct, frozen=True):
    """The metadata of a check. Its slug is the stem of its module: true when all is well."""

    module: str
    code: str
    effect: str
    severity: Severity = Severity.ERROR

    @property
    def slug(self) -> str:
        return self.module.rpartition(".")[2].replace("_", "-")

    def finding(
        self,
        where: Subject,
        *,
        what: str,
        fix: str,
        seen: Sequence[str] = (),
        object: str | None = None,  # noqa: A002 - the report's own word
        effect: str | None = None,
        severity: Severity | None = None,
    ) -> Finding:
        return Finding(
            code=self.code,
            check=self.slug,
            severity=severity or self.severity,
            database=where.database,
            revision=where.revision,
            direction=where.direction,
            object=object,
            what=what,
            effect=effect or self.effect,
            seen=tuple(seen),
            fix=fix,
            file=where.file,
            line=where.line,
        )

    def proved(self, where: Subject) -> Verdict:
        return self._verdict(where, Outcome.PROVED, None)

    def not_proved(self, where: Subject, reason: str) -> Verdict:
        return self._verdict(where, Outcome.NOT_PROVED, reason)

    def _verdict(self, where: Subject, outcome: Outcome, reason: str | None) -> Verdict:
        return Verdict(check=self.slug, database=where.database, revision=where.revision, outcome=outcome, reason=reason)
