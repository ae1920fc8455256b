"""A session of the application's tests, listened to: what it sent goes to the file of recordings when the session ends well."""

import os
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from alembic_proof.errors import ProofError
from alembic_proof.migrate.host import load_history
from alembic_proof.project import Project
from alembic_proof.recording.file import read_recordings, with_new, written
from alembic_proof.recording.listening import Listener, statements_of


class Part(TypedDict):
    """What one process of a session has to say. Plain data, as it travels between the processes of pytest-xdist."""

    heard: dict[str, dict[str, list[list[str]]]]
    left_out: int


class Recorder:
    """Listens in one process, and gathers the parts of others. `left_out` counts tests that were collected and not run."""

    def __init__(self) -> None:
        self._listener = Listener()
        self._is_listening = False
        self._parts: list[Part] = []
        self.left_out = 0

    def listen(self, *, wanted: bool = True) -> None:
        """Listen from now on, or not."""
        if wanted is not self._is_listening:
            self._is_listening = wanted
            (self._listener.start if wanted else self._listener.stop)()

    def part(self) -> Part:
        return Part(heard=self._listener.heard(), left_out=self.left_out)

    def add(self, part: Part) -> None:
        self._parts.append(part)

    def write(self, project: Project, path: Path | None) -> str:
        """Write what all processes heard, to the project's file or to another; say what became of it.

        Raises:
            ProofError: it is not all that the tests send, nothing was heard, or the file cannot be written.

        """
        parts = [self.part(), *self._parts]
        file = path or project.recording_file
        shown = project.shown(file)
        if left_out := max(part["left_out"] for part in parts):  # every worker collects all tests
            raise ProofError(
                f"Cannot record {shown}: {left_out} {'test was' if left_out == 1 else 'tests were'} deselected, and what is sent "
                'there would be missing. Run all tests (-k "" -m "").'
            )
        sent = statements_of([part["heard"] for part in parts])
        if not sent:
            raise ProofError(
                f"Cannot record {shown}: no statement on a table was heard. What goes through SQLAlchemy in the tests' own "
                "processes is."
            )
        history = load_history(project)
        before = read_recordings(file, shown)
        recordings = with_new(before, sent, history.real_heads, frozenset(history.by_id), shown)
        content = written(recordings)
        if before is None or written(before) != content:
            _replace(file, content, shown)
        (first, *others) = [f"{len(statements)} on {dialect}" for dialect, statements in sent.items()]
        heads = " and ".join(history.real_heads) or "the base"
        return f"recorded in {shown} at {heads}: {', '.join([first.replace(' ', ' statements ', 1), *others])}"


def _replace(file: Path, content: str, shown: str) -> None:
    """Put a file in the place of another at once: whoever is stopped on the way leaves the old one as it was."""
    new = file.with_name(f".{file.name}-{os.getpid()}")
    try:
        new.write_text(content, encoding="utf-8")
        new.replace(file)
    except OSError as error:
        with suppress(OSError):
            new.unlink()
        raise ProofError(f"Cannot write {shown}: {error.strerror}. Make it a file that can be written.") from error
