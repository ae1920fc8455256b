"""`alembic upgrade --sql`: every revision rendered without a database, and the SQL run on an empty one."""

import ast
from collections.abc import Callable, Iterator
from functools import partial, wraps
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep

from alembic_proof.databases.scratch import Database
from alembic_proof.evidence import Failure, Offline, OfflineStep
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.walk import Walked
from alembic_proof.migrate.host import Captured, offline_mode_of, run_env_py, upgrade_steps
from alembic_proof.migrate.inside import failure_of, line_in
from alembic_proof.schema.diff import compare


class _Script:
    """Alembic's output buffer: keeps each statement with the revision that wrote it."""

    def __init__(self) -> None:
        self.revision: str | None = None
        self.statements: list[tuple[str | None, str]] = []

    def write(self, text: str) -> int:
        statement = text.strip()
        if statement and not _is_comment(statement):
            self.statements.append((self.revision, statement))
        return len(text)

    def flush(self) -> None:
        """Nothing waits anywhere."""


class _Rendering:
    """One run of env.py in offline mode, in which Alembic takes the steps and we note what each does."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.script = _Script()
        self.steps: list[OfflineStep] = []

    def function(self, heads: tuple[str, ...], _context: MigrationContext, _captured: Captured) -> Iterator[RevisionStep]:
        for step in upgrade_steps(self._place.project.scripts, heads):
            revision = step.revision.revision
            self._place.progress("offline", f"{revision} --sql")
            self.script.revision = revision
            migrate = step.migration_fn
            step.migration_fn = wraps(migrate)(partial(self._note, step, migrate))
            yield step
        self.script.revision = None

    def _note(self, step: RevisionStep, migrate: Callable[..., None], **arguments: Any) -> None:
        revision, path = step.revision.revision, Path(step.revision.path)
        try:
            migrate(**arguments)
        except (Exception, SystemExit) as error:
            failure = failure_of(error, path)
            if _is_declared(error, path):
                self.steps.append(OfflineStep(revision, declared=failure.words))
            else:
                self.steps.append(OfflineStep(revision, rendering=failure))
        else:
            self.steps.append(OfflineStep(revision))


def gather_offline(place: Place, walked: Walked) -> Offline:
    """Render the whole history as SQL; where all of it can be rendered, run it and compare the schema at the top."""
    why_not = offline_mode_of(place.project, place.target(walked.database))
    if why_not is not None:
        return Offline(unavailable=why_not)
    rendering = _Rendering(place)
    with place.temporary_database() as database:
        options = {"as_sql": True, "output_buffer": rendering.script, "starting_rev": None, "destination_rev": "heads"}
        run_env_py(place.project, place.target(database), rendering.function, **options)
        if any(step.rendering or step.declared for step in rendering.steps):
            return Offline(steps=tuple(rendering.steps))
        steps = _replay(place, database, rendering, walked)
    return Offline(steps=steps)


def _replay(place: Place, database: Database, rendering: _Rendering, walked: Walked) -> tuple[OfflineStep, ...]:
    """Run the SQL as a database administrator would, and compare the schema at the top with the walk's."""
    failed = _run(database, rendering.script.statements)
    if failed is not None:
        return tuple(
            OfflineStep(step.revision, replay=failed[1]) if step.revision == failed[0] else step for step in rendering.steps
        )
    if walked.top is None or not all(step.is_applied for step in walked.steps):
        return tuple(rendering.steps)
    schema, table = _version_table(walked)
    with database.connect() as fetch:
        differences = compare(walked.top, place.server.read(fetch).without_table(schema, table))
    culprit = _first_to_differ(place, rendering, walked) if differences else None
    return tuple(
        OfflineStep(step.revision, differences=differences if step.revision == culprit else ()) for step in rendering.steps
    )


def _version_table(walked: Walked) -> tuple[str | None, str]:
    options = walked.captured.options
    return options.get("version_table_schema"), options.get("version_table", "alembic_version")


def _first_to_differ(place: Place, rendering: _Rendering, walked: Walked) -> str:
    """Run the SQL once more, looking after each revision."""
    left_by = {step.revision: step.schema for step in walked.steps}
    schema, table = _version_table(walked)
    last = rendering.steps[-1].revision
    with place.temporary_database() as database:
        for step in rendering.steps:
            _run(database, [(revision, text) for revision, text in rendering.script.statements if revision == step.revision])
            with database.connect() as fetch:
                if place.server.read(fetch).without_table(schema, table).digest != left_by[step.revision]:
                    return step.revision
    return last


def _run(database: Database, statements: list[tuple[str | None, str]]) -> tuple[str | None, Failure] | None:
    """Run statements in order; return the revision of the first that fails, with the database's words."""
    current: tuple[str | None, str] = (None, "")

    def one_by_one() -> Iterator[str]:
        nonlocal current
        for current in statements:
            yield current[1]

    try:
        database.run_script(one_by_one())
    except Exception as error:
        revision, statement = current
        return revision, Failure(type(error).__name__, str(error).strip(), statement)
    return None


def _is_comment(statement: str) -> bool:
    return all(line.startswith("--") or not line for line in statement.splitlines())


def _is_declared(error: BaseException, path: Path) -> bool:
    """Say whether the revision raised this itself: the innermost frame is its own, and stands at a `raise`."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None or Path(trace.tb_frame.f_code.co_filename) != path:
        return False
    line = line_in(error, path)
    raises = (node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Raise))
    return any(node.lineno == line for node in raises)
