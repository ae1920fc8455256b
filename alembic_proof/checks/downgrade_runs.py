"""The downgrade runs.

Each revision's downgrade() is executed right after its upgrade, with the step committed. When it fails here, the rollback of a
bad release fails. A revision that is not meant to go back says so: leave downgrade() out, or begin it with a raise that gives
the reason. Then it is declared one-way, and shown as not proved with its words.
"""

from collections.abc import Iterator

from alembic_proof.checks.places import at_downgrade, shown_failure
from alembic_proof.evidence import Evidence, Step
from alembic_proof.findings import Judgement, Rule

RULE = Rule(module=__name__, code="AP302", effect="A rollback of the release that carries this revision stops here.")
NEEDS = frozenset({"walk"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database, step in evidence.chosen_steps():
        revision = evidence.history[step.revision]
        where = at_downgrade(database, revision)
        trip = step.round_trip
        if trip is not None and trip.downgrade is not None and not trip.in_order:
            failure = trip.downgrade
            place = f"{revision.file}:{failure.line}" if failure.line else revision.file
            yield RULE.finding(
                at_downgrade(database, revision, failure.line),
                object=step.revision,
                what=f"The downgrade failed right after the upgrade: {failure.words.splitlines()[0]}",
                seen=shown_failure(failure),
                fix=f"correct {place}, or, where there is no way back, in downgrade(), first line:  "
                'raise NotImplementedError("why there is no way back")',
            )
        elif trip is not None:
            yield RULE.proved(where)
        else:
            yield RULE.not_proved(where, why_no_round_trip(evidence, step))


def why_no_round_trip(evidence: Evidence, step: Step) -> str:
    """Say why a revision has not been taken down again."""
    if step.blocked is not None:
        return step.blocked
    if step.upgrade is not None:
        return "its upgrade failed"
    return f"declared one-way. {evidence.history[step.revision].one_way}"
