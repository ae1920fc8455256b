"""Where an experiment runs: the project, one server, and scratch databases prepared as the project wants them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from alembic.runtime.migration import MigrationContext
from msgspec.structs import replace
from sqlalchemy import URL, create_engine

from alembic_proof.databases.scratch import Database, Server
from alembic_proof.errors import ProofError
from alembic_proof.history import History
from alembic_proof.migrate.drivers import driver_for
from alembic_proof.migrate.host import Captured, load_object, run_env_py
from alembic_proof.migrate.inside import Inside
from alembic_proof.migrate.redirect import Redirect
from alembic_proof.migrate.target import NaturalDialect, Target, make_target
from alembic_proof.project import Project
from alembic_proof.schema.diff import Difference, compare
from alembic_proof.schema.snapshot import Snapshot

Progress = Callable[[str, str], None]
"""Called with the phase ("walk") and what is being done ("0003 upgrade") before each step."""


class Place(msgspec.Struct, frozen=True):
    """One project on one server. `history` stands on what the `checkpoint` holds, where there is one, else on nothing."""

    project: Project
    history: History
    server: Server
    natural: NaturalDialect | None
    progress: Progress
    checkpoint: Database | None = None
    heads_below: tuple[str, ...] = ()
    """The heads that the version table of the checkpoint names."""

    def new_database(self) -> Database:
        """Make a scratch database for the history to stand on: a copy of the checkpoint, or one with the project's prelude.

        Raises:
            ProofError: the prelude cannot be found or fails.

        """
        if self.checkpoint is not None:
            copy = self.server.copy(self.checkpoint)
            assert copy is not None, "only what can be copied is a checkpoint"
            return copy
        database = self.server.create()
        if self.project.settings.prelude is not None:
            run_prelude(self.project, self.target(database), database)
        return database

    @property
    def on_nothing(self) -> "Place":
        """The same place without the checkpoint: its databases are empty but for the prelude."""
        return replace(self, checkpoint=None, heads_below=())

    @contextmanager
    def temporary_database(self) -> Iterator[Database]:
        database = self.new_database()
        try:
            yield database
        finally:
            self.server.drop(database)

    def target(self, database: Database) -> Target:
        return make_target(self.project, database.url, self.natural)

    def inside_env_py(self, database: Database, work: Callable[[Inside], None]) -> Captured:
        """Execute env.py on a scratch database and do some work inside it."""

        def function(heads: tuple[str, ...], context: MigrationContext, captured: Captured) -> tuple[()]:
            work(Inside(context, self.project.scripts, heads, captured.run_arguments, read=self.server.looks()))
            return ()

        return run_env_py(self.project, self.target(database), function)

    def compare(self, expected: Snapshot, actual: Snapshot) -> tuple[Difference, ...]:
        """List what differs, the order of columns where the project asks for it."""
        return compare(expected, actual, column_order=self.project.settings.column_order)

    def look(self, inside: Inside) -> Snapshot:
        """Read the schema without Alembic's version table, through env.py's own connection."""
        context = inside.context
        with inside.looking() as fetch:
            return inside.read(fetch).without_table(context.version_table_schema, context.version_table)


def place_on(project: Project, history: History, server: Server, natural: NaturalDialect | None, progress: Progress) -> Place:
    """Settle which driver the project uses on a server, and make the place.

    Raises:
        EnvPyError: env.py takes no driver for this kind of database.

    """

    @contextmanager
    def empty() -> Iterator[URL]:
        database = server.create()
        try:
            yield database.url
        finally:
            server.drop(database)

    return Place(project, history, server, driver_for(project, server.kind, natural, empty), progress)


def run_prelude(project: Project, target: Target, database: Database) -> None:
    """Bring a scratch database to the state that the first revision expects.

    Raises:
        ProofError: the prelude cannot be found or fails.

    """
    named = project.settings.prelude
    assert named is not None
    if named.endswith(".sql"):
        path = project.config_file.parent / named
        if not path.is_file():
            raise ProofError(f'Cannot use prelude = "{named}": there is no file {project.shown(path)}. Mend the path.')
        _run_sql_file(path, database)
        return
    function = load_object(named, setting="prelude")
    engine = create_engine(target.own_url)
    with target.in_environment(), Redirect.to(target.url), engine.begin() as connection:
        try:
            function(connection)
        except Exception as error:
            raise ProofError(f'Cannot run prelude = "{named}": {type(error).__name__}: {error}. Mend the function.') from error
    engine.dispose()


def _run_sql_file(path: Path, database: Database) -> None:
    try:
        database.run_script([path.read_text(encoding="utf-8")])
    except Exception as error:
        words = str(error).strip().splitlines()[0]
        kind = database.url.get_backend_name()
        raise ProofError(f"Cannot run prelude {path.name} on {kind}: {words}. Mend the file.") from error
