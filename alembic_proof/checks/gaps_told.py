"""How AP601 speaks of rows that old code wrote between two statements of a migration."""

from collections.abc import Sequence

from msgspec.structs import replace

from alembic_proof.checks.places import shown_statement
from alembic_proof.findings import Finding, Rule, Subject
from alembic_proof.gap_evidence import GapStep, Harm, Slip
from alembic_proof.schema.diff import Change, Difference

_EFFECTS = {
    Harm.STOPPED: "One request to the old version at that moment stops the deployment, and the schema is left half changed.",
    Harm.REFUSED: "While the upgrade runs, requests to the old version fail, though they run before it and after it.",
    Harm.UNFILLED: "Rows that come while the upgrade runs stay without a value that the new version counts on.",
    Harm.LOST: "What the old version writes while the upgrade runs is lost.",
}


def finding_of(rule: Rule, where: Subject, slip: Slip, step: GapStep, kind: str) -> Finding:
    """Tell a slip by itself."""
    return rule.finding(
        where,
        object=slip.object,
        what=_what(slip),
        effect=_EFFECTS[slip.harm],
        seen=_seen(slip),
        fix=f"{_fix(slip, step.changes, kind)}\n"
        f"where no such code runs meanwhile:  # proof: accept {rule.slug} {slip.object} -- the old version is stopped first",
    )


def _what(slip: Slip) -> str:
    did = f"{slip.does} into {slip.table} between {_place(slip)}"
    match slip.harm:
        case Harm.STOPPED:
            return f"{did} made the upgrade fail, which passes without it: {slip.words}"
        case Harm.REFUSED:
            return f"{did} failed, and runs before the upgrade and after it: {slip.words}"
        case Harm.UNFILLED:
            return f"{did} was left with NULL in {slip.object}; rows from before and after the upgrade have a value there."
        case Harm.LOST:
            return f"{did} was gone after the upgrade; rows from before it were not."


def _place(slip: Slip) -> str:
    return f"{slip.after.place} and {slip.before.place}"


def _seen(slip: Slip) -> tuple[str, ...]:
    """Show the two statements, the row between them, and what the database said."""
    told = (slip.words, slip.row)
    return (
        slip.after.shown,
        f"old code: {shown_statement(slip.write)}",
        slip.before.shown,
        *(one for one in told if one is not None),
    )


def joined(findings: Sequence[Finding], slips: Sequence[Slip]) -> tuple[list[Finding], list[Slip]]:
    """Add a slip whose row the new schema refuses anyway to the finding that says so; return the slips that are left, too.

    Where no finding says so, the code does not send such rows: what it sends is recorded.
    """
    found, left = list(findings), []
    for slip in slips:
        about = [number for number, one in enumerate(found) if one.object == slip.object]
        about += [number for number, one in enumerate(found) if (one.object or "").rpartition(".")[0] == slip.table]
        if slip.is_refused_above and about:
            one = found[about[0]]
            found[about[0]] = replace(one, seen=(*one.seen, _what(slip)))
        elif not (slip.is_refused_above and slip.harm is Harm.STOPPED):
            left.append(slip)
    return found, left


def _fix(slip: Slip, changes: Sequence[Difference], kind: str) -> str:
    change = next((one for one in changes if one.key.kind == "column" and one.key.full_name == slip.object), None)
    after = change.expected if change is not None else None
    if (
        change is not None
        and after is not None
        and slip.harm in (Harm.STOPPED, Harm.UNFILLED)
        and after.get("default") is not None
    ):
        if change.actual is None:
            return f"in upgrade(), where {slip.object} is added, with its server default at once:\n{_settle(change, kind)}"
        defaulted = replace(change, change=Change.CHANGED, expected={**change.actual, "default": after["default"]})
        return f"in upgrade(), first line, so that no row comes without a value:\n{_settle(defaulted, kind)}"
    if slip.harm is Harm.LOST:
        return f"lock {slip.table} from the first of these statements to the last, or copy again what came meanwhile"
    if slip.harm is Harm.REFUSED:
        return "let one statement do what these do, so that there is no moment between them"
    return "leave the later statement to a revision for the next release, when no code of today runs any more"


def _settle(change: Difference, kind: str) -> str:
    # Alembic's renderer costs a tenth of a start, and most runs find nothing to settle.
    from alembic_proof.schema.operations import settle  # noqa: PLC0415

    return settle(change, kind)
