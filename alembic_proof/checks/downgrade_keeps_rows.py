"""The downgrade keeps rows.

Rows from before the upgrade are taken up and down again, and compared by what they mean: numbers, moments and documents, not
their spelling. They come back as they were, or the rollback of a release leaves other data than the release found. Columns and
tables that the upgrade added are left out. A data migration whose downgrade is `pass`, a column dropped with its values and added
empty, a NULL that was filled and stays filled: let downgrade() take back what upgrade() did, or accept it in the migration file:
`# proof: accept downgrade-keeps-rows users.email -- why that is as it shall be`.
"""

from collections.abc import Iterator

from alembic_proof.checks.places import at_downgrade
from alembic_proof.checks.row_failures_told import failed_down, why_not_down
from alembic_proof.checks.rows_told import assumed_in_words, declared_in_words, losses, unseeded_in_words, unseen_in_words
from alembic_proof.checks.upgrade_keeps_rows import acceptance, foreign_keys_off
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Finding, Judgement, Rule, Subject
from alembic_proof.row_evidence import ColumnFate, Fate, RowsGone, RowStep

RULE = Rule(module=__name__, code="AP504", effect="A rollback leaves other data than the release found.")
NEEDS = frozenset({"walk", "rows"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database, step in evidence.chosen_row_steps():
        revision = evidence.history[step.revision]
        where = at_downgrade(database, revision)
        if (reason := why_not_down(evidence, database, step)) is not None:
            yield RULE.not_proved(where, reason)
        elif step.failed_back is not None and step.failed_back.failure.is_declared:
            yield RULE.not_proved(where, declared_in_words(step.failed_back))
        elif step.failed_back is not None and (assumed := assumed_in_words(step.assumed, step.failed_back)) is not None:
            yield RULE.not_proved(where, assumed)
        elif step.failed_back is not None and step.new_rows is None:
            yield failed_down(RULE, database, revision, step, step.failed_back, written="before the upgrade")
        elif step.failed_back is not None:
            yield RULE.not_proved(where, "its downgrade failed on rows")
        elif step.returned is None:
            yield RULE.not_proved(where, _why_not_returned(step))
        else:
            yield from _judge_returned(where, step)


def _judge_returned(where: Subject, step: RowStep) -> Iterator[Judgement]:
    assert step.returned is not None, "the caller looked"
    found = list(losses(step.returned, every_change=True))
    yield from (_rows_gone(where, one) if isinstance(one, RowsGone) else _column(where, one) for one in found)
    if step.unseeded:
        yield RULE.not_proved(where, unseeded_in_words(step.unseeded))
    elif (unseen := unseen_in_words(step.returned)) is not None:
        yield RULE.not_proved(where, unseen)
    elif not found:
        yield RULE.proved(where)


def _why_not_returned(step: RowStep) -> str:
    if step.upgrade is not None and step.kept is None:
        return "its upgrade failed on all rows that were tried"
    return "its downgrade did not restore the schema" if step.is_tried_with_new_rows else "its downgrade failed without rows"


def _column(where: Subject, fate: ColumnFate) -> Finding:
    name = f"{fate.table}.{fate.column}"
    told = f"{fate.pairs[0][0]} was {fate.pairs[0][1]}" if fate.pairs and fate.pairs[0][1] else "its values are nowhere"
    if fate.fate is Fate.LOSSY:
        told = next((f"{old} was {new}" for old, new in fate.pairs if old != new), told)
    return RULE.finding(
        where,
        object=name,
        what=f"{name} did not come back as it was: {told} after the upgrade and the downgrade.",
        seen=tuple(f"{before} -> {after or 'nothing'}" for before, after in fate.pairs),
        fix=foreign_keys_off()
        if fate.emptied_by is not None
        else f"let downgrade() bring its values back, or accept it above downgrade():  {acceptance(name, RULE.slug)}",
    )


def _rows_gone(where: Subject, gone: RowsGone) -> Finding:
    number = "all" if gone.number == gone.of else f"{gone.number} of {gone.of}"
    return RULE.finding(
        where,
        object=gone.table,
        what=f"Rows of {gone.table} did not come back: {number} were gone after the upgrade and the downgrade.",
        seen=(gone.example.shown,) if gone.example else (),
        fix=foreign_keys_off()
        if gone.emptied_by is not None
        else f"let downgrade() bring them back, or accept it above downgrade():  {acceptance(gone.table, RULE.slug)}",
    )
