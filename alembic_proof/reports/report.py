"""The one document that every format is made from. Its form is public: `schema_version` rises when it changes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from alembic_proof.findings import Acceptance, Accepted, Finding, Outcome, Severity, Verdict

SCHEMA_VERSION = 1


class Tool(msgspec.Struct, frozen=True):
    """Who wrote the report."""

    name: str
    version: str


class Whole(msgspec.Struct, frozen=True):
    """What the reports of a run's parts are joined by: all that the project accepts, and what has to be judged to call it unused.

    `history` names every revision, `databases` every kind of database that the project is proved on: none where its own URL
    says it, None where nobody does.
    """

    accept: tuple[Acceptance, ...]
    history: tuple[str, ...]
    databases: tuple[str, ...] | None


class ProjectSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """The project that was proved; `config_file` is relative to the folder of the run.

    `base` is there when only what a merge with that branch adds was judged: the branch, and the commit where this one left it.
    `shard` is there when only a part of the work was done: which one of how many. `whole` is there when something is accepted.
    """

    config_file: str
    script_location: str
    base: str = ""
    shard: str = ""
    whole: Whole | None = None


class DatabaseSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """A database that migrations were proved on.

    `unchanged` is at how many of the judged revisions nothing changed since an earlier run: what that run saw is judged again.
    """

    name: str
    server_version: str
    unchanged: int = 0


class RevisionSummary(msgspec.Struct, frozen=True, omit_defaults=True):
    """A revision that was judged. `source`, its file, is there in a detailed report only.

    `deploy` says which of schema and code goes first, where AP601 and AP602 tried it: "schema first", "code first", "either" or
    "needs two releases"; of several databases' answers, the one that suits all of them.
    """

    id: str
    down: tuple[str, ...]
    file: str
    message: str
    source: str = ""
    deploy: str = ""


class CheckSummary(msgspec.Struct, frozen=True):
    """A check that was asked, and what it spares production."""

    code: str
    check: str
    effect: str


class StepSummary(msgspec.Struct, frozen=True):
    """One upgrade on one database: what it sent, what it changed in the schema, how long it took. In detailed reports only."""

    database: str
    revision: str
    sql: tuple[str, ...]
    changes: tuple[str, ...]
    seconds: float


class Timing(msgspec.Struct, frozen=True):
    """How long a phase took on a database, in seconds of wall time."""

    database: str
    phase: str
    seconds: float


class RowsSummary(msgspec.Struct, frozen=True):
    """How rows were drawn: so many for each table, from which seed, by which Hypothesis. All alike draw the same rows."""

    examples: int
    seed: int
    hypothesis: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run found. `findings` are the ones that count; those that are accepted stand apart, each with its acceptance.

    `unused_acceptances` are the ones that had nothing to accept, although everything that they are about was judged. `words` tell
    what evidence could not be kept for later runs, or was thrown away; `rows`, where some were tried, how they can be had again.
    """

    schema_version: int = SCHEMA_VERSION
    tool: Tool
    project: ProjectSummary
    databases: tuple[DatabaseSummary, ...]
    revisions: tuple[RevisionSummary, ...]
    findings: tuple[Finding, ...]
    outcomes: tuple[Verdict, ...]
    not_compared: tuple[str, ...]
    timings: tuple[Timing, ...]
    accepted: tuple[Accepted, ...] = ()
    unused_acceptances: tuple[Acceptance, ...] = ()
    checks: tuple[CheckSummary, ...] = ()
    steps: tuple[StepSummary, ...] = ()
    words: tuple[str, ...] = ()
    rows: RowsSummary | None = None

    def count(self, outcome: Outcome) -> int:
        return sum(verdict.outcome is outcome for verdict in self.outcomes)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)


def outcomes_of(
    findings: Iterable[Finding], verdicts: Iterable[Verdict], order: Sequence[str], accepted: Iterable[Accepted] = ()
) -> tuple[Verdict, ...]:
    """One outcome for each check (in the order given) and subject: broken, else accepted, else not proved, else proved.

    A note breaks nothing.
    """
    ranked: dict[tuple[str, str | None, str | None], Verdict] = {}
    said = [
        *(_outcome(finding, Outcome.BROKEN) for finding in findings if finding.severity is not Severity.NOTE),
        *(_outcome(one.finding, Outcome.ACCEPTED, one.acceptance.reason) for one in accepted),
        *sorted(verdicts, key=lambda one: one.outcome is Outcome.PROVED),
    ]
    for verdict in said:
        ranked.setdefault((verdict.check, verdict.database, verdict.revision), verdict)
    return tuple(sorted(ranked.values(), key=lambda verdict: order.index(verdict.check)))


def _outcome(finding: Finding, outcome: Outcome, reason: str | None = None) -> Verdict:
    return Verdict(check=finding.check, database=finding.database, revision=finding.revision, outcome=outcome, reason=reason)


def counts_by_check(report: Report) -> Mapping[tuple[str, str | None], Counter[Outcome]]:
    """How often each outcome was reached, for each check and database."""
    counts: dict[tuple[str, str | None], Counter[Outcome]] = {}
    for verdict in report.outcomes:
        counts.setdefault((verdict.check, verdict.database), Counter())[verdict.outcome] += 1
    return counts


def deploy_orders(report: Report) -> Mapping[str, Sequence[str]]:
    """Give the revisions of each deploy order, the orders that ask for most care first; none where that was not tried."""
    orders: dict[str, list[str]] = {"needs two releases": [], "code first": [], "schema first": [], "either": []}
    for revision in report.revisions:
        if revision.deploy:
            orders[revision.deploy].append(revision.id)
    return {order: revisions for order, revisions in orders.items() if revisions}


def to_json(report: Report) -> str:
    """The document itself, indented."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode() + "\n"
