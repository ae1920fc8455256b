"""What to paste into a migration so that the actual schema becomes the expected one."""

from collections.abc import Iterable, Iterator

from alembic.operations.ops import RenameTableOp
from msgspec.structs import replace

from alembic_proof.schema.diff import Change, Difference, Properties
from alembic_proof.schema.operations import phases
from alembic_proof.schema.operations.code import Step, execute
from alembic_proof.schema.operations.column_steps import add_column, change_column, change_own_check, drop_column, rename_column
from alembic_proof.schema.operations.constraint_steps import CONSTRAINTS, change_part, create_part, drop_part, rename_part
from alembic_proof.schema.operations.enums import change_enum
from alembic_proof.schema.operations.free_standing import create, drop, in_turn, rename
from alembic_proof.schema.operations.in_place import change
from alembic_proof.schema.operations.rebuild import Rebuild, needs_rebuild
from alembic_proof.schema.operations.statements import alter_sequence, phase_of, table_settings
from alembic_proof.schema.operations.tables import create_table, drop_table
from alembic_proof.schema.snapshot import Key

__all__ = ["settle", "settle_all"]


def settle(difference: Difference, kind: str) -> str:
    """Write the lines that settle one difference. `kind` is "sqlite", "postgresql", "mariadb" or "mysql"."""
    return settle_all((difference,), kind)


def settle_all(differences: Iterable[Difference], kind: str) -> str:
    """Write the lines that settle all differences, in an order in which they run; a table of SQLite is rebuilt once."""
    steps: list[Step] = []
    rebuilds: dict[object, Rebuild] = {}
    every = list(differences)
    for difference in every:
        table = difference.key.owner or difference.key
        if kind == "sqlite" and table.kind == "table" and needs_rebuild(difference):
            rebuilds.setdefault(table, Rebuild(table, difference.table))
    for difference in every:
        table = difference.key.owner or difference.key
        is_of_rebuild = table in rebuilds and (needs_rebuild(difference) or difference.key.kind == "column")
        if is_of_rebuild:
            rebuilds[table].differences.append(difference)
        if not is_of_rebuild or (difference.key.kind == "column" and difference.change is Change.RENAMED):
            steps.extend(_steps(difference, kind))
    for rebuild in rebuilds.values():
        steps.extend(rebuild.steps())
    steps.sort(key=lambda step: step.phase)
    lines: dict[str, None] = {}
    imports: dict[str, None] = {}
    for step in steps:
        for line in step.code.splitlines():
            if line.startswith("from "):
                imports[line] = None
        code = "\n".join(line for line in step.code.splitlines() if not line.startswith("from "))
        lines[code] = None
    return "\n".join((*imports, *lines))


def _steps(difference: Difference, kind: str) -> Iterator[Step]:
    together = {difference.key, *(one.key for one in difference.along)}
    others = {key: properties for key, properties in difference.table.items() if key not in together}
    for one in difference.along:
        yield from _steps(replace(one, table=others), kind)
    key = difference.key
    if key.kind == "table":
        yield from _table_steps(difference, kind)
    elif key.kind == "column":
        yield from _column_steps(difference, kind)
    elif key.kind == "index" or key.kind in CONSTRAINTS:
        yield from _part_steps(difference, kind)
    else:
        yield from _free_standing_steps(difference, kind)


def _table_steps(difference: Difference, kind: str) -> Iterator[Step]:
    key, expected, actual = difference.key, difference.expected, difference.actual
    if difference.change is Change.MISSING and expected is not None:
        yield from create_table(key, expected, difference.parts, kind)
    elif difference.change is Change.EXTRA and actual is not None:
        yield from drop_table(key, actual, difference.parts, kind)
    elif difference.change is Change.RENAMED:
        operation = RenameTableOp(str(difference.renamed_to), key.name, schema=key.schema)
        yield Step(phases.RENAME, _renamed_table(operation))
    elif expected is not None and "server" in difference.changed_properties():  # no ALTER changes it, and the rows are elsewhere
        own = {part: properties for part, properties in difference.table.items() if part.owner == key}
        yield from drop_table(key, expected, {}, kind)
        yield from create_table(key, expected, own, kind)
    elif expected is not None:
        for statement in table_settings(key, expected, actual, kind):
            yield Step(phases.TABLE_SETTINGS, execute(statement))


def _renamed_table(operation: RenameTableOp) -> str:
    """Write op.rename_table(): Alembic never renders it, since autogenerate never finds a renamed table."""
    schema = f", schema={operation.schema!r}" if operation.schema else ""
    return f"op.rename_table({operation.table_name!r}, {operation.new_table_name!r}{schema})"


def _column_steps(difference: Difference, kind: str) -> Iterator[Step]:
    key, expected, actual = difference.key, difference.expected, difference.actual
    if difference.change is Change.MISSING and expected is not None:
        yield from add_column(key, expected, difference.parts, kind)
    elif difference.change is Change.EXTRA:
        yield from drop_column(key, kind)
    elif difference.change is Change.RENAMED and actual is not None:
        yield from rename_column(key, str(difference.renamed_to), actual, kind)
    elif expected is not None and actual is not None:
        yield from change_column(key, expected, actual, difference.parts, kind)


def _part_steps(difference: Difference, kind: str) -> Iterator[Step]:
    key, expected, actual = difference.key, difference.expected, difference.actual
    name = difference.renamed_to or key.name
    column = Key("column", key.schema, key.table, key.name)
    if key.kind == "check" and (expected or actual or {}).get("of_column") and column in difference.table:
        yield from change_own_check(column, difference.table[column], expected, kind)
    elif difference.change is Change.MISSING and expected is not None:
        yield from create_part(key, expected, kind)
    elif difference.change is Change.EXTRA:
        yield from drop_part(key, name, kind)
        for part in difference.parts:
            yield from drop_part(part, part.name, kind)
    elif difference.change is Change.RENAMED and expected is not None:
        yield from rename_part(key, expected, name, kind)
    elif expected is not None and actual is not None:
        yield from change_part(key, expected, actual, name, kind)


def _free_standing_steps(difference: Difference, kind: str) -> Iterator[Step]:
    key, expected, actual = difference.key, difference.expected, difference.actual
    drop_phase, create_phase = phase_of(key.kind)
    if expected is not None and actual is not None:
        if difference.change is Change.RENAMED:
            in_place: Iterator[str] | None = iter((rename(key, str(difference.renamed_to), kind),))
        else:
            in_place = _in_place(difference, expected, actual, kind)
        if in_place is not None:
            phase = phases.TABLE_SETTINGS if key.kind == "sequence" else create_phase
            yield from (Step(phase, execute(statement)) for statement in in_place)
            return
    if actual is not None:
        yield Step(drop_phase, execute(drop(key, kind)))
    if expected is not None:
        if key.kind == "trigger" and "follows" in expected:
            expected = {**expected, "follows": in_turn(key, expected, difference.table)}
        for statement in create(key, expected, kind):
            yield Step(create_phase, execute(statement))
    for part, properties in difference.parts.items():
        if part.kind == "index" and difference.change is Change.MISSING:
            yield from create_part(part, properties, kind)


def _in_place(difference: Difference, expected: Properties, actual: Properties, kind: str) -> Iterator[str] | None:
    key = difference.key
    if key.kind == "sequence":
        return alter_sequence(key, expected, actual, kind)
    in_place = change(key, expected, actual, difference.changed_properties(), kind)
    return change_enum(key, expected, difference.parts) if in_place is None and key.kind == "enum" else in_place
