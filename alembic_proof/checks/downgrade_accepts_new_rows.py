"""The downgrade accepts new rows.

The rollback that really happens comes after the new release has written: NULLs where they are newly allowed, longer texts, a new
enum label, duplicates that a dropped constraint no longer forbids. The tables that the revision touches are filled after the
upgrade with rows that only the new schema admits too, and then the downgrade runs. Let it change or delete what the old schema
does not take, or declare what has no way back: all of it with a raise in downgrade()'s first line, some rows with a raise where
they are found. Such rows are not proved, with its words.
"""

from collections.abc import Iterator

from alembic_proof.checks.places import at_downgrade
from alembic_proof.checks.row_failures_told import failed_down, why_not_down
from alembic_proof.checks.rows_told import assumed_in_words, declared_in_words, unseeded_in_words
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Judgement, Rule

RULE = Rule(module=__name__, code="AP503", effect="The rollback stops as soon as the new release has written such rows.")
NEEDS = frozenset({"walk", "rows"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database, step in evidence.chosen_row_steps():
        revision = evidence.history[step.revision]
        where = at_downgrade(database, revision)
        if (reason := why_not_down(evidence, database, step)) is not None:
            yield RULE.not_proved(where, reason)
        elif not step.is_tried_with_new_rows:
            yield RULE.not_proved(where, "its downgrade failed without rows")
        elif step.new_rows is not None and step.new_rows.failure.is_declared:
            yield RULE.not_proved(where, declared_in_words(step.new_rows))
        elif (assumed := assumed_in_words(step.new_assumed, step.new_rows)) is not None:
            yield RULE.not_proved(where, assumed)
        elif step.new_rows is not None:
            yield failed_down(RULE, database, revision, step, step.new_rows, written="after the upgrade")
        elif step.new_unseeded:
            yield RULE.not_proved(where, unseeded_in_words(step.new_unseeded))
        else:
            yield RULE.proved(where)
