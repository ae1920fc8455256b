"""Tables as rows see them: what a row needs, what it refers to, and in which order tables can be filled."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from alembic_proof.schema.snapshot import Key, Snapshot, Value

_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_PLAIN_NAME = re.compile(r'^"?([^"()]+?)"?(?: COLLATE \S+)?(?: DESC)?$')


class Column(msgspec.Struct, frozen=True):
    """One column. `type` is the database's own word, with a domain's base in a domain's place; `labels` are those of an enum.

    `checks` are the texts of all CHECK constraints that mention it. `fills_itself` says that a row may leave it out and gets a
    value that is not NULL; `is_counted` that the database counts it up.
    """

    table: str
    name: str
    type: str
    nullable: bool
    fills_itself: bool = False
    is_counted: bool = False
    is_always_counted: bool = False
    is_generated: bool = False
    labels: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    collation: str | None = None

    @property
    def full_name(self) -> str:
        return f"{self.table}.{self.name}"


class ForeignKey(msgspec.Struct, frozen=True):
    """What a row refers to; `referred_table` is a full name."""

    name: str
    columns: tuple[str, ...]
    referred_table: str
    referred_columns: tuple[str, ...]
    on_delete: str | None = None
    is_deferrable: bool = False


class Table(msgspec.Struct, frozen=True):
    """One table that rows are written into. `uniques` are the sets of columns that tell its rows apart, the key's first."""

    schema: str | None
    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...] = ()
    uniques: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()

    @property
    def full_name(self) -> str:
        return self.name if self.schema is None else f"{self.schema}.{self.name}"

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def may_be_null(self, key: ForeignKey) -> bool:
        return any(self.column(name).nullable for name in key.columns)


def tables_of(snapshot: Snapshot) -> dict[str, Table]:
    """Read the tables that rows can be written into, by full name. A partition's rows are its parent's."""
    parts: defaultdict[Key, list[Key]] = defaultdict(list)
    for key in snapshot.objects:
        if key.owner is not None:
            parts[key.owner].append(key)
    types = _Types(snapshot)
    return {
        key.full_name: _table(key, parts[key], snapshot, types)
        for key in snapshot.of_kind("table")
        if snapshot.objects[key].get("partition_bound") is None and not snapshot.objects[key].get("foreign")
    }


class _Types:
    """The types that the schema makes for itself."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._enums = {key.full_name: _texts(snapshot.objects[key]["labels"]) for key in snapshot.of_kind("enum")}
        self._domains = {key.full_name: snapshot.objects[key] for key in snapshot.of_kind("domain")}

    def labels(self, type_: str) -> tuple[str, ...]:
        return self._enums.get(_unquoted(type_.removesuffix("[]")), ())

    def base(self, type_: str) -> tuple[str, bool, tuple[str, ...]]:
        """Resolve a domain: its base type, whether it takes NULL, its checks."""
        domain = self._domains.get(_unquoted(type_))
        if domain is None:
            return type_, True, ()
        base, takes_null, checks = self.base(str(domain["type"]))
        return base, takes_null and bool(domain["nullable"]), (*checks, *_texts(domain["checks"]))


def _table(key: Key, parts: Iterable[Key], snapshot: Snapshot, types: _Types) -> Table:
    objects = snapshot.objects
    by_kind: defaultdict[str, list[Key]] = defaultdict(list)
    for part in parts:
        by_kind[part.kind].append(part)
    checks = [str(objects[check]["expression"]) for check in by_kind["check"]]
    primary_key = next((_texts(objects[one]["columns"]) for one in by_kind["primary key"]), ())
    uniques = [_texts(objects[one]["columns"]) for one in by_kind["unique"]]
    unique_indexes = (index for index in by_kind["index"] if objects[index].get("unique"))
    uniques.extend(tuple(_bare(term) for term in _texts(objects[index]["columns"])) for index in unique_indexes)
    columns = sorted(by_kind["column"], key=lambda column: _position(objects[column]))
    return Table(
        schema=key.schema,
        name=key.name,
        columns=tuple(_column(one, objects[one], types, checks, primary_key) for one in columns),
        primary_key=primary_key,
        uniques=tuple(dict.fromkeys(([primary_key] if primary_key else []) + uniques)),
        foreign_keys=tuple(
            _foreign_key(one.name, objects[one]) for one in by_kind["foreign key"] if objects[one].get("enforced", True)
        ),
    )


def _column(
    key: Key, properties: Mapping[str, Value], types: _Types, checks: Iterable[str], primary_key: tuple[str, ...]
) -> Column:
    name = key.name
    declared = str(properties["type"] or "")
    type_, takes_null, of_domain = types.base(declared)
    default, identity = str(properties.get("default") or ""), str(properties.get("identity") or "")
    is_rowid = primary_key == (name,) and declared == "INTEGER"
    is_counted = (
        is_rowid or "nextval(" in default.lower() or bool(identity) or "auto_increment" in str(properties.get("extra") or "")
    )
    mentioning = tuple(check for check in checks if name in _WORD.findall(check))
    if any(check.replace("`", "").lower().startswith("json_valid(") for check in mentioning):
        type_ = "json"  # MariaDB's JSON is a longtext with this CHECK
    return Column(
        table=key.owner.full_name if key.owner else "",
        name=name,
        type=type_,
        nullable=bool(properties["nullable"]) and takes_null and name not in primary_key,
        fills_itself=is_counted or (bool(default) and default.upper() != "NULL"),
        is_counted=is_counted,
        is_always_counted=identity.startswith("ALWAYS"),
        is_generated=bool(properties.get("generated")),
        labels=types.labels(type_),
        checks=(*mentioning, *of_domain),
        collation=str(properties["collation"]) if properties.get("collation") else None,
    )


def _foreign_key(name: str, properties: Mapping[str, Value]) -> ForeignKey:
    return ForeignKey(
        name=name,
        columns=_texts(properties["columns"]),
        referred_table=str(properties["referred_table"]),
        referred_columns=_texts(properties["referred_columns"]),
        on_delete=str(properties["on_delete"]) if properties.get("on_delete") else None,
        is_deferrable=bool(properties.get("deferrable")) and "NOT DEFERRABLE" not in str(properties["deferrable"]).upper(),
    )


def in_dependency_order(tables: Mapping[str, Table]) -> list[Table]:
    """Put parents before children. Where tables refer to each other in a circle, the one with the fewest demands comes first."""
    left = dict(tables)
    ordered: list[Table] = []
    while left:
        demands = {name: [key for key in _demands(table) if key.referred_table in left] for name, table in left.items()}
        hard = {n: [k for k in keys if not left[n].may_be_null(k) and not k.is_deferrable] for n, keys in demands.items()}
        free = min(left, key=lambda name: (len(hard[name]), len(demands[name]), name))
        ordered.append(left.pop(free))
    return ordered


def _demands(table: Table) -> Iterator[ForeignKey]:
    return (key for key in table.foreign_keys if key.referred_table != table.full_name)


def with_relatives(tables: Mapping[str, Table], names: Iterable[str]) -> dict[str, Table]:
    """Add to some tables their children by foreign key, and all parents that any of these need."""
    chosen = {name for name in names if name in tables}
    chosen |= {table.full_name for table in tables.values() if any(key.referred_table in chosen for key in table.foreign_keys)}
    waiting = list(chosen)
    while waiting:
        for key in tables[waiting.pop()].foreign_keys:
            if key.referred_table in tables and key.referred_table not in chosen:
                chosen.add(key.referred_table)
                waiting.append(key.referred_table)
    return {name: table for name, table in tables.items() if name in chosen}


def _position(properties: Mapping[str, Value]) -> int:
    position = properties.get("position")
    return position if isinstance(position, int) else 0


def _bare(term: str) -> str:
    """The column of an index's term; an expression stays as it is, and is no column."""
    plain = _PLAIN_NAME.match(term)
    return plain[1] if plain else term


def _unquoted(type_: str) -> str:
    """A type's name as the snapshot has it: format_type() puts into quotes what needs them."""
    return _QUOTED.sub(lambda quoted: quoted[1].replace('""', '"'), type_)


def _texts(value: Value) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()
