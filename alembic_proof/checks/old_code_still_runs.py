"""The old code still runs after the upgrade.

While a release rolls out, processes of the old version work on the new schema; after a rollback of the code they do again. What
that code can send is built from the schema below the revision: it reads every column by name, writes rows with every column and
with those alone that need a value, at the limits of what a change touches, rows alike but for their keys, updates and deletes
(of a parent, too, where its children's foreign key has another rule).
What the old schema admitted is sent to the new one; its errors, and the Python types that come back, are compared.

Where others see a migration halfway (on MariaDB and MySQL always, on PostgreSQL outside of its transaction, as in
`autocommit_block()`, on SQLite before its first write), old code writes a row between each two statements about its table: a
backfill, then NOT NULL, and a row slips in between. Told with both lines is what makes the upgrade fail, is refused though it is
taken before and after, is left with a NULL, or is gone.

Where the project has recorded what its own tests send (`pytest --proof-record`), that is sent in place of what the schema would
admit: a column that no statement of the last release uses may go. A recording speaks for the revisions above the ones that it was
made on, and of what was there then. A recorded statement that the old schema refuses is not proved, with its words.

Row security is not proved: all is sent by the owner of the tables, whom policies do not hold back.

A renamed or dropped table, column, view or enum label, a new column that every row needs, a dropped default, a new UNIQUE, CHECK,
FOREIGN KEY or NOT NULL, a narrower type, a type that reads as another: each has a way in two releases. The first expands the
schema so that both versions run on it, the second contracts it when the old code is gone. A contracting revision breaks older
code by its nature; say since when none runs: `# proof: accept old-code-still-runs users.password -- unused since 0006`.
"""

from collections.abc import Iterator

from alembic_proof.checks.gaps_told import finding_of, joined
from alembic_proof.checks.places import at_upgrade, shown_statement
from alembic_proof.checks.splitting import gone_later, split
from alembic_proof.code_evidence import CodeStep, Surprise
from alembic_proof.evidence import DatabaseEvidence, Evidence
from alembic_proof.findings import Finding, Judgement, Rule
from alembic_proof.gap_evidence import GapStep
from alembic_proof.history import Revision

RULE = Rule(
    module=__name__,
    code="AP601",
    effect="While the release rolls out, and after a rollback of the code, requests to the old version fail.",
)
NEEDS = frozenset({"walk", "code", "gaps"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database, step, tried in code_steps(evidence):
        revision = evidence.history[step]
        where = at_upgrade(database, revision)
        if isinstance(tried, str):
            yield RULE.not_proved(where, tried)
            continue
        gaps = {one.revision: one for one in database.gaps or ()}.get(step, GapStep(step))
        found, slips = joined([_finding(database, revision, tried, one) for one in tried.old_on_new], gaps.slips)
        found += [finding_of(RULE, at_upgrade(database, revision, one.at_line), one, gaps, database.kind) for one in slips]
        yield from found
        untried = {**dict(gaps.untried), **dict(tried.untried)}
        if untried:
            yield RULE.not_proved(where, "; ".join(untried.values()))
        elif gaps.blocked is not None:
            yield RULE.not_proved(where, f"no row of the old code could be put between its statements: {gaps.blocked}")
        elif not found:
            yield RULE.proved(where)


def code_steps(evidence: Evidence) -> Iterator[tuple[DatabaseEvidence, str, CodeStep | str]]:
    """Every judged revision with what the two versions' code met there, or why it met nothing."""
    for database, step in evidence.chosen_steps():
        tried = {one.revision: one for one in database.code or ()}.get(step.revision)
        if step.blocked is not None:
            yield database, step.revision, step.blocked
        elif step.upgrade is not None or tried is None:
            yield database, step.revision, "its upgrade failed"
        else:
            yield database, step.revision, tried if tried.blocked is None else tried.blocked


def _finding(database: DatabaseEvidence, revision: Revision, step: CodeStep, surprise: Surprise) -> Finding:
    what, effect = f"{surprise.does} ran before the upgrade and failed after it: {surprise.refusal}", None
    if surprise.read is not None:
        what = f"{surprise.does} gave {surprise.read[0]} before the upgrade and {surprise.read[1]} after it."
        effect = "While the release rolls out, and after a rollback of the code, the old version reads what it does not expect."
    halves = split(surprise.object, step.changes, database.kind, step.takeover)
    gone = gone_later(surprise.object, step.changes)
    acceptances = "\n".join(f"# proof: accept {RULE.slug} {name} -- unused since ..." for name in gone)
    return RULE.finding(
        at_upgrade(database, revision),
        object=surprise.object,
        what=what,
        effect=effect,
        seen=(
            shown_statement(surprise.statement),
            *([surprise.refusal] if surprise.refusal else []),
            *([f"(a statement derived from the schema: {step.derived_because})"] if step.derived_because else []),
        ),
        fix=f"{halves}\nwhere no such code runs any more:  {acceptances}",
    )
