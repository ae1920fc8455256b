"""What an interpreter tells of the application that it imports. It says so before anything is loaded: this needs no library."""

from enum import StrEnum
from typing import NamedTuple


class Holds(StrEnum):
    """What a name of the application is, where it belongs to the models."""

    MAPPED_CLASS = "mapped class"
    TABLE = "Table"
    BASE = "declarative base"
    METADATA = "MetaData"


class Ended(StrEnum):
    """How the first import of a module ended."""

    IMPORTED = "imported"
    CIRCULAR = "circular"  # it came back to a module that was still being imported
    BROKEN = "broken"  # the application's own code is at fault: a name or module that it does not have, a syntax error
    UNTRIED = "untried"  # something outside of the application stopped it


class Column(NamedTuple):
    """A column as a lightweight `sa.column()` needs it. `type` is Python text such as `String(length=50)`, if it has one."""

    name: str
    type: str | None
