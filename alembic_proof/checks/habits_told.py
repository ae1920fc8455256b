"""Notes on what an upgrade's own statements do with rows: they read all at once, or leave something to chance."""

from alembic_proof.checks.places import at_upgrade
from alembic_proof.evidence import DatabaseEvidence
from alembic_proof.findings import Finding, Rule, Severity
from alembic_proof.history import Revision
from alembic_proof.row_evidence import Cause, Loaded, Unsteady


def loading(rule: Rule, database: DatabaseEvidence, revision: Revision, one: Loaded) -> Finding:
    """Note a SELECT that gets a whole table."""
    return rule.finding(
        at_upgrade(database, revision, one.spot.line),
        object=one.table,
        what=f"The upgrade got all {one.rows} rows of {one.table} at once; what it holds grows with the table.",
        effect="On a large table the process that migrates runs out of memory, or holds its transaction for long.",
        seen=(one.spot.shown,),
        fix=f"let one UPDATE do it in the database, or read {one.table} in parts: by key, with LIMIT, or with "
        "execution_options(yield_per=1000)",
        severity=Severity.NOTE,
    )


def chance(rule: Rule, database: DatabaseEvidence, revision: Revision, one: Unsteady) -> Finding:
    """Note what comes out otherwise for the same rows. What a run made up stands where nobody compares it with the next run's."""
    name = one.table if one.column is None else f"{one.table}.{one.column}"
    told = "left other rows" if one.column is None else f"gave {name} other values"
    if one.cause is Cause.ANOTHER_RUN:
        what = f"Two upgrades of the same rows {told}."
        effect = "Each database that takes this upgrade gets its own: what was tested is not what production gets."
        fix = f"compute {name} from the row itself, or from a constant; where it has to be new each time, leave it so"
    elif one.cause is Cause.ANOTHER_ZONE:
        what = f"Two upgrades of the same rows, in sessions of two time zones, {told}."
        effect = "Which it is in production depends on the time zone of the server, the role, or the process that migrates."
        zone = "SET LOCAL TIME ZONE 'UTC'" if database.kind == "postgresql" else "SET time_zone = '+00:00'"
        fix = f'in upgrade(), first line:  op.execute("{zone}")    # the zone in which they were written'
    else:
        what = f"Two upgrades of the same rows, written in two orders, {told}."
        effect = "Which it is in production depends on where its rows happen to lie."
        fix = f"give an order to what {name} is taken from: ORDER BY a key that tells the rows apart"
    values = f"{one.row or name}: once {one.values[0]}, once {one.values[1]}"
    return rule.finding(
        at_upgrade(database, revision, next((spot.line for spot in one.spots), None)),
        object=name,
        what=what,
        effect=effect,
        seen=(*(spot.shown for spot in one.spots), values),
        fix=fix,
        severity=Severity.NOTE,
    )
