"""A change that running code cannot follow, split in two: what expands the schema now, and what contracts it a release later."""

from collections.abc import Sequence
from dataclasses import replace

from alembic_proof.checks.renamed_table import halves_of_renamed_table
from alembic_proof.schema.diff import Change, Difference, Properties
from alembic_proof.schema.snapshot import Key


def split(blamed: str, changes: Sequence[Difference], kind: str) -> str:
    """Write both halves. `changes` compares the schema after the upgrade (expected) with the one before it (actual)."""
    change = next((one for one in changes if blamed in (old_name(one), one.key.full_name)), None)
    if change is None:
        return "leave this change to a revision for the next release, when no running code minds it"
    expand, contract = _halves(change, changes, kind)
    later = "in upgrade() of a revision for the next release, when no code of today runs any more (contract)"
    if not expand:
        return f"leave it out of this release; {later}:\n{contract}"
    return f"in upgrade(), in place of this change (expand):\n{expand}\n{later}:\n{contract}"


def old_name(change: Difference) -> str:
    """The full name that an object has before the upgrade."""
    renamed = change.change is Change.RENAMED and change.renamed_to is not None
    return change.key.named(str(change.renamed_to)).full_name if renamed else change.key.full_name


def _halves(change: Difference, changes: Sequence[Difference], kind: str) -> tuple[str, str]:
    if change.key.kind == "column":
        return _halves_of_column(change, kind)
    if change.key.kind == "table" and change.change is Change.RENAMED:
        return halves_of_renamed_table(change, changes, kind)
    return "", _settle(change, kind)


def _halves_of_column(change: Difference, kind: str) -> tuple[str, str]:
    key, after, before = change.key, change.expected, change.actual
    if after is None or before is None:
        return _halves_of_lost_or_new(change, kind)
    if change.change is Change.RENAMED:
        old = key.named(str(change.renamed_to))
        expand = f"{_add(change, key, after, kind)}\n{_copy(old, key, kind)}    # code writes both from now on"
        contract = (_copy(old, key, kind), _drop(change, old, before, kind), *_strict_again(change, after, kind))
        return expand, "\n".join(contract)
    if before["nullable"] and not after["nullable"]:
        still_free = {**after, "nullable": True}
        others = _settle(replace(change, expected=still_free), kind) if before != still_free else ""
        return others, f"{_fill(key, kind)}\n{_settle(replace(change, actual=still_free), kind)}"
    if after["type"] != before["type"]:
        new = key.named(f"{key.name}_new")
        expand = f"{_add(change, new, after, kind)}\n{_copy(key, new, kind)}    # code writes both from now on"
        contract = (_copy(key, new, kind), _drop(change, key, before, kind), _rename(change, key, new, after, kind))
        return expand, "\n".join((*contract, *_strict_again(change, after, kind)))
    return "", _settle(change, kind)


def _halves_of_lost_or_new(change: Difference, kind: str) -> tuple[str, str]:
    key, after, before = change.key, change.expected, change.actual
    if after is not None:
        required = replace(change, change=Change.CHANGED, actual={**after, "nullable": True})
        return _add(change, key, after, kind), f"{_fill(key, kind)}\n{_settle(required, kind)}"
    assert before is not None, "what is on neither side is no change"
    needs_relief = not before["nullable"] and before.get("default") is None and not before.get("identity")
    relaxed = replace(change, change=Change.CHANGED, expected={**before, "nullable": True})
    return _settle(relaxed, kind) if needs_relief else "", _settle(change, kind)


def _add(change: Difference, key: Key, after: Properties, kind: str) -> str:
    return _settle(
        replace(change, change=Change.MISSING, key=key, expected={**after, "nullable": True}, actual=None, renamed_to=None), kind
    )


def _drop(change: Difference, key: Key, before: Properties | None, kind: str) -> str:
    return _settle(replace(change, change=Change.EXTRA, key=key, expected=None, actual=before, renamed_to=None), kind)


def _rename(change: Difference, key: Key, now: Key, after: Properties, kind: str) -> str:
    return _settle(
        replace(change, change=Change.RENAMED, key=key, expected=after, actual={**after, "nullable": True}, renamed_to=now.name),
        kind,
    )


def _strict_again(change: Difference, after: Properties, kind: str) -> tuple[str, ...]:
    """Take NULL away from a column that was added without values."""
    if after["nullable"]:
        return ()
    free = {**after, "nullable": True}
    return (_settle(replace(change, change=Change.CHANGED, expected=after, actual=free, renamed_to=None), kind),)


def _copy(source: Key, target: Key, kind: str) -> str:
    table, (to, of) = _quoted(source, kind), (_quoted(key, kind, alone=True) for key in (target, source))
    return _execute(f"UPDATE {table} SET {to} = {of} WHERE {to} IS NULL")  # noqa: S608 - printed, not run


def _fill(key: Key, kind: str) -> str:
    column = _quoted(key, kind, alone=True)
    update = f"UPDATE {_quoted(key, kind)} SET {column} = ... WHERE {column} IS NULL"  # noqa: S608 - printed, not run
    return f"{_execute(update)}    # choose your value"


def _quoted(key: Key, kind: str, *, alone: bool = False) -> str:
    """Write the name of a column alone, or of its table."""
    from alembic_proof.schema.operations.code import qualified, quoted  # noqa: PLC0415 - as below

    return quoted(key.name, kind) if alone else qualified(key.schema, str(key.table), kind)


def _execute(sql: str) -> str:
    from alembic_proof.schema.operations.code import execute  # noqa: PLC0415 - as below

    return execute(sql)


def _settle(change: Difference, kind: str) -> str:
    # Alembic's renderer costs a tenth of a start, and most runs find nothing to settle.
    from alembic_proof.schema.operations import settle  # noqa: PLC0415
    from alembic_proof.schema.operations.rebuild import Rebuild, needs_rebuild  # noqa: PLC0415

    if kind == "sqlite" and change.key.kind == "column" and change.key.owner is not None and needs_rebuild(change):
        # The table will have changed by the time of the next release: it is not spelled out as it is now.
        in_short = Rebuild(change.key.owner, change.table, [change]).in_short
        if in_short is not None:
            return in_short
    return settle(change, kind)
