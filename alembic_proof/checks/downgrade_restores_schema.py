"""The downgrade restores the schema.

The schema before the upgrade is compared with the schema after the downgrade, object by object: a forgotten index, an enum type
left behind, a column that comes back with another type or without its default, a view that is not made again. What stays behind
stops the next upgrade; what does not come back breaks the previous release, which a rollback is for. Add the missing operation to
downgrade(); a table's column order is not compared.

On SQLite a batch operation makes its table anew, and Alembic does not make again what it cannot reflect: triggers, and indexes on
expressions. Where upgrade() lost them that way, it is said of upgrade(): production goes on without them.
"""

from collections.abc import Iterator
from functools import partial

from alembic_proof.checks.downgrade_runs import why_no_round_trip
from alembic_proof.checks.places import at_downgrade, at_upgrade, weighty
from alembic_proof.checks.settling import at_the_end, settled_together
from alembic_proof.evidence import DatabaseEvidence, Evidence, Failure
from alembic_proof.findings import Finding, Judgement, Rule
from alembic_proof.history import Revision
from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.sentences import describe, line, subject_of

RULE = Rule(module=__name__, code="AP303", effect="After a rollback the database is not what the previous release expects.")
NEEDS = frozenset({"walk"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database, step in evidence.chosen_steps():
        revision = evidence.history[step.revision]
        where = at_downgrade(database, revision)
        trip = step.round_trip
        if trip is None:
            yield RULE.not_proved(where, why_no_round_trip(evidence, step))
            continue
        differences = weighty(trip.restored)
        if trip.in_order or differences == ():
            yield RULE.proved(where)
        elif differences is None:
            yield RULE.not_proved(where, "its downgrade failed")
        else:
            lost = [one for one in differences if one.change is Change.MISSING and one.key in trip.lost_on_the_way_up]
            others = [one for one in differences if one not in lost]
            for difference, fix in settled_together(others, database.kind, partial(at_the_end, "downgrade")):
                yield _finding(database, revision, difference, trip.again, fix)
            for difference, fix in settled_together(lost, database.kind, _at_the_end_of_both):
                yield _lost(database, revision, difference, fix)


def _at_the_end_of_both(code: str) -> str:
    return at_the_end("upgrade", f"{code}\n# and in downgrade() too, where that makes the table anew")


def _lost(database: DatabaseEvidence, revision: Revision, difference: Difference, fix: str) -> Finding:
    return RULE.finding(
        at_upgrade(database, revision),
        object=difference.key.full_name,
        what=f"{subject_of(difference.key)} was lost when upgrade() made the table anew, and the downgrade did not restore it.",
        effect="The release goes on without it, and after a rollback the previous one does too.",
        seen=line(difference),
        fix=fix,
    )


def _finding(database: DatabaseEvidence, revision: Revision, difference: Difference, again: Failure | None, fix: str) -> Finding:
    stops = None if again is None else f"The next upgrade of this revision stops: {again.message.splitlines()[0]}"
    return RULE.finding(
        at_downgrade(database, revision),
        object=difference.key.full_name,
        what=describe(difference, expected="before the upgrade", actual="after the downgrade"),
        effect=stops if difference.change is Change.EXTRA else None,
        seen=line(difference),
        fix=fix,
    )
