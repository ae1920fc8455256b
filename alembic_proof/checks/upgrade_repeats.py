"""The upgrade repeats after a downgrade.

A release is rolled back, mended and deployed again: the same upgrade runs a second time on what the downgrade left. It must succeed
and leave the same schema. It fails on rows that the first upgrade inserted and the downgrade left in place, on enum types and
sequences that stayed, on anything created with IF NOT EXISTS that was meant to be new. Let downgrade() take back what upgrade() did.
"""

from collections.abc import Iterator

from alembic_proof.checks.downgrade_runs import why_no_round_trip
from alembic_proof.checks.places import at_upgrade, shown_failure, weighty
from alembic_proof.evidence import DatabaseEvidence, Evidence, Failure
from alembic_proof.findings import Finding, Judgement, Rule
from alembic_proof.history import Revision
from alembic_proof.schema.diff import Difference
from alembic_proof.schema.operations import settle
from alembic_proof.schema.sentences import describe, line

RULE = Rule(module=__name__, code="AP304", effect="After a rollback the mended release cannot be deployed.")
NEEDS = frozenset({"walk"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database, step in evidence.chosen_steps():
        revision = evidence.history[step.revision]
        where = at_upgrade(database, revision)
        trip = step.round_trip
        if trip is None:
            yield RULE.not_proved(where, why_no_round_trip(evidence, step))
            continue
        differences = weighty(trip.repeated)
        if trip.in_order or differences == ():
            yield RULE.proved(where)
        elif trip.downgrade is not None:
            yield RULE.not_proved(where, "its downgrade failed")
        elif weighty(trip.restored):
            yield RULE.not_proved(where, "its downgrade did not restore the schema")
        elif trip.again is not None:
            yield _failed(database, revision, trip.again)
        else:
            yield from (_differs(database, revision, difference) for difference in differences or ())


def _failed(database: DatabaseEvidence, revision: Revision, failure: Failure) -> Finding:
    return RULE.finding(
        at_upgrade(database, revision, failure.line),
        object=revision.id,
        what=f"The second upgrade, after a downgrade, failed: {failure.words.splitlines()[0]}",
        seen=shown_failure(failure),
        fix=f"in {revision.file}, let downgrade() take back what upgrade() did: rows that it inserted, objects that it made",
    )


def _differs(database: DatabaseEvidence, revision: Revision, difference: Difference) -> Finding:
    return RULE.finding(
        at_upgrade(database, revision),
        object=difference.key.full_name,
        what=describe(difference, expected="after the first upgrade", actual="after the second upgrade"),
        effect="Two databases at the same revision have different schemas.",
        seen=line(difference),
        fix=f"in upgrade(), so that it does not depend on what was there:  {settle(difference, database.kind)}",
    )
