"""Which objects are the same under another name, and the actual schema written with the expected names.

A constraint, an index or an event is renamed when one with the same properties is missing in the same place; a column when one
of the same place and properties is; a table when one with the same columns is, but for the names of fewer than half of them. What
mentions a renamed thing is not told a second time.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from alembic_proof.schema.snapshot import Key, Value

Properties = Mapping[str, Value]
Objects = Mapping[Key, Properties]
Columns = frozenset[tuple[Value, ...]]

_RENAMABLE = frozenset({"primary key", "unique", "foreign key", "check", "exclusion", "index", "event"})


class Renamed(msgspec.Struct, frozen=True):
    """Two keys of one object. Not equal: a table's primary key that changed its name and more."""

    expected: Key
    actual: Key
    is_equal: bool = True


class _Names(msgspec.Struct, frozen=True):
    """The actual names and the expected ones: of tables by key, of columns by the table's expected key."""

    tables: dict[Key, str]
    columns: dict[Key, dict[str, str]]


def find_renames(expected: Objects, actual: Objects) -> tuple[Renamed, ...]:
    """Find renamed tables first, then their columns, then their constraints and indexes."""
    missing = [key for key in expected if key not in actual]
    extra = [key for key in actual if key not in expected]
    if not missing or not extra:
        return ()
    tables = _same_columns(missing, extra, expected, actual)
    translated = under_expected_names(actual, tables)
    columns = _same_place(expected, translated)
    translated = under_expected_names(translated, columns)
    constraints = _same_properties(expected, translated)
    return (*tables, *columns, *constraints)


def under_expected_names(actual: Objects, renames: Iterable[Renamed]) -> Objects:
    """Write the actual schema with the expected names of what was renamed; a changed primary key is left out."""
    renamed = {item.actual: item.expected for item in renames}
    if not renamed:
        return actual
    names = _Names({}, defaultdict(dict))
    for before, after in renamed.items():
        if before.kind == "table":
            names.tables[before] = after.name
        elif before.kind == "column":
            names.columns[Key("table", after.schema, None, str(after.table))][before.name] = after.name
    objects: dict[Key, Properties] = {}
    changed = {item.actual for item in renames if not item.is_equal}
    for key, properties in actual.items():
        if key not in changed:
            own_key, own_properties = _translated(key, properties, names) if names.tables or names.columns else (key, properties)
            objects[renamed.get(own_key, renamed.get(key, own_key))] = own_properties
    return objects


def _same_columns(missing: list[Key], extra: list[Key], expected: Objects, actual: Objects) -> tuple[Renamed, ...]:
    gone = {key for key in missing if key.kind == "table"}
    new = {key for key in extra if key.kind == "table"}
    if not gone or not new:
        return ()
    pictures: defaultdict[object, list[Key]] = defaultdict(list)
    for key, columns in _columns_of(actual, new).items():
        pictures[key.schema, columns].append(key)
    renames = []
    for key, columns in _columns_of(expected, gone).items():
        candidates = pictures[key.schema, columns]
        if len(candidates) == 1 and columns:
            renames.append(Renamed(key, candidates.pop()))
    gone -= {one.expected for one in renames}
    new -= {one.actual for one in renames}
    return (*renames, *_same_shape(_columns_of(expected, gone), _columns_of(actual, new)))


def _same_shape(gone: Mapping[Key, Columns], new: Mapping[Key, Columns]) -> Iterator[Renamed]:
    """Find tables of which some columns were renamed too: the same types in the same places, and most names."""
    likely = {
        key: [other for other, theirs in new.items() if other.schema == key.schema and _are_alike(columns, theirs)]
        for key, columns in gone.items()
    }
    for key, others in likely.items():
        if len(others) == 1 and sum(others[0] in more for more in likely.values()) == 1:
            yield Renamed(key, others[0])


def _are_alike(columns: Columns, others: Columns) -> bool:
    shapes, names = zip(*(({one[1:] for one in side}, {one[0] for one in side}) for side in (columns, others)), strict=True)
    shared = len(names[0] & names[1])
    return shapes[0] == shapes[1] and len(columns) == len(others) and shared > 1 and 2 * shared > len(columns)


def _columns_of(objects: Objects, tables: set[Key]) -> dict[Key, Columns]:
    columns: defaultdict[Key, set[tuple[Value, ...]]] = defaultdict(set)
    for key, properties in objects.items():
        owner = key.owner
        if key.kind == "column" and owner in tables and owner is not None:
            # A serial column's default names its sequence, which kept the name that the table had.
            columns[owner].add((key.name, properties["type"], properties["nullable"], properties.get("position")))
    return {table: frozenset(columns[table]) for table in sorted(tables)}


def _same_place(expected: Objects, actual: Objects) -> tuple[Renamed, ...]:
    places: dict[tuple[Key | None, object], Key] = {}
    for key, properties in actual.items():
        if key.kind == "column" and key not in expected:
            places[key.owner, tuple(sorted(properties.items(), key=_name_of))] = key
    renames = []
    for key, properties in expected.items():
        if key.kind == "column" and key not in actual:
            same = places.pop((key.owner, tuple(sorted(properties.items(), key=_name_of))), None)
            if same is not None:
                renames.append(Renamed(key, same))
    return tuple(renames)


def _name_of(item: tuple[str, Value]) -> str:
    return item[0]


def _same_properties(expected: Objects, actual: Objects) -> tuple[Renamed, ...]:
    candidates: defaultdict[tuple[str, Key | None], list[Key]] = defaultdict(list)
    for key in actual:
        if key.kind in _RENAMABLE and key not in expected:
            candidates[key.kind, key.owner].append(key)
    renames = []
    for key, properties in expected.items():
        if key.kind not in _RENAMABLE or key in actual:
            continue
        others = candidates[key.kind, key.owner]
        same = next((other for other in others if actual[other] == properties), None)
        if same is None and key.kind == "primary key" and others:
            same = others[0]  # a table has only one
        if same is not None:
            others.remove(same)
            renames.append(Renamed(key, same, is_equal=actual[same] == properties))
    return tuple(renames)


def _translated(key: Key, properties: Properties, names: _Names) -> tuple[Key, Properties]:
    own_key = key
    if key.owner in names.tables:
        own_key = Key(key.kind, key.schema, names.tables[key.owner], key.name)
    elif key in names.tables:
        own_key = Key(key.kind, key.schema, None, names.tables[key])
    words = {before.name: after for before, after in names.tables.items()}
    words |= names.columns.get(own_key.owner, {}) if own_key.owner else {}
    referred_words = _columns_of_referred(properties, names)
    translated: dict[str, Value] = {}
    for name, value in properties.items():
        spoken = referred_words if name == "referred_columns" else words
        if name in ("comment", "type", "collation") or not spoken:
            translated[name] = value
        elif isinstance(value, tuple):
            translated[name] = tuple(_with_words(part, spoken) for part in value)
        else:
            translated[name] = _with_words(value, spoken | _owner_words(name, value, names)) if isinstance(value, str) else value
    if own_key.name.startswith("("):  # a constraint without a name is called by what it stands on
        own_key = Key(own_key.kind, own_key.schema, own_key.table, _with_words(own_key.name, words))
    return own_key, translated


def _columns_of_referred(properties: Properties, names: _Names) -> dict[str, str]:
    referred = properties.get("referred_table")
    for table, columns in names.columns.items():
        if referred in (table.full_name, *(old.full_name for old, new in names.tables.items() if new == table.name)):
            return columns
    return {}


def _owner_words(name: str, value: str, names: _Names) -> dict[str, str]:
    if name != "owned_by":
        return {}
    table, _, _ = value.rpartition(".")
    return next((columns for key, columns in names.columns.items() if key.full_name == table), {})


def _with_words(text: str, words: Mapping[str, str]) -> str:
    """Replace whole words. It can only make two texts equal that differ in exactly the renamed name."""
    for before, after in words.items():
        if before in text:
            text = re.sub(rf"(?<!\w){re.escape(before)}(?!\w)", lambda _, name=after: name, text)  # type: ignore[misc] # mypy cannot infer a lambda's default
    return text
