"""What only the stored CREATE TABLE knows: names of constraints, CHECK and generated expressions, collations.

A parser of SQLite's own grammar (https://www.sqlite.org/lang_createtable.html); what it reads was accepted by SQLite before.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from alembic_proof.schema.sqlite.expressions import closing, normal
from alembic_proof.schema.sqlite.lexer import CLOSE, COMMA, OPEN, Sort, Token, items


class UnreadableError(Exception):
    """The statement is not in the grammar that this parser knows."""


class Constraint(NamedTuple):
    """One constraint as written. `columns` is empty for a CHECK; `text` is its expression, or a foreign key's deferral."""

    kind: str
    name: str | None
    columns: tuple[str, ...]
    text: str = ""
    referred_table: str = ""
    on_conflict: str | None = None


class StoredTable(msgspec.Struct):
    """The parts of a CREATE TABLE that no pragma tells. Columns are keyed by name, as written."""

    collations: dict[str, str] = msgspec.field(default_factory=dict)
    generated: dict[str, str] = msgspec.field(default_factory=dict)
    autoincrement: bool = False
    constraints: list[Constraint] = msgspec.field(default_factory=list)
    not_null_conflicts: dict[str, str] = msgspec.field(default_factory=dict)


# A column or constraint without any of these texts holds nothing that the pragmas do not tell, and is not parsed. It is no matter
# if one stands in a name: then it is parsed for nothing.
_TELLING = ("CHECK", "CO", "GENERATED", "AS", "UNIQUE", "PRIMARY", "FOREIGN", "REFERENCES")  # COLLATE, CONSTRAINT, CONFLICT
_OPENS_A_CONSTRAINT = ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")


@lru_cache(maxsize=4096)
def parse_table(sql: str) -> StoredTable:
    """Parse a stored CREATE TABLE; raises UnreadableError."""
    table = StoredTable()
    try:
        for words in items(sql, _TELLING):
            constraint = _plain_key(words)
            if constraint is not None:
                table.constraints.append(constraint)
            else:
                _Parser(words, table).parse()
    except IndexError as error:
        raise UnreadableError(sql) from error
    return table


_KEY = Token(Sort.KEYWORD, "KEY")
_CONSTRAINT = Token(Sort.KEYWORD, "CONSTRAINT")
_PRIMARY_KEY = (Token(Sort.KEYWORD, "PRIMARY"), _KEY, OPEN)
_FOREIGN_KEY = (Token(Sort.KEYWORD, "FOREIGN"), _KEY, OPEN)
_REFERENCES = (CLOSE, Token(Sort.KEYWORD, "REFERENCES"))


def _plain_key(words: tuple[Token, ...]) -> Constraint | None:
    """Read the two forms that most constraints have, in a fifth of the parser's time: a named key of one column, and no more."""
    number = len(words)
    if number not in (7, 12) or words[0] != _CONSTRAINT or words[number - 1] is not CLOSE:
        return None
    name, column = words[1], words[5]
    if name.sort is not Sort.NAME or column.sort is not Sort.NAME:
        return None
    opening = words[2:5]
    if number == 7:  # noqa: PLR2004 - CONSTRAINT name PRIMARY KEY ( column )
        return Constraint("primary key", name.text, (column.text,)) if opening == _PRIMARY_KEY else None
    table = words[8]
    if opening != _FOREIGN_KEY or words[6:8] != _REFERENCES or words[9] is not OPEN or table.sort is not Sort.NAME:
        return None
    return Constraint("foreign key", name.text, (column.text,), referred_table=table.text)


class _Parser:
    """A walk over the tokens of one column or of one table constraint, or of several that no comma parts."""

    def __init__(self, words: Sequence[Token], table: StoredTable) -> None:
        self.words = words
        self.position = 0
        self.table = table

    def parse(self) -> None:
        column: str | None = None
        if not self._next_is(*_OPENS_A_CONSTRAINT):
            column = self._name()
            self._type()
        self._constraints(column)

    def _constraints(self, column: str | None) -> None:
        name: str | None = None
        while self.position < len(self.words):
            word = self.words[self.position]
            if word.sort is not Sort.KEYWORD:
                raise UnreadableError(word.text)
            self.position += 1
            if word.text == "CONSTRAINT":
                name = self._name()
                continue
            self._constraint(word.text, name, column)
            name = None

    def _constraint(self, word: str, name: str | None, column: str | None) -> None:
        own = () if column is None else (column,)
        if word == "CHECK":
            self._add(Constraint("check", name, (), self._group(), on_conflict=self._on_conflict()))
        elif word == "UNIQUE":
            self._add(Constraint("unique", name, own or self._columns(), on_conflict=self._on_conflict()))
        elif word == "PRIMARY":
            self._primary_key(name, own)
        elif word == "FOREIGN":
            self._expect("KEY")
            columns = self._columns()
            self._expect("REFERENCES")
            self._references(name, columns)
        elif word == "REFERENCES":
            self._references(name, own)
        elif column is None:
            raise UnreadableError(word)
        else:
            self._column_property(word, column)

    def _column_property(self, word: str, column: str) -> None:
        if word == "COLLATE":
            self.table.collations[column] = self._name().upper()
        elif word in ("GENERATED", "AS"):
            if word == "GENERATED":
                self._expect("ALWAYS")
                self._expect("AS")
            self.table.generated[column] = self._group()
            if self.position < len(self.words) and self.words[self.position].text.upper() in ("STORED", "VIRTUAL"):
                self.position += 1
        elif word == "DEFAULT":
            self._default()
        elif word in ("NOT", "NULL"):
            if word == "NOT":
                self._expect("NULL")
            conflict = self._on_conflict()
            if conflict is not None:
                self.table.not_null_conflicts[column] = conflict
        else:
            raise UnreadableError(word)

    def _primary_key(self, name: str | None, own: tuple[str, ...]) -> None:
        self._expect("KEY")
        columns = own or self._columns()
        self._take("ASC", "DESC")
        conflict = self._on_conflict()
        if self._take("AUTOINCREMENT"):
            self.table.autoincrement = True
        self._add(Constraint("primary key", name, columns, on_conflict=conflict))

    def _references(self, name: str | None, columns: tuple[str, ...]) -> None:
        table = self._name()
        if self.position < len(self.words) and self.words[self.position] is OPEN:
            self._columns()
        deferral = ""
        while self.position < len(self.words):
            if self._take("ON"):
                self.position += 1  # DELETE or UPDATE; the pragma tells the action
                if self._take("SET", "NO"):
                    self.position += 1
                else:
                    self._expect("CASCADE", "RESTRICT")
            elif self._take("MATCH"):
                self._name()
            elif self._next_is("NOT") and self.words[self.position + 1].is_keyword("DEFERRABLE"):
                self.position += 2
                self._initially()
            elif self._take("DEFERRABLE"):
                deferral = f"DEFERRABLE INITIALLY {self._initially() or 'IMMEDIATE'}"
            else:
                break
        self._add(Constraint("foreign key", name, columns, deferral, referred_table=table))

    def _initially(self) -> str | None:
        if not self._take("INITIALLY"):
            return None
        word = self.words[self.position].text
        self._expect("DEFERRED", "IMMEDIATE")
        return word

    def _on_conflict(self) -> str | None:
        if not (self._next_is("ON") and self.words[self.position + 1].is_keyword("CONFLICT")):
            return None
        self.position += 3
        return self.words[self.position - 1].text

    def _default(self) -> None:
        if self.words[self.position] is OPEN:
            self._group()
            return
        if self.words[self.position].is_sign("+", "-"):
            self.position += 1
        self.position += 1

    def _type(self) -> None:
        while self.position < len(self.words):
            word = self.words[self.position]
            if word is OPEN:
                self.position = closing(self.words, self.position) + 1
            elif word.sort in (Sort.NAME, Sort.LITERAL):
                self.position += 1
            else:
                return

    def _columns(self) -> tuple[str, ...]:
        if self.words[self.position] is not OPEN:
            raise UnreadableError(self.words[self.position].text)
        end = closing(self.words, self.position)
        names, depth, is_first = [], 0, True
        for word in self.words[self.position + 1 : end]:
            depth += (word is OPEN) - (word is CLOSE)
            if depth == 0 and word is COMMA:
                is_first = True
            elif is_first:
                names.append(word.text)
                is_first = False
        self.position = end + 1
        return tuple(names)

    def _group(self) -> str:
        if self.words[self.position] is not OPEN:
            raise UnreadableError(self.words[self.position].text)
        end = closing(self.words, self.position)
        text = normal(self.words[self.position + 1 : end])
        self.position = end + 1
        return text

    def _name(self) -> str:
        word = self.words[self.position]
        if word.sort is Sort.SIGN:
            raise UnreadableError(word.text)
        self.position += 1
        # A literal as a name ('users') and a keyword that may be one (KEY, ACTION): SQLite takes both.
        return word.text[1:-1].replace("''", "'") if word.sort is Sort.LITERAL else word.text

    def _add(self, constraint: Constraint) -> None:
        self.table.constraints.append(constraint)

    def _next_is(self, *keywords: str) -> bool:
        return self.position < len(self.words) and self.words[self.position].is_keyword(*keywords)

    def _take(self, *keywords: str) -> bool:
        taken = self._next_is(*keywords)
        self.position += taken
        return taken

    def _expect(self, *keywords: str) -> None:
        if not self._take(*keywords):
            raise UnreadableError(self.words[self.position].text)
