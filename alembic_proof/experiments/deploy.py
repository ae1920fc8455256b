"""`alembic upgrade heads` on an empty database, exactly as a deployment runs it, looked at from the outside.

Here env.py decides everything: its transactions, its error handling. An env.py that swallows an error, or that leaves its
transaction open, ends well and leaves nothing done; only the version table tells.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial, wraps
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep
from sqlalchemy import MetaData, Table
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import IdentifierPreparer

from alembic_proof.databases.scratch import Database
from alembic_proof.evidence import Deployment, Failure
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.scout import Halfway
from alembic_proof.migrate.failures import failure_of
from alembic_proof.migrate.host import Captured, EnvPyError, run_env_py, upgrade_steps
from alembic_proof.schema.snapshot import Fetch


class _Observed:
    """What happens to the steps that Alembic takes by itself."""

    def __init__(self, place: Place, database: Database, halfway: Halfway | None) -> None:
        self._place = place
        self._database = database
        self._halfway = halfway
        self.version_table = Table("alembic_version", MetaData())
        self.quote = IdentifierPreparer(DefaultDialect()).format_table
        self.raised: BaseException | None = None
        self.failure: Failure | None = None
        self.failed_revision: str | None = None

    def steps(self, heads: tuple[str, ...], context: MigrationContext, _captured: Captured) -> Iterator[RevisionStep]:
        self.version_table = Table(context.version_table, MetaData(), schema=context.version_table_schema)
        self.quote = context.dialect.identifier_preparer.format_table
        return self._watched(upgrade_steps(self._place.project.scripts, heads), context)

    def _watched(self, steps: Iterator[RevisionStep], context: MigrationContext) -> Iterator[RevisionStep]:
        taken: set[str] = set()
        for step in steps:
            if self._halfway is not None and taken == self._halfway.below:
                self._leave(self._halfway, context)
            taken.add(step.revision.revision)
            self._place.progress("deploy", f"{step.revision.revision} upgrade")
            migrate = step.migration_fn
            step.migration_fn = wraps(migrate)(partial(self._note, step, migrate))
            yield step

    def _leave(self, halfway: Halfway, context: MigrationContext) -> None:
        """Leave the database to the scout as it is now, where everything is committed and the version table says so."""
        connection = context.connection
        if connection is None or connection.in_transaction():
            return
        with suppress(Exception):  # every driver has its own error for a lock; nothing of it is the deployment's
            if _read_version_table(self._place, self._database, self) == halfway.heads:
                halfway.saved = self._database.save()

    def _note(self, step: RevisionStep, migrate: Callable[..., None], **arguments: Any) -> None:
        try:
            migrate(**arguments)
        except (Exception, SystemExit) as error:
            self.raised, self.failure = error, failure_of(error, Path(step.revision.path))
            self.failed_revision = step.revision.revision
            raise


def gather_deployment(place: Place, database: Database, halfway: Halfway | None = None) -> Deployment:
    """Upgrade an empty database to all heads and read what the version table says afterwards."""
    observed = _Observed(place, database, halfway)
    error: Failure | None = None
    try:
        ended_by = run_env_py(place.project, place.target(database), observed.steps).ended_by
    except EnvPyError as raised:
        ended_by = raised.__cause__ or raised
    if ended_by is not None:
        is_the_revisions = ended_by is observed.raised
        error = observed.failure if is_the_revisions else failure_of(ended_by, place.project.env_py)
    recorded = _read_version_table(place, database, observed)
    return Deployment(
        recorded=recorded,
        error=error,
        swallowed=observed.failure if error is None else None,
        failed_revision=observed.failed_revision,
        version_table=str(observed.version_table.fullname),
        env_py=place.project.shown(place.project.env_py),
    )


def _read_version_table(place: Place, database: Database, observed: _Observed) -> tuple[str, ...] | None:
    table = observed.version_table
    with database.connect() as fetch:
        try:
            return _versions(fetch, observed.quote(table))
        except Exception:  # every driver has its own error for a table that is not there
            if table.schema is not None:
                return None
        tables = place.server.read(fetch).of_kind("table")
        elsewhere = [key.schema for key in tables if key.name == table.name]  # env.py set a search path
        return _versions(fetch, observed.quote(Table(table.name, MetaData(), schema=elsewhere[0]))) if elsewhere else None


def _versions(fetch: Fetch, quoted_table: str) -> tuple[str, ...]:
    return tuple(sorted(str(row[0]) for row in fetch(f"SELECT version_num FROM {quoted_table}")))  # noqa: S608 - env.py's own name
