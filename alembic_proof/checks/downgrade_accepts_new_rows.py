"""The downgrade accepts new rows.

The rollback that really happens comes after the new release has written: NULLs where they are newly allowed, longer texts, a new
enum label, duplicates that a dropped constraint no longer forbids. The tables that the revision touches are filled after the
upgrade with rows that only the new schema admits too, and then the downgrade runs. Let it change or delete what the old schema
does not take, or declare what has no way back: all of it with a raise in downgrade()'s first line, some rows with a raise where
they are found. Such rows are not proved, with its words.
"""

from collections.abc import Iterator

from alembic_proof.checks.downgrade_runs import why_no_round_trip
from alembic_proof.checks.places import at_downgrade
from alembic_proof.checks.row_faults import fault_of, object_of
from alembic_proof.checks.rows_told import (
    assumed_in_words,
    declared_in_words,
    mending,
    rows_in_words,
    seen_of,
    step_of,
    unseeded_in_words,
)
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Judgement, Rule
from alembic_proof.row_evidence import RowStep
from alembic_proof.schema.diff import Change, Difference

RULE = Rule(module=__name__, code="AP503", effect="The rollback stops as soon as the new release has written such rows.")
NEEDS = frozenset({"walk", "rows"})

_OPPOSITE = {Change.MISSING: Change.EXTRA, Change.EXTRA: Change.MISSING}


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database, step in evidence.chosen_row_steps():
        revision = evidence.history[step.revision]
        where = at_downgrade(database, revision)
        walked = step_of(database, step.revision)
        if step.blocked is not None:
            yield RULE.not_proved(where, step.blocked)
        elif walked.round_trip is None:
            yield RULE.not_proved(where, why_no_round_trip(evidence, walked))
        elif not step.is_tried_with_new_rows:
            yield RULE.not_proved(where, "its downgrade failed without rows")
        elif step.new_rows is not None and step.new_rows.failure.is_declared:
            yield RULE.not_proved(where, declared_in_words(step.new_rows))
        elif (assumed := assumed_in_words(step.new_assumed, step.new_rows)) is not None:
            yield RULE.not_proved(where, assumed)
        elif step.new_rows is not None:
            fault = fault_of(step.new_rows, turned_round(step), database.kind, database.server_version)
            yield RULE.finding(
                at_downgrade(database, revision, step.new_rows.failure.line),
                object=object_of(step.new_rows, fault),
                what=f"The downgrade failed on {rows_in_words(step.new_rows)}, written after the upgrade; else it passes.",
                seen=seen_of(step.new_rows),
                fix=mending(step.new_rows, fault, revision, "downgrade").replace("before you deploy", "before you roll back"),
            )
        elif step.new_unseeded:
            yield RULE.not_proved(where, unseeded_in_words(step.new_unseeded))
        else:
            yield RULE.proved(where)


def turned_round(step: RowStep) -> tuple[Difference, ...]:
    """What the downgrade does to the schema: the upgrade's changes, seen from the other side."""
    return tuple(
        Difference(_OPPOSITE.get(one.change, one.change), one.key, one.actual, one.expected, one.renamed_to, one.parts, one.table)
        for one in step.changes
    )
