"""Every revision rendered as SQL by env.py's offline mode, statement by statement."""

import ast
from collections.abc import Callable, Iterator
from functools import partial, wraps
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.util import CommandError

from alembic_proof.databases.scratch import Database
from alembic_proof.evidence import OfflineStep
from alembic_proof.experiments.place import Place
from alembic_proof.migrate.failures import failure_of, line_in
from alembic_proof.migrate.host import Captured, run_env_py, upgrade_steps


class Script:
    """Alembic's output buffer: keeps each statement with the revision whose upgrade() wrote it, None for Alembic's own."""

    def __init__(self) -> None:
        self.author: str | None = None
        self.statements: list[tuple[str | None, str]] = []

    def write(self, text: str) -> int:
        """Take one statement, as Alembic writes them; comments are left out."""
        statement = text.strip()
        if statement and not all(line.startswith("--") or not line for line in statement.splitlines()):
            self.statements.append((self.author, statement))
        return len(text)

    def flush(self) -> None:
        """Nothing waits anywhere."""

    def of(self, revision: str) -> list[str]:
        """The statements that one revision's upgrade() wrote."""
        return [statement for author, statement in self.statements if author == revision]


class Rendering:
    """One run of env.py in offline mode, in which Alembic takes the steps and we note what each does.

    `ended_by` is what stopped it before the last revision, and was raised by none of them.
    """

    def __init__(self, place: Place, database: Database) -> None:
        self._place = place
        self.script = Script()
        self.steps: list[OfflineStep] = []
        self.is_transactional = False
        heads = list(place.heads_below)
        options = {"as_sql": True, "output_buffer": self.script, "starting_rev": heads or None, "destination_rev": "heads"}
        self.ended_by = run_env_py(place.project, place.target(database), self._function, **options).ended_by

    @property
    def is_complete(self) -> bool:
        """Whether every revision could be rendered."""
        return not any(step.rendering or step.declared for step in self.steps)

    def _function(self, heads: tuple[str, ...], context: MigrationContext, _captured: Captured) -> Iterator[RevisionStep]:
        self.is_transactional = bool(context.impl.transactional_ddl)
        for step in upgrade_steps(self._place.project.scripts, heads):
            self._place.progress("offline", f"{step.revision.revision} --sql")
            migrate = step.migration_fn
            step.migration_fn = wraps(migrate)(partial(self._note, step, migrate))
            yield step

    def _note(self, step: RevisionStep, migrate: Callable[..., None], **arguments: Any) -> None:
        revision, path = step.revision.revision, Path(step.revision.path)
        self.script.author = revision
        try:
            migrate(**arguments)
        except (Exception, SystemExit) as error:
            failure = failure_of(error, path)
            is_declared = _is_declared(error, path)
            self.steps.append(
                OfflineStep(revision, declared=failure.words) if is_declared else OfflineStep(revision, rendering=failure)
            )
        else:
            self.steps.append(OfflineStep(revision))
        finally:
            self.script.author = None


def _is_declared(error: BaseException, path: Path) -> bool:
    """Say whether this was said on purpose: by Alembic (batch mode has to reflect its table), or by a `raise` of the revision."""
    if isinstance(error, CommandError):
        return True
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or Path(trace.tb_frame.f_code.co_filename) != path:
        return False
    line = line_in(error, path)
    raises = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Raise)]
    return any(node.lineno <= (line or 0) <= (node.end_lineno or node.lineno) for node in raises)
