"""Whether the database has the schema that this code was written for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, String, column, inspect, select, table

State = Literal["at head", "behind", "ahead"]


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Where the database stands, and where this code wants it."""

    state: State
    database: tuple[str, ...]
    code: tuple[str, ...]


class History:
    """The migrations that this code came with."""

    def __init__(self, folder: Path) -> None:
        directory = ScriptDirectory(str(folder))
        self.heads = tuple(sorted(directory.get_heads()))
        self._known = frozenset(script.revision for script in directory.walk_revisions())

    def state_of(self, connection: Connection) -> SchemaState:
        """Read the version table and compare."""
        version = table("alembic_version", column("version_num", String))
        has_begun = inspect(connection).has_table(version.name)
        found = tuple(sorted(connection.scalars(select(version.c.version_num)))) if has_begun else ()
        return SchemaState(self._judge(found), found, self.heads)

    def _judge(self, found: Sequence[str]) -> State:
        if set(found) == set(self.heads):
            return "at head"
        # A revision that this code does not know is newer. Its expand steps leave this code running, so it stays in service.
        return "behind" if self._known.issuperset(found) else "ahead"
