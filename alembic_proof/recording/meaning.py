"""What a statement in its normal form is about: its tables, what each of its values is for, and what it gives back. Pure.

It reads no more of SQL than that takes. What it cannot tell it leaves open, and a value of the recorded type is taken there.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import msgspec

from alembic_proof.recording.columns import Named, column, column_of_value, columns_given
from alembic_proof.recording.normal import begins_a_query
from alembic_proof.recording.words import Group, Node, Sort, Word, parted, tree

_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "VALUES")
_TABLE_FOLLOWS = ("FROM", "JOIN", "INTO", "UPDATE", "USING")
_NO_ALIAS = frozenset(
    """
    ON USING WHERE SET VALUES VALUE SELECT JOIN LEFT RIGHT INNER OUTER FULL CROSS NATURAL GROUP ORDER HAVING LIMIT OFFSET UNION
    EXCEPT INTERSECT RETURNING DEFAULT FOR WINDOW FETCH WITH OVERRIDING TABLESAMPLE INDEXED NOT
    """.split()  # noqa: SIM905 - one word to a line would say no more in 37 lines
)
_ENDS_SET = ("WHERE", "FROM", "RETURNING", "ORDER", "LIMIT")


class Slot(msgspec.Struct, frozen=True):
    """One value: the types that stood there, and the column that it is for, if that can be told.

    `position` counts columns from 0 where an INSERT names none. `is_written` says that it becomes the column's value.
    """

    types: frozenset[str]
    column: Named | None = None
    position: int | None = None
    is_written: bool = False


class Meaning(msgspec.Struct, frozen=True):
    """What a statement is about. `tables` are those of all its parts; `aliases` give their other names.

    `writes` is the table of an INSERT, UPDATE or DELETE. `gives` are the columns that come back, in order; empty where that
    cannot be told. `names` are all words that can be names.
    """

    verb: str
    tables: frozenset[Named]
    aliases: Mapping[str, Named]
    writes: Named | None
    slots: tuple[Slot, ...]
    gives: tuple[Named | None, ...]
    names: frozenset[str]

    @property
    def is_of_the_catalog(self) -> bool:
        """Whether it names no table of anybody's own."""
        return all(_is_of_the_catalog(table) for table in self.tables)


@lru_cache(maxsize=4096)
def meaning_of(text: str, dialect: str) -> Meaning:
    """Read a statement in its normal form."""
    nodes = tree(text, dialect)
    reader = _Reader()
    reader.read(nodes)
    return Meaning(
        verb=_verb(nodes),
        tables=frozenset(table for table in reader.tables if table[0] is not None or table[1] not in reader.own_names),
        aliases=reader.aliases,
        writes=reader.writes,
        slots=tuple(reader.slots),
        gives=tuple(columns_given(nodes)),
        names=frozenset(word.name.lower() for word in _all_words(nodes) if word.is_name),
    )


def _verb(nodes: Sequence[Node]) -> str:
    """Name what the statement does: of WITH, what its last part does."""
    for node in nodes:
        if isinstance(node, Group):
            if node is nodes[0] and begins_a_query(node):
                return "SELECT"
        elif node.says(*_VERBS) or (node is nodes[0] and not node.says("WITH")):
            return node.text.upper()
    return ""


def _is_of_the_catalog(table: Named) -> bool:
    schema, name = table
    in_schemas = {"pg_catalog", "information_schema", "mysql", "performance_schema", "sys"}
    return schema in in_schemas or name.startswith(("pg_", "sqlite_", "pragma_"))


def _all_words(nodes: Sequence[Node]) -> Iterator[Word]:
    for node in nodes:
        if isinstance(node, Group):
            yield from _all_words(node.nodes)
        else:
            yield node


def _types(place: Word) -> frozenset[str]:
    return frozenset(place.text[1:-1].split("|"))


class _Reader(msgspec.Struct):
    """Goes through a statement once; values are met in the order in which they stand."""

    tables: set[Named] = msgspec.field(default_factory=set)
    aliases: dict[str, Named] = msgspec.field(default_factory=dict)
    own_names: set[str] = msgspec.field(default_factory=set)
    writes: Named | None = None
    slots: list[Slot] = msgspec.field(default_factory=list)

    def read(self, nodes: Sequence[Node]) -> None:
        """Read some nodes, and the groups among them."""
        sets, rows = False, False
        inserted: list[Named | None] = []
        for number, node in enumerate(nodes):
            before = nodes[number - 1] if number else None
            if isinstance(node, Group):
                if rows:
                    self._read_row(node, inserted)
                elif isinstance(before, Word) and before.is_name and self._is_insert_into(nodes, number):
                    inserted = [column(part) for part in parted(node.nodes)]
                else:
                    self._read_group(nodes, number, node)
                continue
            if node.says("SET"):
                sets = True
            elif node.says(*_ENDS_SET):
                sets = False
            rows = node.says("VALUES", "VALUE") or (rows and node.is_sign(","))
            if node.says(*_TABLE_FOLLOWS) and not self._is_no_table(nodes, number):
                self._read_tables(nodes, number)
            elif node.says("AS") and number + 1 < len(nodes):
                self._note_own_name(nodes, number)
            if node.sort is Sort.PLACE:
                its = column_of_value(nodes, number)
                self.slots.append(Slot(_types(node), its, is_written=sets and its is not None))

    def _is_insert_into(self, nodes: Sequence[Node], number: int) -> bool:
        """Whether the group is the list of an INSERT's columns."""
        words = [node for node in nodes[max(0, number - 4) : number] if isinstance(node, Word)]
        return any(word.says("INTO") for word in words)

    def _read_row(self, row: Group, columns: Sequence[Named | None]) -> None:
        for position, part in enumerate(parted(row.nodes)):
            its = columns[position] if position < len(columns) else None
            at = len(self.slots)
            self.read(part)
            for number in range(at, len(self.slots)):
                slot = self.slots[number]
                if slot.column is None:
                    self.slots[number] = Slot(slot.types, its, None if columns else position, is_written=True)

    def _read_group(self, nodes: Sequence[Node], number: int, group: Group) -> None:
        at = len(self.slots)
        self.read(group.nodes)
        its = column_of_value(nodes, number)
        if its is not None and not begins_a_query(group):
            self.slots[at:] = [slot if slot.column else Slot(slot.types, its) for slot in self.slots[at:]]

    def _is_no_table(self, nodes: Sequence[Node], number: int) -> bool:
        """Whether FROM, UPDATE or USING means something else here: EXTRACT(year FROM x), FOR UPDATE, USING (id)."""
        before = nodes[number - 1] if number else None
        word = nodes[number]
        assert isinstance(word, Word)
        if word.says("UPDATE"):
            return isinstance(before, Word) and before.says("FOR", "DO", "KEY", "OF")
        if word.says("FROM"):
            of_statement = any(isinstance(n, Word) and n.says("SELECT", "DELETE", "UPDATE") for n in nodes[:number])
            return not of_statement or (
                isinstance(before, Word) and before.says("DISTINCT") and self._is_is_distinct(nodes, number)
            )
        return False

    def _is_is_distinct(self, nodes: Sequence[Node], number: int) -> bool:
        return number > 1 and isinstance(word := nodes[number - 2], Word) and word.says("IS", "NOT")

    def _read_tables(self, nodes: Sequence[Node], number: int) -> None:
        """Read the tables after FROM, JOIN, INTO, UPDATE or USING, and their aliases."""
        keyword = nodes[number]
        assert isinstance(keyword, Word)
        for part in parted(nodes[number + 1 :]):
            table, rest = _table(part)
            if table is None:
                if part and isinstance(part[0], Group) and keyword.says("FROM", "USING"):
                    continue  # a query of its own, or a join in parentheses: it is read by itself
                return
            self.tables.add(table)
            self.aliases.setdefault(table[1], table)
            alias = next((node for node in rest if not (isinstance(node, Word) and node.says("AS"))), None)
            if isinstance(alias, Word) and alias.is_name and (alias.sort is Sort.QUOTED or alias.text.upper() not in _NO_ALIAS):
                self.aliases[alias.name.lower()] = table
            is_written = keyword.says("INTO", "UPDATE") or (keyword.says("FROM") and _is_delete(nodes, number))
            if is_written and self.writes is None:
                self.writes = table
            if not keyword.says("FROM", "USING") or any(isinstance(n, Word) and n.text.upper() in _NO_ALIAS for n in rest):
                return

    def _note_own_name(self, nodes: Sequence[Node], number: int) -> None:
        """Note the name that a WITH gives: name AS (, name (columns) AS MATERIALIZED (."""
        after = [
            node for node in nodes[number + 1 : number + 4] if not (isinstance(node, Word) and node.says("NOT", "MATERIALIZED"))
        ]
        before = [node for node in nodes[max(0, number - 2) : number] if isinstance(node, Word)]
        if after and isinstance(after[0], Group) and before and before[-1].is_name:
            self.own_names.add(before[-1].name.lower())


def _is_delete(nodes: Sequence[Node], number: int) -> bool:
    before = nodes[number - 1] if number else None
    return isinstance(before, Word) and before.says("DELETE")


def _table(part: Sequence[Node]) -> tuple[Named | None, Sequence[Node]]:
    """Read a table's name at the beginning; what follows it comes with it."""
    left = list(part)
    while left and isinstance(left[0], Word) and left[0].says("ONLY", "LATERAL", "IGNORE"):
        left.pop(0)
    names: list[str] = []
    while left and isinstance(left[0], Word) and left[0].is_name:
        names.append(left.pop(0).name.lower())  # type: ignore[union-attr]  # the line above has looked
        if not (left and isinstance(left[0], Word) and left[0].is_sign(".")):
            break
        left.pop(0)
    if not names or (left and isinstance(left[0], Group) and not left[0].is_apart):  # what looks like a table is a function
        return None, left
    return (names[-2] if len(names) > 1 else None, names[-1]), left
