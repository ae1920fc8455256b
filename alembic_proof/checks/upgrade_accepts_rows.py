"""The upgrade accepts rows.

A migration that passes on empty tables fails in production on the row that nobody thought of: a NULL, a duplicate, a text at
full length. Each table that the revision touches is filled with rows that the schema before it admits (every limit of every
type, twins in case and accents, NULL in every nullable column, drawn ones), parents first, and the upgrade runs on them. What
fails is reduced to the smallest rows that show it, and confirmed with every step committed. A table that could not be filled is
not proved, nor is a revision that refuses rows by a raise statement of its own: somebody thought of them. Nor is one that takes a
text for JSON or for the name of a Python enum: it is tried with such texts, and `[tool.alembic_proof.rows.values]` says more.
Change the rows before you forbid them; ask production first, with the query that is printed.

A note is given where a SELECT of the upgrade's own gets all rows of a table at once: production has more of them.
"""

from collections.abc import Iterator

from alembic_proof.checks.habits_told import loading
from alembic_proof.checks.places import at_upgrade
from alembic_proof.checks.row_failures_told import failed_up
from alembic_proof.checks.rows_told import assumed_in_words, declared_in_words, unseeded_in_words
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Judgement, Rule

RULE = Rule(module=__name__, code="AP501", effect="It passes on every empty test database and stops the deployment.")
NEEDS = frozenset({"walk", "rows"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database, step in evidence.chosen_row_steps():
        revision = evidence.history[step.revision]
        where = at_upgrade(database, revision)
        if step.blocked is not None:
            yield RULE.not_proved(where, step.blocked)
            continue
        yield from (loading(RULE, database, revision, one) for one in step.loaded)
        if step.upgrade is not None and step.upgrade.failure.is_declared:
            yield RULE.not_proved(where, declared_in_words(step.upgrade))
        elif (assumed := assumed_in_words(step.assumed, step.upgrade)) is not None:
            yield RULE.not_proved(where, assumed)
        elif step.upgrade is not None:
            yield failed_up(RULE, database, revision, step, step.upgrade)
        elif step.unseeded:
            yield RULE.not_proved(where, unseeded_in_words(step.unseeded))
        else:
            yield RULE.proved(where)
