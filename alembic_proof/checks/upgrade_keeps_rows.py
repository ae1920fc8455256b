"""The upgrade keeps rows.

Rows are compared before and after the upgrade, column by column. A column is kept, filled where it was NULL, changed
one-to-one, or moved: found by its values under another name, or in a column, new or not, that did not hold them before. It is
lossy when two values became one, and gone when its values are nowhere. A drop and an add of like columns is a rename that loses
the column. On SQLite with foreign_keys on, a batch rebuild of a parent table deletes or empties the rows that refer to it. What
is meant to go is accepted in the migration file:
`# proof: accept upgrade-keeps-rows users.email -- why nobody needs it`.

An upgrade that writes rows takes the same ones twice, in two orders. A note is given where they come to something else: by now(),
random() or uuid4() in a statement of its own, or by the order in which they happen to lie. What columns stamp by a default, what
is counted, and tables with triggers are left out. On PostgreSQL and MariaDB an upgrade that makes moments or days of others takes
them in a session of another time zone too: a cast that does not say which zone is meant is noted.
"""

from collections.abc import Iterator

from alembic_proof.checks.habits_told import chance
from alembic_proof.checks.places import at_upgrade
from alembic_proof.checks.rows_told import losses, unseeded_in_words, unseen_in_words
from alembic_proof.evidence import Evidence
from alembic_proof.findings import Finding, Judgement, Rule, Subject
from alembic_proof.row_evidence import ColumnFate, Fate, RowsGone

RULE = Rule(module=__name__, code="AP502", effect="What the release before wrote is lost with the deployment.")
NEEDS = frozenset({"walk", "rows"})


def judge(evidence: Evidence) -> Iterator[Judgement]:
    for database, step in evidence.chosen_row_steps():
        where = at_upgrade(database, evidence.history[step.revision])
        if step.blocked is not None:
            yield RULE.not_proved(where, step.blocked)
            continue
        if step.kept is None:
            yield RULE.not_proved(where, "its upgrade failed on all rows that were tried")
            continue
        yield from (chance(RULE, database, evidence.history[step.revision], one) for one in step.unsteady)
        found = list(losses(step.kept, every_change=False))
        yield from (_rows_gone(where, one) if isinstance(one, RowsGone) else _column(where, one, database.kind) for one in found)
        if step.unseeded:
            yield RULE.not_proved(where, unseeded_in_words(step.unseeded))
        elif (unseen := unseen_in_words(step.kept)) is not None:
            yield RULE.not_proved(where, unseen)
        elif not found and step.upgrade is not None and not step.upgrade.failure.is_declared:
            yield RULE.not_proved(where, "its upgrade failed on rows, and was compared on those alone with which it runs")
        elif not found:
            yield RULE.proved(where)


def _column(where: Subject, fate: ColumnFate, kind: str) -> Finding:
    name = f"{fate.table}.{fate.column}"
    if fate.emptied_by is not None:
        return RULE.finding(
            where,
            object=name,
            what=f"Rebuilding table {fate.emptied_by} emptied {name}: foreign keys were on, and its dropping acted on it.",
            seen=_pairs(fate),
            fix=foreign_keys_off(),
        )
    if fate.fate is Fate.LOSSY:
        (one, one_after), (other, other_after) = fate.pairs
        place = "" if fate.now in (None, name) else f" in {fate.now}"
        return RULE.finding(
            where,
            object=name,
            what=f"Two values of {name} became one{place}: {one} and {other}.",
            seen=(f"{one} -> {one_after}", f"{other} -> {other_after}"),
            fix=f"keep what tells them apart, or accept it above upgrade():  {acceptance(name)}",
        )
    table, old, new = fate.table, fate.column, (fate.looks_renamed_to or "").rpartition(".")[2]
    if fate.looks_renamed_to is not None:
        return RULE.finding(
            where,
            object=name,
            what=f"Column {name} was dropped and {fate.looks_renamed_to} came without its values: a rename that loses it.",
            seen=_pairs(fate),
            fix=f'in upgrade(), in place of the drop and the add:  op.alter_column("{table}", "{old}", new_column_name="{new}")',
        )
    if fate.now is not None:
        return RULE.finding(
            where,
            object=name,
            what=f"Column {name} is gone: {fate.now} took its values where it was NULL, and kept its own where they differed.",
            seen=_pairs(fate),
            fix=f"where code has written both alike since, say so above upgrade():  {acceptance(name, why='both were written')}\n"
            f"before you deploy, on production:  {_differing(fate, kind)}",
        )
    return RULE.finding(
        where,
        object=name,
        what=f"Column {name} is gone, and its values are nowhere else.",
        seen=_pairs(fate),
        fix=f"copy it first to where it shall be, or accept it above upgrade():  {acceptance(name)}",
    )


def _rows_gone(where: Subject, gone: RowsGone) -> Finding:
    seen = (gone.example.shown,) if gone.example else ()
    if gone.is_dropped:
        what = f"Table {gone.table} was dropped with its rows, and their values are nowhere else."
        fix = f"copy them first to where they shall be, or accept it above upgrade():  {acceptance(gone.table)}"
    elif gone.emptied_by is not None:
        what = (
            f"Rebuilding table {gone.emptied_by} deleted {gone.number} of {gone.of} rows of {gone.table}: foreign keys were on, "
            "and dropping the old table acted on them."
        )
        fix = foreign_keys_off()
    else:
        what = f"{gone.number} of {gone.of} rows of {gone.table} were gone after the upgrade."
        fix = f"keep them, or accept it above upgrade():  {acceptance(gone.table)}"
    return RULE.finding(where, object=gone.table, what=what, seen=seen, fix=fix)


def acceptance(name: str, check: str = "upgrade-keeps-rows", why: str = "why nobody needs it") -> str:
    """The comment that accepts a loss."""
    return f"# proof: accept {check} {name} -- {why}"


def _differing(fate: ColumnFate, kind: str) -> str:
    """Count on production the rows whose value goes."""
    # Alembic's renderer costs a tenth of a start, and most runs find nothing to tell.
    from alembic_proof.schema.operations.code import quoted  # noqa: PLC0415

    table = ".".join(quoted(part, kind) for part in fate.table.split("."))
    heir = (fate.now or "").rpartition(".")[2]
    return f"SELECT count(*) FROM {table} WHERE {quoted(fate.column, kind)} <> {quoted(heir, kind)}"  # noqa: S608  # printed, not run


def foreign_keys_off() -> str:
    """What env.py does before a transaction begins, so that a batch rebuild acts on no other table."""
    return 'in env.py, before context.configure():  connection.exec_driver_sql("PRAGMA foreign_keys=OFF"); connection.commit()'


def _pairs(fate: ColumnFate) -> tuple[str, ...]:
    return tuple(f"{before} -> {after}" if after else f"{fate.table}.{fate.column} = {before}" for before, after in fate.pairs)
