"""Hears what an application sends through SQLAlchemy, in this process: every engine, sync or async, whenever it was made."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExecutionContext
from sqlalchemy.engine.interfaces import ExecuteStyle

from alembic_proof.recording.meaning import meaning_of
from alembic_proof.recording.normal import normal_form, parameter_sets, with_types

_FAMILIES = {"sqlite": "sqlite", "postgresql": "postgresql", "mysql": "mariadb", "mariadb": "mariadb"}
_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "VALUES")
_OF_ALEMBIC = "alembic_version"

Heard = Mapping[str, Mapping[str, Sequence[Sequence[str]]]]
"""By kind of database and by text of a statement's form, the types that stood at each place: plain, for other processes."""


class Listener:
    """Notes each statement that a database took, once, while it listens."""

    def __init__(self) -> None:
        self._types: dict[tuple[str, str], list[set[str]]] = {}

    def start(self) -> None:
        event.listen(Engine, "after_cursor_execute", self._hear)

    def stop(self) -> None:
        event.remove(Engine, "after_cursor_execute", self._hear)

    def heard(self) -> dict[str, dict[str, list[list[str]]]]:
        """What was heard so far."""
        heard: dict[str, dict[str, list[list[str]]]] = {}
        for (dialect, text), types in self._types.items():
            heard.setdefault(dialect, {})[text] = [sorted(one) for one in types]
        return heard

    def _hear(
        self,
        connection: Connection,
        _cursor: Any,
        statement: str,
        parameters: Any,
        context: ExecutionContext | None,
        is_many: bool,  # noqa: FBT001 - called by SQLAlchemy
    ) -> None:
        dialect = _FAMILIES.get(connection.dialect.name)
        if dialect is None or _migrates():
            return
        if getattr(context, "execute_style", None) is ExecuteStyle.INSERTMANYVALUES:
            # SQLAlchemy writes many rows into one statement, as many as fit: what it was given is the same for any number.
            statement, parameters, is_many = context.statement, context.parameters, True  # type: ignore[union-attr]
        form = normal_form(statement, dialect, connection.dialect.paramstyle)
        for one in parameter_sets(parameters, is_many=is_many):
            text, types = form.sent(one)
            # One operation, for an application's threads: the first that comes makes the entry.
            for known, more in zip(self._types.setdefault((dialect, text), [set() for _ in types]), types, strict=True):
                known.update(more)


def statements_of(parts: Sequence[Heard]) -> dict[str, list[str]]:
    """Join what several processes heard, and leave out what is not the application's: by kind of database, in normal form."""
    types: dict[tuple[str, str], list[set[str]]] = {}
    for dialect, text, heard in _all(parts):
        known = types.setdefault((dialect, text), [set() for _ in heard])
        for one, more in zip(known, heard, strict=True):
            one.update(more)
    found: dict[str, list[str]] = {}
    for (dialect, text), places in sorted(types.items()):
        statement = with_types(text, places)
        if _is_of_the_application(statement, dialect):
            found.setdefault(dialect, []).append(statement)
    return found


def _all(parts: Sequence[Heard]) -> Iterator[tuple[str, str, Sequence[Sequence[str]]]]:
    for heard in parts:
        for dialect, statements in heard.items():
            yield from ((dialect, text, places) for text, places in statements.items())


def _is_of_the_application(statement: str, dialect: str) -> bool:
    meaning = meaning_of(statement, dialect)
    return meaning.verb in _VERBS and bool(meaning.tables) and not meaning.is_of_the_catalog and _OF_ALEMBIC not in meaning.names


def _migrates() -> bool:
    """Whether a migration runs in this process: what it sends is no code of the application's."""
    context = sys.modules.get("alembic.context")
    if context is None:
        return False
    try:
        context.is_offline_mode()
    except (NameError, AttributeError):  # Alembic's words for: no env.py was executed yet, none is being executed
        return False
    return True
