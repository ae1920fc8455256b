"""A snapshot as text: each object in one line, tables with their parts below, in a stable order that suits `git diff`.

Code of several lines, a function's for one, keeps its lines.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from alembic_proof.schema.snapshot import KINDS_WITH_PARTS, Key, Snapshot, Value

Properties = Mapping[str, Value]

_PART_ORDER = ("column", "primary key", "unique", "foreign key", "check", "exclusion", "index", "trigger", "rule", "policy")
_FREE_ORDER = (
    "database", "schema", "extension", "collation", "enum", "domain", "composite type", "range type", "sequence", "table",
)  # fmt: skip
_LAST = len(_FREE_ORDER) + len(_PART_ORDER)
_SAID = frozenset({"type", "nullable", "default", "columns", "expression", "definition", "labels", "position", "referred_table"})
_SAID |= frozenset({"referred_columns", "unique", "method", "predicate", "checks", "attributes"})
_USUAL: Mapping[str, tuple[Value, ...]] = {
    "method": ("btree", "BTREE"),
    "on_delete": ("NO ACTION",),
    "on_update": ("NO ACTION",),
    "replica_identity": ("DEFAULT",),
    "validated": (True,),
    "valid": (True,),
    "enforced": (True,),
    "populated": (True,),
    "enabled": ("ORIGIN",),
}


def as_text(snapshot: Snapshot) -> str:
    """Write the whole snapshot, one object a line, a table's parts indented below it."""
    parts: defaultdict[tuple[str | None, str], list[Key]] = defaultdict(list)
    free: list[Key] = []
    for key in snapshot.objects:
        if key.table is None:
            free.append(key)
        else:
            parts[key.schema, key.table].append(key)
    lines: list[str] = []
    for key in sorted(free, key=lambda key: (_rank(_FREE_ORDER, key.kind), key.kind, key.schema or "", key.name)):
        lines.extend(stated_lines(key, snapshot.objects[key]))
        if key.kind in KINDS_WITH_PARTS:
            own = parts.pop((key.schema, key.name), ())
            lines.extend(f"    {part}" for part in stated_parts({part: snapshot.objects[part] for part in own}))
    return "\n".join(lines) + "\n" if lines else ""


def stated_parts(parts: Mapping[Key, Properties]) -> list[str]:
    """Write the parts of a table each in a line: the columns in their order, then its constraints, indexes and the rest."""

    def place(key: Key) -> tuple[int, int, str]:
        position = parts[key].get("position")
        return _rank(_PART_ORDER, key.kind), position if isinstance(position, int) else 0, key.name

    return [told for key in sorted(parts, key=place) for told in stated_lines(key, parts[key])]


def stated_lines(key: Key, properties: Properties) -> list[str]:
    """Write one object in a line, and code of several lines below it as it is."""
    definition = properties.get("definition")
    if not isinstance(definition, str) or "\n" not in definition.strip():
        return [stated(key, properties)]
    head = stated(key, {name: value for name, value in properties.items() if name != "definition"})
    return [f"{head} AS", *(f"    {told}".rstrip() for told in definition.strip("\n").splitlines())]


def stated(key: Key, properties: Properties, parts: Mapping[Key, Properties] | None = None) -> str:
    """Write one object in a line, with what is not as usual about it."""
    table = None if key.table is None else key.table if key.schema is None else f"{key.schema}.{key.table}"
    own = f"({', '.join(part.name for part in parts if part.kind == 'column')})" if parts and key.kind == "table" else ""
    place = key.full_name if key.kind == "column" or table is None else f"{key.name} ON {table}"
    if key.name.startswith("(") and table is not None:
        place = f"ON {table}"
    words = [key.kind.upper(), place, own, *_essence(key, properties)]
    words += [_said(name, value) for name, value in properties.items() if name not in _SAID and not _is_usual(name, value)]
    return " ".join(word for word in words if word)


def _essence(key: Key, properties: Properties) -> Iterable[str]:
    """Say what an object is, in the words of SQL."""
    method = properties.get("method")
    yield "UNIQUE" if properties.get("unique") else ""
    yield f"USING {method}" if method not in (None, *_USUAL["method"]) else ""
    yield _list(properties["columns"]) if "columns" in properties else ""
    if "referred_table" in properties:
        yield f"REFERENCES {properties['referred_table']} {_list(properties['referred_columns'])}"
    yield from (_list(properties[name]) for name in ("labels", "attributes", "checks") if properties.get(name))
    yield str(properties.get("type") or "")
    if key.kind in ("column", "domain"):
        yield "" if properties["nullable"] else "NOT NULL"
        yield "" if properties["default"] is None else f"DEFAULT {properties['default']}"
    yield f"({properties['expression']})" if "expression" in properties else ""
    yield f"WHERE {properties['predicate']}" if properties.get("predicate") else ""
    yield f"AS {' '.join(str(properties['definition']).split())}" if properties.get("definition") else ""


def _rank(order: tuple[str, ...], kind: str) -> int:
    return order.index(kind) if kind in order else _LAST


def _is_usual(name: str, value: Value) -> bool:
    return value is None or value is False or value == () or value in _USUAL.get(name, ())


def _said(name: str, value: Value) -> str:
    words = name.replace("_", " ").upper()
    return words if value is True else f"{words} {_list(value)}" if isinstance(value, tuple) else f"{words} {value}"


def _list(value: Value) -> str:
    return f"({', '.join(value)})" if isinstance(value, tuple) else str(value)
