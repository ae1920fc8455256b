"""The version is known.

The version table of the database names revisions that the history has, and none that another one of them stands on. It fires
when the table is not there (the database was not made by these migrations, or env.py names another table), when a revision has
been deleted or renamed since, or comes from a branch that was never merged. The next `alembic upgrade` stops there. Restore the
revision file, or, when the schema is what a revision leaves, tell Alembic so: `alembic stamp`.
"""

from collections.abc import Iterator

from alembic_proof.experiments.drift import Drift
from alembic_proof.findings import Judgement, Rule, Severity, Subject
from alembic_proof.history import History

RULE = Rule(
    module=__name__, code="AP901", effect="The next `alembic upgrade` of this database stops, or begins at the wrong place."
)


def judge(drift: Drift, history: History, *, is_dump: bool) -> Iterator[Judgement]:
    where = Subject(database=drift.name)
    table = drift.version_table
    if not drift.recorded:
        if is_dump:
            yield RULE.not_proved(
                where, f"the dump holds no rows of {table}; it was held to {_list(drift.compared_at) or 'the base'}"
            )
            return
        missing = drift.recorded is None
        yield RULE.finding(
            where,
            object=table,
            what=f"The database had no table {table}." if missing else f"The table {table} was empty.",
            fix="when its schema is what a revision leaves:  alembic stamp REVISION",
        )
        return
    unknown = [revision for revision in drift.recorded if revision not in history.by_id]
    for revision in unknown:
        yield RULE.finding(
            where,
            object=revision,
            what=f"The table {table} named revision {revision}, and no file of the history has it.",
            seen=(f"{table}.version_num = {revision}",),
            fix=f"restore the file of {revision} (git log --all -S {revision}), or correct the table:  "
            "alembic stamp --purge REVISION",
        )
    known = [revision for revision in drift.recorded if revision in history.by_id]
    doubled = [(low, high) for low in known for high in known if low in history.ancestors(high)]
    for low, high in doubled:
        yield RULE.finding(
            where,
            object=low,
            what=f"The table {table} named both {low} and {high}, and {high} stands on {low}.",
            seen=tuple(f"{table}.version_num = {revision}" for revision in drift.recorded),
            fix=f"DELETE FROM {table} WHERE version_num = '{low}'",  # noqa: S608 - shown, not run
        )
    if unknown or doubled:
        return
    yield RULE.proved(where)
    if len(known) > 1:
        heads = [revision for revision in known if revision in history.real_heads]
        yield RULE.finding(
            where,
            what=f"The database stood at {len(known)} revisions at once: {_list(known)}.",
            effect="Branches are deployed side by side." if len(heads) == len(known) else "A branch waits for the other.",
            fix="",
            severity=Severity.NOTE,
        )
    applied = frozenset(known).union(*map(history.ancestors, known))
    waiting = [revision.id for revision in history.revisions if revision.id not in applied]
    if waiting:
        number = "1 revision waits" if len(waiting) == 1 else f"{len(waiting)} revisions wait"
        yield RULE.finding(
            where,
            what=f"{number} for this database: {_list(waiting)}.",
            effect="The next deployment applies them.",
            fix="",
            severity=Severity.NOTE,
        )


def _list(revisions: "tuple[str, ...] | list[str]", most: int = 6) -> str:
    shown = ", ".join(revisions[:most])
    return shown if len(revisions) <= most else f"{shown} and {len(revisions) - most} more"
