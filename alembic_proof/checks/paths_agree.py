"""The schema at a revision, and what has become of rows, do not depend on the way there.

Two branches that were written side by side are run in one order on one database and in the other order on another: whoever had
the first branch deployed before the merge ran it first. So where neither of two revisions stands on the other, both orders are
run, and the schemas compared; where branches meet, it goes down and up again across them. From the top of the history revisions
go down in a row and up again, as a rollback takes them; near the top a state machine walks up, down and across branches, on
ways that are the same in every run. What differs is shown by the shortest two ways.

Rows are written where two ways part, into the tables that the revisions on them touch, and compared where they meet again. Both
orders of siblings have to leave the same rows. After several up and down again they have to be what they were; what one revision
loses alone, up and down again, is left to AP502 to AP504. What is counted, stamped, or left to chance is not compared. With
`--no-rows` schemas alone are.

Two branches that touch the same table, index, type or column, or a revision that uses what its sibling made, need an order: let
one depend on the other. A downgrade that leaves rows behind, or takes some along that were not its own, lets the downgrade below
it do something else than it does alone.
"""

from collections.abc import Iterator, Sequence

from alembic_proof.checks.downgrade_runs import why_no_round_trip
from alembic_proof.checks.places import at_downgrade, at_upgrade, shown_failure, weighty
from alembic_proof.evidence import Apart, DatabaseEvidence, Disagreement, Evidence, Move, Step
from alembic_proof.findings import Direction, Finding, Judgement, Rule
from alembic_proof.history import Revision
from alembic_proof.schema.diff import Difference
from alembic_proof.schema.sentences import describe, line

RULE = Rule(module=__name__, code="AP306", effect="Two databases at the same revision have different schemas.")
NEEDS = frozenset({"walk", "paths"})
_MOST_FILES = 3


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database in evidence.databases:
        disagreements = database.paths.disagreements if database.paths else ()
        told: dict[str, Disagreement] = {}
        for one in disagreements:
            if one.failure or one.rows or weighty(one.differences):
                told.setdefault(_subject(evidence, one), one)
        for step in database.steps:
            if step.revision not in evidence.chosen:
                continue
            revision = evidence.history[step.revision]
            if step.revision in told:
                yield _finding(evidence, database, revision, told[step.revision])
            elif (reason := _why_not(evidence, database, step)) is not None:
                yield RULE.not_proved(at_upgrade(database, revision), reason)
            else:
                yield RULE.proved(at_upgrade(database, revision))


def _subject(evidence: Evidence, disagreement: Disagreement) -> str:
    """The revision that a disagreement is told of: the later one, unless only the other is judged."""
    is_judged = disagreement.revision in evidence.chosen
    return disagreement.revision if is_judged or disagreement.after is None else disagreement.after


def _why_not(evidence: Evidence, database: DatabaseEvidence, step: Step) -> str | None:
    trip = step.round_trip
    if not step.is_applied:
        return why_no_round_trip(evidence, step)
    if trip is not None and not trip.in_order:
        if trip.downgrade is not None:
            return "its downgrade failed"
        if weighty(trip.restored):
            return "its downgrade did not restore the schema"
        if trip.again is not None or weighty(trip.repeated):
            return "its second upgrade was not like the first"
    others = database.paths.untried.get(step.revision, ()) if database.paths else ()
    if others and database.paths and database.paths.disagreements:
        return f"another order of the branches stopped at {database.paths.disagreements[0].revision}"
    return f"it was not tried in another order with {_list(others)}" if others else None


def _list(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _finding(evidence: Evidence, database: DatabaseEvidence, revision: Revision, told: Disagreement) -> Finding:
    differences = weighty(told.differences) or ()
    later, after = evidence.history[told.revision], told.after
    failure = told.failure
    line_of_failure = failure.line if failure and later.id == revision.id else None
    is_down = after is None and told.second[-1][1] is Direction.DOWNGRADE
    first, second = _from_where_they_part(told)
    if failure is not None:
        what = (
            f"The {told.second[-1][1]} of {told.second[-1][0]} failed on one way and ran on another: {_first_line(failure.words)}"
        )
        effect = "A database that came the other way cannot be migrated."
    elif differences:
        what = describe(differences[0], expected=f"after {first}", actual=f"after {second}")
        effect = None
    else:
        what, effect = _of_rows(told.rows[0], first, second), "Two databases at the same revision hold different data."
    return RULE.finding(
        (at_downgrade if is_down else at_upgrade)(database, revision, line_of_failure),
        object=_object(told, differences, revision),
        what=what,
        effect=effect,
        seen=(
            *_where_rows_were_written(told),
            f"one way    {first}",
            f"the other  {second}",
            *(text for difference in differences for text in line(difference)),
            *(_line_of_rows(one) for one in told.rows),
            *(shown_failure(failure) if failure else ()),
        ),
        fix=f"in {later.file}:  depends_on = {after!r}" if after is not None else _take_back(told, evidence),
    )


def _object(told: Disagreement, differences: Sequence[Difference], revision: Revision) -> str:
    if differences:
        return differences[0].key.full_name
    return _name(told.rows[0]) if told.rows else revision.id


def _name(one: Apart) -> str:
    return one.table if one.column is None else f"{one.table}.{one.column}"


def _of_rows(one: Apart, first: str, second: str) -> str:
    if one.column is None:
        return f"Row {one.row} was {one.values[0]} after {first}, and {one.values[1]} after {second}."
    of_row = f" of {one.row}" if one.row is not None else ""
    return f"{_name(one)}{of_row} was {one.values[0]} after {first}, and {one.values[1]} after {second}."


def _line_of_rows(one: Apart) -> str:
    return f"{one.row or one.table}{'' if one.column is None else f' {one.column}'}: {one.values[0]} / {one.values[1]}"


def _where_rows_were_written(told: Disagreement) -> Iterator[str]:
    if told.sown is not None:
        below = told.first[: told.sown]
        yield f"rows were written after {_in_words(below[-1:])}"


def _take_back(told: Disagreement, evidence: Evidence) -> str:
    """A way down decides: what a downgrade left, or took that was not its own."""
    down = dict.fromkeys(evidence.history[one].file for one, direction in told.second if direction is Direction.DOWNGRADE)
    others = f" or {len(down) - _MOST_FILES} more" if len(down) > _MOST_FILES else ""
    return (
        f"let downgrade() take back what its own upgrade() did and nothing else, in {' or '.join([*down][:_MOST_FILES])}{others}"
    )


def _from_where_they_part(told: Disagreement) -> tuple[str, str]:
    """The two ways in words, without what they share: "upgrade a, upgrade b"."""
    together = zip(told.first, told.second, strict=False)
    shared = next((number for number, (one, other) in enumerate(together) if one != other), len(told.first))
    begin = max(0, min(shared, len(told.first) - 1, len(told.second) - 1))
    return _in_words(told.first[begin:]), _in_words(told.second[begin:])


def _in_words(way: Sequence[Move], most: int = 6) -> str:
    shown = [f"{direction} {revision}" for revision, direction in way]
    return ", ".join(shown if len(shown) <= most else [*shown[: most // 2], "...", *shown[-(most // 2) :]]) or "nothing"


def _first_line(words: str) -> str:
    return words.splitlines()[0]
