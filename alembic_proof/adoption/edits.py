"""One edit of one file, and how it is shown before it is made."""

import difflib
from pathlib import Path

import msgspec

from alembic_proof.errors import ProofError


class Edit(msgspec.Struct, frozen=True):
    """What a file will hold. `before` None: it is not there yet. `why` tells the reader what the edit is for."""

    path: Path
    before: str | None
    after: str
    why: str

    def shown(self, relative_to: Path) -> str:
        """A unified diff."""
        name = self.path.relative_to(relative_to).as_posix()
        lines = difflib.unified_diff(
            (self.before or "").splitlines(keepends=True),
            self.after.splitlines(keepends=True),
            "/dev/null" if self.before is None else f"a/{name}",
            f"b/{name}",
        )
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)

    def write(self) -> None:
        """Make the edit.

        Raises:
            ProofError: the file cannot be written, or is no longer what was shown.

        """
        try:
            now = self.path.read_text(encoding="utf-8") if self.path.exists() else None
            if now != self.before:
                raise ProofError(f"Cannot write {self.path}: it has changed since its diff was shown. Run init again.")
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(self.after, encoding="utf-8")
        except OSError as error:
            raise ProofError(f"Cannot write {self.path}: {error.strerror}. Make it writable.") from error


def appended(text: str, block: str) -> str:
    """A text with a block at its end, an empty line between them."""
    if not text.strip():
        return block
    return f"{text.rstrip()}\n\n{block}"


def below(text: str, header: str, line: str) -> str:
    """A text with a line right below the first line that reads as the header does."""
    lines = text.splitlines(keepends=True)
    place = next(number for number, one in enumerate(lines) if one.split("#")[0].strip() == header)
    if not lines[place].endswith("\n"):
        lines[place] += "\n"
    return "".join((*lines[: place + 1], f"{line}\n", *lines[place + 1 :]))
