"""The two halves of a column's new name or type: both columns stand side by side until no code uses the old one."""

from collections.abc import Iterable

from alembic_proof.schema.diff import Difference
from alembic_proof.schema.takeover import Takeover, beside


def halves_of_column(change: Difference, takeover: Takeover, kind: str) -> tuple[str, str]:
    """Write both halves. What stands on the old column stays there until it goes, and is then made anew on the other."""
    from alembic_proof.schema.operations import settle_all  # noqa: PLC0415 - Alembic's renderer costs a tenth of a start

    stages = [takeover.added(change), takeover.handed_over(change), *takeover.contracted(change, kind)]
    expand, *contract = (settle_all(stage, kind) for stage in stages)
    copied = _copied(change, kind)
    is_written = f"{copied}    # code writes both from now on" if copied else ""
    return _joined([expand, is_written]), _joined([copied, *contract, _counted(change, kind)])


def _joined(parts: Iterable[str]) -> str:
    """Write what each stage takes below the imports of all."""
    lines = [line for part in parts for line in part.splitlines()]
    imports = dict.fromkeys(line for line in lines if line.startswith("from sqlalchemy"))
    return "\n".join((*imports, *(line for line in lines if line not in imports)))


def _copied(change: Difference, kind: str) -> str:
    """Write the UPDATE that fills the new column; PostgreSQL wants to be told of a type that does not follow by itself."""
    from alembic_proof.schema.operations.code import execute, qualified, quoted  # noqa: PLC0415 - as above
    from alembic_proof.schema.operations.column_steps import converted  # noqa: PLC0415 - as above

    key, after, before = change.key, change.expected or {}, change.actual or {}
    if after.get("generated"):
        return ""
    to, of = quoted(beside(change).name, kind), quoted(change.renamed_to or key.name, kind)
    value = converted(of, after, before) if kind == "postgresql" and after["type"] != before["type"] else of
    table = qualified(key.schema, str(key.table), kind)
    return execute(f"UPDATE {table} SET {to} = {value} WHERE {to} IS NULL")  # noqa: S608 - printed, not run


def _counted(change: Difference, kind: str) -> str:
    """Let a new identity of PostgreSQL count on where the old one was."""
    from alembic_proof.schema.operations.code import execute, qualified, quoted  # noqa: PLC0415 - as above

    key = change.key
    if kind != "postgresql" or not (change.expected or {}).get("identity"):
        return ""
    table, column = qualified(key.schema, str(key.table), kind), quoted(key.name, kind)
    sequence = f"pg_get_serial_sequence('{table}', '{key.name}')"
    return execute(f"SELECT setval({sequence}, max({column})) FROM {table} HAVING count(*) > 0")  # noqa: S608 - printed, not run
