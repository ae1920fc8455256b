"""An exception that a revision raised, as data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Failure:
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
    def words(self) -> str:
        return f"{self.error}: {self.message}" if self.message else self.error
