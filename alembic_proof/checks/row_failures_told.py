"""How a step that failed on rows is told: the upgrade on those from before it, the downgrade on those from before or after."""

from alembic_proof.checks.downgrade_runs import why_no_round_trip
from alembic_proof.checks.places import at_downgrade, at_upgrade
from alembic_proof.checks.row_faults import fault_of, object_of
from alembic_proof.checks.rows_told import mending, rows_in_words, seen_of
from alembic_proof.evidence import DatabaseEvidence, Evidence
from alembic_proof.findings import Finding, Rule
from alembic_proof.history import Revision
from alembic_proof.row_evidence import RowFailure, RowStep
from alembic_proof.schema.diff import Change, Difference

_OPPOSITE = {Change.MISSING: Change.EXTRA, Change.EXTRA: Change.MISSING}


def failed_up(rule: Rule, database: DatabaseEvidence, revision: Revision, step: RowStep, found: RowFailure) -> Finding:
    """Tell an upgrade that failed."""
    fault = fault_of(found, step.changes, database.kind, database.server_version)
    return rule.finding(
        at_upgrade(database, revision, found.failure.line),
        object=object_of(found, fault),
        what=f"The upgrade failed on {rows_in_words(found)}; on empty tables it passes.",
        seen=seen_of(found),
        fix=mending(found, fault, revision, "upgrade"),
    )


def failed_down(
    rule: Rule, database: DatabaseEvidence, revision: Revision, step: RowStep, found: RowFailure, *, written: str
) -> Finding:
    """Tell a downgrade that failed; `written` says when its rows were: "after the upgrade"."""
    fault = fault_of(found, _turned_round(step), database.kind, database.server_version)
    return rule.finding(
        at_downgrade(database, revision, found.failure.line),
        object=object_of(found, fault),
        what=f"The downgrade failed on {rows_in_words(found)}, written {written}; else it passes.",
        seen=seen_of(found),
        fix=mending(found, fault, revision, "downgrade").replace("before you deploy", "before you roll back"),
    )


def why_not_down(evidence: Evidence, database: DatabaseEvidence, step: RowStep) -> str | None:
    """Say why a revision was not taken down with rows; None where it was."""
    if step.blocked is not None:
        return step.blocked
    walked = next(one for one in database.steps if one.revision == step.revision)
    return why_no_round_trip(evidence, walked) if walked.round_trip is None else None


def _turned_round(step: RowStep) -> tuple[Difference, ...]:
    """What the downgrade does to the schema: the upgrade's changes, seen from the other side."""
    return tuple(
        Difference(_OPPOSITE.get(one.change, one.change), one.key, one.actual, one.expected, one.renamed_to, one.parts, one.table)
        for one in step.changes
    )
