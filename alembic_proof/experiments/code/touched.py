"""What of one schema another one changes, as far as code that was written for the one can notice. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from alembic_proof.rows.tables import Table
from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.snapshot import Key, Snapshot, Value

Tables = Mapping[str, Table]

_WORD = re.compile(r"\w+")
_VIEWS = ("view", "materialized view")
_FOR_NEW_CODE = ("table", "virtual table", "column", "function", "procedure", *_VIEWS)
_ROW_SECURITY = frozenset({"row_security", "force_row_security"})
_UNNOTICED = frozenset({"comment", "position"})


_LETS_GO = ("CASCADE", "SET NULL", "SET DEFAULT")
_DEMANDS = ("primary key", "unique", "foreign key", "check", "exclusion", "index")


class Standing(msgspec.Struct, frozen=True):
    """What both schemas demand of a table's rows: constraints by name, and the sets of columns that tell rows apart."""

    names: frozenset[str] = frozenset()
    uniques: frozenset[frozenset[str]] = frozenset()


class Touched(msgspec.Struct):
    """What changes about one table of the own schema. `differences` are the changes that are to blame."""

    is_gone: bool = False
    gone: list[str] = msgspec.field(default_factory=list)
    required: list[str] = msgspec.field(default_factory=list)
    columns: dict[str, None] = msgspec.field(default_factory=dict)
    wants_twins: bool = False
    differences: list[Difference] = msgspec.field(default_factory=list)
    standing: Standing = msgspec.field(default_factory=Standing)

    @property
    def is_more_than_new(self) -> bool:
        """Whether there is more to try than what the other schema lacks altogether."""
        return not self.is_gone and bool(self.columns or self.required or self.wants_twins)


Names = AbstractSet[tuple[str | None, str]]


def concerned(schemas: Sequence[Snapshot], differences: Sequence[Difference], more: Names = frozenset()) -> Sequence[Snapshot]:
    """Keep of each schema the tables that differences are about, `more`, and what their rows refer to: there may be many."""
    if not differences:
        return [Snapshot() for _ in schemas]
    names = {*more, *((one.key.schema, one.key.table or one.key.name) for one in differences)}
    names |= {(one.key.schema, one.renamed_to) for one in differences if one.renamed_to is not None}
    types = {one.key.full_name for one in differences if one.key.kind in ("enum", "domain")}
    referred: dict[tuple[str | None, str], list[str]] = {}
    for key, properties in (item for schema in schemas for item in schema.objects.items()):
        if key.kind == "foreign key" and key.table is not None:
            referred.setdefault((key.schema, key.table), []).append(str(properties["referred_table"]))
        elif key.kind == "column" and types and str(properties["type"]).removesuffix("[]") in types:
            names.add((key.schema, str(key.table)))
    waiting = list(names)
    while waiting:
        for full_name in referred.get(waiting.pop(), ()):
            stated, _, name = full_name.rpartition(".")
            parents = {(stated or None, name), (None, full_name)} - names
            names |= parents
            waiting.extend(parents)
    return [_only(schema, names) for schema in schemas]


def _only(schema: Snapshot, names: Names) -> Snapshot:
    kept = {
        key: properties
        for key, properties in schema.objects.items()
        if (key.schema, key.table or key.name) in names or key.kind in ("enum", "domain")
    }
    return Snapshot(kept, schema.not_read)


def touched_by(differences: Sequence[Difference], own: Snapshot, tables: Tables, other: Tables) -> dict[str, Touched]:
    """Say which tables of the own schema (expected) the other (actual) changes, and which columns have to be tried."""
    touched: dict[str, Touched] = {}
    for difference in differences:
        of_type = difference.key.kind in ("enum", "domain")
        concerned = _of_type(difference.key.full_name, own) if of_type else _concerned(difference, tables, other)
        for name, columns in concerned:
            one = touched.setdefault(name, Touched())
            one.differences.append(difference)
            one.columns.update(dict.fromkeys(columns))
            _note(one, difference)
    for name, one in touched.items():
        one.standing = _standing(own, tables[name], differences)
    return touched


def _standing(own: Snapshot, table: Table, differences: Sequence[Difference]) -> Standing:
    """Name what a table demands of its rows in the other schema as in the own one."""
    changed = {one.key for one in differences}
    same = {
        key: one
        for key, one in own.objects.items()
        if key.table == table.name and key.schema == table.schema and key not in changed
    }
    keys = {key: one for key, one in same.items() if key.kind in _DEMANDS}
    sets = (one.get("columns") for key, one in keys.items() if key.kind in ("unique", "primary key", "index"))
    return Standing(
        frozenset(key.name for key in keys), frozenset(frozenset(columns) for columns in sets if isinstance(columns, tuple))
    )


def touched_views(differences: Sequence[Difference]) -> dict[tuple[str | None, str], Difference]:
    """Name the views of the own schema that are gone or otherwise defined, by schema and name."""
    changes = (
        difference for difference in differences if difference.key.kind in _VIEWS and difference.change is not Change.EXTRA
    )
    return {(one.key.schema, one.key.name): one for one in changes if _is_noticed(one)}


def additions(differences: Sequence[Difference]) -> tuple[str, ...]:
    """Name what only the other schema has, and its code will use."""
    added = [one.key for one in differences if one.change is Change.EXTRA and one.key.kind in _FOR_NEW_CODE]
    renamed = [
        (one.key, str(one.renamed_to)) for one in differences if one.change is Change.RENAMED and one.key.kind in _FOR_NEW_CODE
    ]
    return tuple(dict.fromkeys([*(key.full_name for key in added), *(key.named(name).full_name for key, name in renamed)]))


def unseen_rows(differences: Sequence[Difference]) -> dict[str, str]:
    """Say of which tables row security changes: what is sent here is sent by the tables' owner, who sees all rows."""
    found: dict[str, str] = {}
    of_both = (one for one in differences if one.key.kind != "table" or one.change is Change.CHANGED)
    others = {one.key for one in differences if one.key.kind == "table" and one.change is not Change.CHANGED}
    for one in of_both:
        if one.key.owner in others:
            continue
        is_switched = one.key.kind == "table" and _ROW_SECURITY & {*one.changed_properties()}
        if is_switched or (one.key.kind == "policy" and one.key.owner is not None):
            table = (one.key.owner or one.key).full_name
            found[table] = (
                f"row security of {table} changes, which does not hold back the owner of the tables, by whom all was sent"
            )
    return found


def noticed_names(differences: Sequence[Difference]) -> frozenset[str]:
    """Name what statements can notice: tables, views, functions, types; in lower case."""
    keys = (one.key for one in differences if _is_noticed(one))
    renamed = (one.renamed_to for one in differences if one.renamed_to is not None and one.key.table is None)
    return frozenset(name.lower() for name in (*(key.table or key.name for key in keys), *renamed))


def let_go(differences: Sequence[Difference]) -> dict[str, set[Key]]:
    """Name the parents whose rows may go in the own schema (expected) though others refer to them, by another rule in the other.

    A parent's name is in lower case, without its schema; with it go the tables whose foreign key has the other rule.
    """
    found: dict[str, set[Key]] = {}
    for one in differences:
        if one.key.kind == "foreign key" and one.key.owner is not None and "on_delete" in one.changed_properties():
            own = one.expected or {}
            if own["on_delete"] in _LETS_GO:
                found.setdefault(str(own["referred_table"]).rpartition(".")[2].lower(), set()).add(one.key.owner)
    return found


def _note(one: Touched, difference: Difference) -> None:
    key, is_lost = difference.key, difference.change in (Change.MISSING, Change.RENAMED)
    if key.kind == "table":
        one.is_gone = is_lost
    elif key.kind == "column" and is_lost:
        one.gone.append(key.name)
        one.columns.pop(key.name, None)
    elif key.kind == "column" and difference.change is Change.EXTRA:
        one.required.append(key.name)
    elif key.kind in ("unique", "primary key", "exclusion", "index"):
        one.wants_twins = True


def _of_type(type_: str, own: Snapshot) -> Iterator[tuple[str, Sequence[str]]]:
    """Name the columns that use an enum or a domain."""
    for key in own.of_kind("column"):
        if own.objects[key]["type"] in (type_, f"{type_}[]") and key.owner is not None:
            yield key.owner.full_name, [key.name]


def _concerned(difference: Difference, own: Tables, other: Tables) -> Iterator[tuple[str, Sequence[str]]]:
    """Name the tables that a difference is about, with the columns that it can make a difference to."""
    key = difference.key
    if not _is_noticed(difference):
        return
    owner = key if key.kind == "table" else key.owner
    if owner is None or owner.full_name not in own:
        return
    table = own[owner.full_name]
    names = [column.name for column in table.columns]
    match key.kind:
        case "table":
            yield table.full_name, names
        case "column" if difference.change is Change.EXTRA:
            after = other.get(table.full_name)
            column = next((one for one in after.columns if one.name == key.name), None) if after else None
            if column is not None and not column.nullable and not column.fills_itself and not column.is_generated:
                yield table.full_name, ()
        case "column":
            yield table.full_name, [key.name]
        case _ if difference.change not in (Change.MISSING, Change.RENAMED):  # what is no longer demanded breaks nobody
            yield table.full_name, _mentioned(difference, names)


def _is_noticed(difference: Difference) -> bool:
    """Whether any statement can tell: an index that is not unique only changes the time that it takes."""
    if difference.change is Change.CHANGED and _UNNOTICED.issuperset(difference.changed_properties()):
        return False
    if difference.key.kind != "index":
        return True
    return any(side is not None and bool(side.get("unique")) for side in (difference.expected, difference.actual))


def _mentioned(difference: Difference, names: Sequence[str]) -> Sequence[str]:
    """The columns that a constraint, index or trigger is about; all of them where it does not say."""
    actual = difference.actual or {}
    stated: Value = actual.get("columns")
    words = set(_WORD.findall(str(actual.get("expression", "")) if stated is None else " ".join(map(str, _texts(stated)))))
    return [name for name in names if name in words] or names


def _texts(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)
