"""A change that running code cannot follow, split in two: what expands the schema now, and what contracts it a release later."""

from collections.abc import Sequence

from msgspec.structs import replace

from alembic_proof.checks.renamed_table import halves_of_renamed_table
from alembic_proof.checks.renewed_column import halves_of_column
from alembic_proof.schema.diff import Change, Difference, Properties
from alembic_proof.schema.snapshot import Key
from alembic_proof.schema.takeover import Takeover, beside, old_and_new


def split(blamed: str, changes: Sequence[Difference], kind: str, takeover: Takeover | None = None) -> str:
    """Write both halves. `changes` compares the schema after the upgrade (expected) with the one before it (actual).

    `takeover` holds both schemas, as far as they are about columns that another one takes the place of.
    """
    change = _blamed(blamed, changes)
    if change is None:
        return "leave this change to a revision for the next release, when no running code minds it"
    expand, contract = _halves(change, changes, kind, takeover)
    later = "in upgrade() of a revision for the next release, when no code of today runs any more (contract)"
    if not expand:
        return f"leave it out of this release; {later}:\n{contract}"
    return f"in upgrade(), in place of this change (expand):\n{expand}\n{later}:\n{contract}"


def gone_later(blamed: str, changes: Sequence[Difference]) -> tuple[str, ...]:
    """Name what the second half takes from code: what is blamed, and a column that only stood beside it for a while."""
    change = _blamed(blamed, changes)
    if change is None or old_and_new(change) is None or _is_stricter(change) or beside(change) == change.key:
        return (blamed,)
    return blamed, beside(change).full_name


def _blamed(name: str, changes: Sequence[Difference]) -> Difference | None:
    return next((one for one in changes if name in (old_name(one), one.key.full_name)), None)


def _is_stricter(change: Difference) -> bool:
    after, before = change.expected, change.actual
    if after is None or before is None or change.change is Change.RENAMED:
        return False
    return bool(before["nullable"]) and not after["nullable"]


def old_name(change: Difference) -> str:
    """The full name that an object has before the upgrade."""
    renamed = change.change is Change.RENAMED and change.renamed_to is not None
    return change.key.named(str(change.renamed_to)).full_name if renamed else change.key.full_name


def _halves(change: Difference, changes: Sequence[Difference], kind: str, takeover: Takeover | None) -> tuple[str, str]:
    if change.key.kind == "column":
        return _halves_of_column(change, kind, takeover)
    if change.key.kind == "table" and change.change is Change.RENAMED:
        return halves_of_renamed_table(change, changes, kind)
    return "", _settle(change, kind)


def _halves_of_column(change: Difference, kind: str, takeover: Takeover | None) -> tuple[str, str]:
    key, after, before = change.key, change.expected, change.actual
    if after is None or before is None:
        return _halves_of_lost_or_new(change, kind)
    if _is_stricter(change):
        still_free = {**after, "nullable": True}
        others = _settle(replace(change, expected=still_free), kind) if before != still_free else ""
        return others, f"{_fill(key, kind)}\n{_settle(replace(change, actual=still_free), kind)}"
    if takeover is not None and takeover.is_about(change):
        return halves_of_column(change, takeover, kind)
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
    added = {**after, "nullable": True}
    return _settle(replace(change, change=Change.MISSING, key=key, expected=added, actual=None, renamed_to=None), kind)


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
