"""The two halves of a table's new name: under the old one stands a view that takes rows, or, on SQLite, a table beside it."""

from collections.abc import Sequence

from msgspec.structs import replace

from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.snapshot import Key

_BESIDE = ("column", "primary key", "unique", "check", "foreign key")


def halves_of_renamed_table(change: Difference, changes: Sequence[Difference], kind: str) -> tuple[str, str]:
    """Write both halves. What else the revision does to the table comes with it, as far as code of today does not mind."""
    return _beside(change, changes, kind) if kind == "sqlite" else _behind_a_view(change, changes, kind)


def _behind_a_view(change: Difference, changes: Sequence[Difference], kind: str) -> tuple[str, str]:
    """Let a view have the old names of the table and of its columns: rows are written through it."""
    from alembic_proof.schema.operations import settle_all  # noqa: PLC0415 - Alembic's renderer costs a tenth of a start
    from alembic_proof.schema.operations.code import execute, qualified, quoted  # noqa: PLC0415 - as above

    at_once: list[Difference] = [change]
    later: list[Difference] = []
    for one in _of_columns(change, changes):
        (later if one.change is Change.EXTRA or one.change is Change.CHANGED else at_once).append(one)
    columns = ", ".join(
        quoted(now, kind) if now == before else f"{quoted(now, kind)} AS {quoted(before, kind)}"
        for now, before in _columns(change, changes)
    )
    old, new = (qualified(change.key.schema, name, kind) for name in (str(change.renamed_to), change.key.name))
    view = execute(f"CREATE VIEW {old} AS SELECT {columns} FROM {new}")  # noqa: S608 - printed, not run
    contract = [execute(f"DROP VIEW {old}"), *([settle_all(later, kind)] if later else [])]
    return f"{settle_all([_lenient(one) for one in at_once], kind)}\n{view}", "\n".join(contract)


def _beside(change: Difference, changes: Sequence[Difference], kind: str) -> tuple[str, str]:
    """Let there be both tables for a while. In the end the old one gets the name: indexes and references are its own."""
    from alembic_proof.schema.operations import settle, settle_all  # noqa: PLC0415 - as above
    from alembic_proof.schema.operations.code import execute, quoted  # noqa: PLC0415 - as above

    columns = _of_columns(change, changes)
    gone = {one.key for one in columns if one.change is Change.EXTRA}
    parts = {key: properties for key, properties in change.table.items() if key.owner == change.key and key.kind in _BESIDE}
    parts = {key: properties for key, properties in parts.items() if key not in gone}
    parts.update({one.key: one.expected for one in columns if one.expected is not None})
    made = replace(change, change=Change.MISSING, actual=None, renamed_to=None, parts=parts, table={})
    pairs = [(now, before) for now, before in _columns(change, changes) if Key("column", None, change.key.name, now) not in gone]
    old, new = quoted(str(change.renamed_to), kind), quoted(change.key.name, kind)
    names, old_names = (", ".join(quoted(pair[side], kind) for pair in pairs) for side in (0, 1))
    copy = execute(f"INSERT INTO {new} ({names}) SELECT {old_names} FROM {old}")  # noqa: S608 - printed, not run
    dropped = replace(change, change=Change.EXTRA, expected=None, actual=change.expected, renamed_to=None, table={})
    key = next((own["columns"] for one, own in parts.items() if one.kind == "primary key"), None)
    contract = [settle(dropped, kind), settle(change, kind), *([settle_all(columns, kind)] if columns else [])]
    if isinstance(key, tuple) and len(key) == 1 and key[0] in dict(pairs):
        now, before = (quoted(name, kind) for name in (str(key[0]), dict(pairs)[str(key[0])]))
        missing = f"SELECT {names} FROM {new} WHERE {now} NOT IN (SELECT {before} FROM {old})"  # noqa: S608 - printed, not run
        contract.insert(0, execute(f"INSERT INTO {old} ({old_names}) {missing}"))
    return f"{settle(made, kind)}\n{copy}    # code writes both from now on", "\n".join(contract)


def _of_columns(change: Difference, changes: Sequence[Difference]) -> list[Difference]:
    return [one for one in changes if one.key.kind == "column" and one.key.owner == change.key]


def _columns(change: Difference, changes: Sequence[Difference]) -> list[tuple[str, str]]:
    """The columns that the table has before the upgrade, in their order: the name after it, and the name before."""
    renamed = {one.key.name: str(one.renamed_to) for one in _of_columns(change, changes) if one.renamed_to is not None}
    own = {key.name: one for key, one in change.table.items() if key.kind == "column" and key.owner == change.key}
    ordered = sorted(own, key=lambda name: (isinstance(at := own[name].get("position"), int), at))
    return [(name, renamed.get(name, name)) for name in ordered]


def _lenient(change: Difference) -> Difference:
    """A new column that no row has to know."""
    after = change.expected
    is_new = change.key.kind == "column" and change.change is Change.MISSING and after is not None
    return replace(change, expected={**after, "nullable": True}) if is_new and after is not None else change
