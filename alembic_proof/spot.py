"""A statement of a revision, as a reader finds it."""

import msgspec


class Spot(msgspec.Struct, frozen=True):
    """`line` counts in the revision's file; None where the statement was sent from nowhere in it."""

    statement: str
    line: int | None

    @property
    def place(self) -> str:
        """Where it is: its line, else its words."""
        return f"line {self.line}" if self.line is not None else f"`{self.statement}`"

    @property
    def shown(self) -> str:
        """The statement with its line."""
        return f"line {self.line}: {self.statement}" if self.line is not None else self.statement
