"""The upgrade repeats after a downgrade.

A release is rolled back, mended and deployed again: the same upgrade runs a second time on what the downgrade left. It must
succeed and leave the same schema. It fails on rows that the first upgrade inserted and the downgrade left in place, on enum
types and sequences that stayed, on anything created with IF NOT EXISTS that was meant to be new. Let downgrade() take back what
upgrade() did.
"""

import re
from collections.abc import Iterator

from alembic_proof.checks.downgrade_runs import why_no_round_trip
from alembic_proof.checks.places import at_upgrade, shown_failure, weighty
from alembic_proof.checks.settling import at_the_end
from alembic_proof.evidence import DatabaseEvidence, Evidence, Failure
from alembic_proof.findings import Finding, Judgement, Rule
from alembic_proof.history import Revision
from alembic_proof.schema.diff import Difference
from alembic_proof.schema.sentences import describe, line

RULE = Rule(module=__name__, code="AP304", effect="After a rollback the mended release cannot be deployed.")
NEEDS = frozenset({"walk"})

_INSERTED_INTO = re.compile(r"\s*INSERT\s+INTO\s+([^\s(]+)", re.IGNORECASE)


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
        fix=_fix(revision, failure),
    )


def _fix(revision: Revision, failure: Failure) -> str:
    inserted = _INSERTED_INTO.match(failure.statement or "")
    if inserted is None:
        return f"in {revision.file}, let downgrade() take back what upgrade() did: rows that it inserted, objects that it made"
    delete = f"DELETE FROM {inserted[1]} WHERE ..."  # noqa: S608 - printed, not run
    return at_the_end("downgrade", f"op.execute({delete!r})    # the rows that upgrade() inserted")


def _differs(database: DatabaseEvidence, revision: Revision, difference: Difference) -> Finding:
    return RULE.finding(
        at_upgrade(database, revision),
        object=difference.key.full_name,
        what=describe(difference, expected="after the first upgrade", actual="after the second upgrade"),
        effect="Two databases at the same revision have different schemas.",
        seen=line(difference),
        fix=f"in {revision.file}, let upgrade() do the same whatever rows there are, or let downgrade() take back its rows",
    )
