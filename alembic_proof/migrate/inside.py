"""The migration context while env.py is running: one step at a time, each in a transaction of its own, as Alembic takes it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from alembic.runtime.migration import MigrationContext, MigrationStep, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from alembic_proof.evidence import Failure
from alembic_proof.findings import Direction
from alembic_proof.migrate.bookkeeping import WrittenHeads
from alembic_proof.migrate.failures import failure_of
from alembic_proof.migrate.fetching import fetch_on
from alembic_proof.migrate.named_types import as_they_were, forget_what_is_gone, remembered
from alembic_proof.migrate.plain import Watch
from alembic_proof.migrate.redirect import Redirect, RefusedConnectionError, SecondConnection
from alembic_proof.schema.snapshot import Fetch, Snapshot

T = TypeVar("T")


class LeavesTransaction(BaseException):
    """Raised inside a trial when a revision wants out of the transaction: it has to be tried with commits."""


class Inside:
    """What can be done while env.py holds its connection open. Made by the function that Alembic calls there."""

    def __init__(
        self,
        context: MigrationContext,
        scripts: ScriptDirectory,
        heads: Sequence[str],
        run_arguments: Mapping[str, Any],
        read: Callable[[Fetch], Snapshot] | None = None,
    ) -> None:
        self.context = context
        self._read = read
        self.heads = frozenset(heads)
        self._scripts = scripts
        self._run_arguments = run_arguments
        self._is_trial = False
        self.has_rolled_back = False  # whether a trial on this connection was seen to be taken back
        self._is_noting = True
        self._has_gone_down = False
        self._watch = Watch(self.connection)
        self._fetch = fetch_on(context)
        self._end_open_transaction()

    @property
    def was_plain(self) -> bool:
        """Whether the last step changed the schema and nothing else, as far as its statements tell."""
        return self._watch.is_plain

    @property
    def sent(self) -> tuple[str, ...]:
        """The statements of the last step, without the version table's and without questions to the catalog."""
        return self._watch.sent

    @property
    def left_transaction(self) -> bool:
        """Whether the last step sent a statement that the driver commits by itself: in autocommit_block()."""
        return self._watch.saw_autocommit

    @property
    def ended_transaction(self) -> bool:
        """Whether a statement since the last trial began has ended a transaction: COMMIT, in a revision's own words."""
        return self._watch.saw_an_end

    @property
    def connection(self) -> Connection:
        connection = self.context.connection
        assert connection is not None, "only offline contexts have no connection"
        return connection

    def file_of(self, revision: str) -> Path:
        """The file of a revision, as tracebacks name it."""
        return Path(self._scripts.get_revision(revision).path)

    def take(self, revision: str, direction: Direction) -> Failure | None:
        """Upgrade or downgrade by one revision and commit; on failure roll back and say what was raised.

        Inside `trial()` nothing is committed, and a failure leaves the transaction unusable.
        """
        heads = self.heads
        self._mind_types(direction)
        self._watch.start()
        try:
            step = self._step(revision, direction)
            if self._is_trial:
                self._run(step)
                self._check_what_waits_for_commit()
            else:
                with self._own_transaction():
                    self._run(step)
        except RefusedConnectionError:
            raise  # nothing can be said of a revision that was not let do what it does
        except (Exception, SystemExit) as error:
            self.heads = heads
            return failure_of(error, Path(self._scripts.get_revision(revision).path))
        return None

    def _mind_types(self, direction: Direction) -> None:
        """Let an upgrade after a downgrade make the types again that went away in between."""
        if direction is Direction.DOWNGRADE:
            self._has_gone_down = True
        elif self._has_gone_down:
            self._has_gone_down = False
            if any(remembered(self.context)):
                with self.looking() as fetch:
                    forget_what_is_gone(self.context, fetch)

    def record(self, revision: str) -> None:
        """Write a revision into the version table without running it: its SQL ran elsewhere."""
        with self._own_transaction():
            self._note_in_version_table(self._step(revision, Direction.UPGRADE))

    @contextmanager
    def version_table_left_alone(self) -> Iterator[None]:
        """Take steps without noting them: what happens inside will be taken back."""
        heads, self._is_noting = self.heads, False
        try:
            yield
        finally:
            self.heads, self._is_noting = heads, True

    @contextmanager
    def trial(self) -> Iterator[None]:
        """Run everything inside in one transaction and roll it back, heads included.

        Raises:
            LeavesTransaction: a revision uses autocommit_block() or a second connection: nothing was decided.

        """
        heads, context = self.heads, self.context
        redirect = Redirect.current()
        # Private: without it autocommit_block() would assert. A trial cannot leave its transaction, so it is refused.
        context._transaction = self.connection.begin()
        setattr(context, "autocommit_block", _refuse_autocommit)  # noqa: B010 - assigning a method is an error to mypy
        redirect.is_closed_to_new = self._is_trial = True
        self._watch.saw_an_end = False
        try:
            with as_they_were(context):
                yield
        except SecondConnection as error:
            raise LeavesTransaction from error
        finally:
            redirect.is_closed_to_new = self._is_trial = False
            delattr(context, "autocommit_block")
            context._transaction = None
            self.connection.rollback()
            self.heads = heads

    def _check_what_waits_for_commit(self) -> None:
        """Let deferred constraints speak now: a trial never commits, and a step that cannot commit must not look proved."""
        self._fetch("SET CONSTRAINTS ALL IMMEDIATE")

    def read(self, fetch: Fetch) -> Snapshot:
        """Look with the reader that this one database has."""
        assert self._read is not None, "made without a reader: only for taking steps"
        return self._read(fetch)

    @contextmanager
    def looking(self) -> Iterator[Fetch]:
        """Read through env.py's own connection, in a transaction that is rolled back unless a trial already holds one."""
        if self._is_trial:
            yield self._fetch
            return
        with self.connection.begin() as transaction:
            yield self._fetch
            transaction.rollback()

    def recorded_heads(self) -> frozenset[str]:
        """Read the version table as it stands."""
        # Private: get_current_heads() asks first whether the table is there, with a query of its own.
        table = self.context.dialect.identifier_preparer.format_table(self.context._version)
        try:
            with self.looking() as fetch:
                return frozenset(row[0] for row in fetch(f"SELECT version_num FROM {table}"))
        except Exception:  # every driver has its own error for a table that is not there
            return frozenset()
        finally:
            self.connection.rollback()

    def _step(self, revision: str, direction: Direction) -> RevisionStep:
        script = self._scripts.get_revision(revision)
        make = MigrationStep.upgrade_from_script if direction is Direction.UPGRADE else MigrationStep.downgrade_from_script
        return make(self._scripts.revision_map, script)

    def _run(self, step: RevisionStep) -> None:
        """Do what MigrationContext.run_migrations does for each step."""
        step.migration_fn(**self._run_arguments)
        self._watch.stop_keeping()
        is_plain = self._watch.is_plain
        if self._is_noting:
            self._note_in_version_table(step)
        if is_plain:
            self._watch.forget_other()
        for callback in self.context.on_version_apply_callbacks:
            callback(ctx=self.context, step=step.info, heads=set(self.heads), run_args=self._run_arguments)

    def _note_in_version_table(self, step: RevisionStep) -> None:
        maintainer = WrittenHeads(self.context, self.heads)
        maintainer.update_to_step(step)
        self.heads = frozenset(maintainer.heads)

    @contextmanager
    def _own_transaction(self) -> Iterator[None]:
        # Private: autocommit_block() commits and renews the transaction that it finds in _transaction; so does this.
        self.context._transaction = self.connection.begin()
        try:
            yield
        except BaseException:
            if self.connection.in_transaction():
                self.connection.rollback()
            raise
        else:
            if self.connection.in_transaction():
                self.connection.commit()
        finally:
            self.context._transaction = None

    def _end_open_transaction(self) -> None:
        """Commit what env.py began, so that each step has a transaction of its own.

        Private: a connection inside `with connection.begin():` refuses to go on after a commit unless it forgets the block.
        """
        if self.connection.in_transaction():
            self.connection.commit()
        self.context._transaction = None
        self.connection._trans_context_manager = None


def _refuse_autocommit() -> None:
    raise LeavesTransaction
