"""An exception that a revision raised, as data."""

import re

import msgspec

_NO_EXTENSION = re.compile(r'extension "([^"]+)" is not available')
"""PostgreSQL's words, which it gives without naming the extension in any other field."""


class Failure(msgspec.Struct, frozen=True):
    """An exception that a revision raised. `message` holds the database's own words where a database raised it.

    `line` counts in the revision's file; None when no frame of the traceback lies there. `is_declared` says that a raise
    statement of the revision's own raised it: its author knows of the case.
    """

    error: str
    message: str
    statement: str | None = None
    line: int | None = None
    is_declared: bool = False

    @property
    def missing_extension(self) -> str | None:
        """The PostgreSQL extension that this server has no files of: that says nothing about another server."""
        found = _NO_EXTENSION.search(self.message)
        return found[1] if found else None

    @property
    def words(self) -> str:
        return f"{self.error}: {self.message}" if self.message else self.error
