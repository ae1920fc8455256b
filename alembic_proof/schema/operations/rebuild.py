"""SQLite's way to change a table: a batch, which makes the table anew and copies the rows.

Alembic reflects the table for that, and loses what reflection does not tell: unnamed CHECKs, collations, triggers and more. Such
a table is spelled out in full (`copy_from`), as it shall be.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec
from alembic.operations.ops import CreateTableOp
from msgspec.structs import replace

from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.operations import phases
from alembic_proof.schema.operations.code import Step, as_text, execute, indented, quoted, rendered, statements_of
from alembic_proof.schema.operations.column_steps import add_column, alter_operation
from alembic_proof.schema.operations.constraint_steps import CONSTRAINTS, create_part
from alembic_proof.schema.operations.constraints import TYPE_NAMES, check_text, foreign_key_options, name_of, names, referred
from alembic_proof.schema.operations.tables import create_operation, table_options
from alembic_proof.schema.renames import Renamed, under_expected_names
from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]
Objects = Mapping[Key, Properties]

_BY_BATCH = frozenset({"type", "nullable", "default"})


class Rebuild(msgspec.Struct):
    """All that changes about one table of SQLite and needs a batch."""

    table: Key
    actual: Objects
    differences: list[Difference] = msgspec.field(default_factory=list)

    def steps(self) -> Iterator[Step]:
        if all(map(_is_reflected, self.actual.items())) and all(map(_is_simple, self.differences)):
            lines = [indented(line) for difference in self.differences for line in _batch_lines(difference)]
            body = "\n".join(lines)
            yield Step(phases.ALTER_COLUMN, f"with op.batch_alter_table({self.table.name!r}) as batch_op:\n{body}")
        else:
            yield from self._spelled_out()

    @property
    def in_short(self) -> str | None:
        """A batch that leaves all else about the table to reflection; None where it takes more than a batch."""
        if not all(map(_is_simple, self.differences)):
            return None
        return "\n".join(step.code for step in replace(self, actual={}).steps())

    def _spelled_out(self) -> Iterator[Step]:
        wanted = _settled(self.actual, self.differences)
        views = [key for key in self.actual if key.kind == "view"]
        for key in views:  # renaming the new table would stop at a view of the old one
            yield Step(phases.DROP_VIEW, execute(f"DROP VIEW {quoted(key.name, 'sqlite')}"))
        for difference in self.differences:
            if difference.key.kind == "column" and difference.change is Change.MISSING and difference.expected is not None:
                plain = {**difference.expected, "nullable": True, "generated": None, "on_conflict": None}
                if not difference.expected["generated"]:
                    yield from add_column(difference.key, _addable(plain), {}, "sqlite")
        yield Step(phases.ALTER_COLUMN, self._whole(wanted))
        for key, properties in wanted.items():
            if key.kind in ("index", "trigger", "view"):
                yield from create_part(key, properties, "sqlite")

    def _whole(self, wanted: Objects) -> str:
        properties = wanted[self.table]
        operation = create_operation(self.table, properties, _inside(wanted), {}, "sqlite")
        code = rendered([operation], "sqlite")
        if code.startswith("op.execute(") or any(own.get("generated") for own in wanted.values()):
            return self._by_hand(operation, wanted)
        name = repr(self.table.name)
        table = code.replace(f"op.create_table({name},", f"sa.Table({name}, sa.MetaData(),", 1)
        imports = "".join(f"{line}\n" for line in table.splitlines() if line.startswith("from "))
        table = table.removeprefix(imports)
        options = table_options(properties, "sqlite")
        arguments = [name, "recreate='always'", *([f"table_kwargs={options!r}"] if options else []), f"copy_from={table}"]
        joined = ",\n".join(arguments)
        return f"{imports}with op.batch_alter_table(\n{indented(joined)},\n) as batch_op:\n    pass"

    def _by_hand(self, operation: CreateTableOp, wanted: Objects) -> str:
        """Do what a batch does in plain SQL: a batch has no class for some type, or would copy a generated column."""
        table, aside = quoted(self.table.name, "sqlite"), quoted(f"_new_{self.table.name}", "sqlite")
        operation.table_name = f"_new_{self.table.name}"
        kept = [key.name for key, own in wanted.items() if key.kind == "column" and key in self.actual and not own["generated"]]
        columns = ", ".join(quoted(name, "sqlite") for name in kept)
        copied = f"INSERT INTO {aside} ({columns}) SELECT {columns} FROM {table}"  # noqa: S608 - names, quoted
        statements = (copied, f"DROP TABLE {table}", f"ALTER TABLE {aside} RENAME TO {table}")
        return "\n".join(map(execute, (*statements_of(operation, "sqlite"), *statements)))


def needs_rebuild(difference: Difference) -> bool:
    """Say whether ALTER TABLE of SQLite can settle a difference in a table's part, or a rebuild must."""
    key = difference.key
    if key.kind == "table":
        return difference.change is Change.CHANGED
    if key.kind in CONSTRAINTS:
        return True
    if key.kind != "column" or difference.change is Change.RENAMED:
        return False
    if difference.change is Change.EXTRA:
        return any(_mentions(properties, key.name) for other, properties in difference.table.items() if other != key)
    if difference.change is Change.MISSING and difference.expected is not None:
        properties = difference.expected
        is_addable = properties["nullable"] or _is_constant(properties["default"])
        is_constant = properties["default"] is None or _is_constant(properties["default"])
        is_stored = str(properties["generated"]).endswith("STORED")
        return is_stored or not (is_addable and is_constant) or bool(properties["on_conflict"])
    return True


def _settled(actual: Objects, differences: Sequence[Difference]) -> dict[Key, Properties]:
    columns = [one for one in differences if one.key.kind == "column" and one.change is Change.RENAMED]
    wanted = dict(under_expected_names(actual, [Renamed(one.key, one.key.named(str(one.renamed_to))) for one in columns]))
    for difference in differences:
        key = difference.key
        if difference.change in (Change.EXTRA, Change.RENAMED, Change.CHANGED):
            wanted.pop(Key(key.kind, key.schema, key.table, difference.renamed_to or key.name), None)
        if difference.expected is not None:
            wanted[key] = difference.expected
    lost = {one.key.name for one in differences if one.key.kind == "column" and one.change is Change.EXTRA}
    return {key: own for key, own in wanted.items() if key.kind == "column" or not lost & set(names(own.get("columns")))}


def _inside(objects: Objects) -> dict[Key, Properties]:
    return {key: value for key, value in objects.items() if key.kind == "column" or key.kind in CONSTRAINTS}


def _addable(properties: Properties) -> Properties:
    return properties if _is_constant(properties["default"]) else {**properties, "default": None}


def _is_constant(default: Value) -> bool:
    text = str(default)
    is_number = text[0] in "+-." or text[0].isdigit()
    return default is not None and (text[0] in "'xX" if not is_number else " " not in text)


def _mentions(properties: Properties, name: str) -> bool:
    return any(name in part for value in properties.values() for part in (names(value) or [str(value)]))


def _is_reflected(item: tuple[Key, Properties]) -> bool:
    """Say whether SQLAlchemy's reflection tells all of an object, so that a batch keeps it."""
    key, properties = item
    if key.kind in ("trigger", "view"):
        return False
    if key.kind == "index":
        return properties["predicate"] is None and all(term.isidentifier() for term in names(properties["columns"]))
    if any(
        properties.get(name) for name in ("on_conflict", "collation", "generated", "strict", "without_rowid", "autoincrement")
    ):
        return False
    if key.kind == "check":
        return name_of(key) is not None and "(" not in str(properties["expression"])
    return key.kind == "primary key" or key.kind not in CONSTRAINTS or name_of(key) is not None


def _is_simple(difference: Difference) -> bool:
    key = difference.key
    sides = [side for side in (difference.expected, difference.actual) if side is not None]
    if key.kind == "table" or not all(_is_reflected((key, side)) for side in sides):
        return False
    if key.kind in CONSTRAINTS:
        return name_of(key) is not None and not (difference.renamed_to or "").startswith("(")
    if difference.change is Change.CHANGED:
        return set(difference.changed_properties()) <= _BY_BATCH
    return difference.change is Change.EXTRA


def _batch_lines(difference: Difference) -> Iterator[str]:
    key = difference.key
    if key.kind == "column":
        if difference.change is Change.EXTRA:
            yield f"batch_op.drop_column({key.name!r})"
        elif difference.expected is not None and difference.actual is not None:
            differs = set(difference.changed_properties())
            operation = alter_operation(key, difference.expected, difference.actual, differs, "sqlite")
            code = rendered([operation], "sqlite")
            yield code.replace(f"op.alter_column({key.table!r}, ", "batch_op.alter_column(")
        return
    if difference.change is not Change.MISSING:
        yield f"batch_op.drop_constraint({difference.renamed_to or key.name!r}, type_={TYPE_NAMES[key.kind]!r})"
    if difference.expected is not None:
        yield _create_in_batch(key, difference.expected)


def _create_in_batch(key: Key, properties: Properties) -> str:
    if key.kind == "check":
        return f"batch_op.create_check_constraint({key.name!r}, {as_text(check_text(properties))!r})"
    columns = names(properties["columns"])
    if key.kind == "foreign key":
        _, table = referred(properties)
        options = "".join(f", {name}={value!r}" for name, value in foreign_key_options(properties, "sqlite").items())
        referred_columns = names(properties["referred_columns"])
        return f"batch_op.create_foreign_key({key.name!r}, {table!r}, {columns!r}, {referred_columns!r}{options})"
    call = "create_primary_key" if key.kind == "primary key" else "create_unique_constraint"
    return f"batch_op.{call}({key.name!r}, {columns!r})"
