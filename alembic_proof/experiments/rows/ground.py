"""Where trips are tried: one database that stands at a revision's parent, and is there again after each trip.

PostgreSQL takes a trip back with its transaction; SQLite's file is put back; elsewhere rows are deleted again, and the database
is made anew where that is not enough. A trip in a transaction may prove, never convict: `confirm` takes it on a copy, every step
committed, as Alembic would run it.
"""

from collections.abc import Callable

from alembic_proof.databases.scratch import Database
from alembic_proof.errors import ProofError
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.rows.passage import UP, Observed, Passage, Trip, observe, travel
from alembic_proof.experiments.rows.putting_back import Mark, State, is_put_back, state_of
from alembic_proof.migrate.inside import Inside, LeavesTransaction

_COPIED = ("sqlite", "postgresql")


class Ground:
    """A database that goes up the history, revision by revision, and on which trips are tried."""

    def __init__(self, place: Place, *, faithful: bool) -> None:
        self._place = place
        self.kind = place.server.kind
        self._in_transaction = place.server.rolls_back_ddl and not faithful
        self._database = place.new_database()
        self._applied: list[str] = []
        self._waiting: list[str] = []
        self._is_spoilt = False
        self._wants_out: str | None = None
        self._state: State | None = None

    @property
    def is_quick(self) -> bool:
        """Whether a trip costs milliseconds: no database is made for it."""
        return self.kind in _COPIED and self._wants_out is None

    @property
    def can_be_put_back(self) -> bool:
        """Whether whatever is done here is undone, and not only the rows that were written."""
        return self.kind in _COPIED

    def advance(self, revision: str) -> None:
        """Go up by one revision, on the next occasion."""
        self._waiting.append(revision)
        self._wants_out = None

    def close(self) -> None:
        self._place.server.drop(self._database)

    def observe(self, revision: str) -> Observed:
        """Upgrade without rows, and go back."""
        seen: list[Observed] = []

        def look_on(inside: Inside, *, is_trial: bool) -> bool:  # noqa: ARG001 - as travel
            seen[:] = [observe(inside, revision, self._place.look)]
            return False

        self.try_out(look_on, revision)
        return seen[0]

    def attempt(self, trip: Trip) -> Passage:
        """Take a trip, and go back."""
        passages: list[Passage] = []

        def take(inside: Inside, *, is_trial: bool) -> bool:
            passages[:] = [travel(inside, self.kind, trip, is_trial=is_trial)]
            return False

        self.try_out(take, trip.revision)
        return passages[0]

    @property
    def needs_confirmation(self) -> bool:
        """Whether trips are taken in a transaction, so that what they find broken is tried again with commits."""
        return self._in_transaction and self._wants_out is None

    def confirm(self, trip: Trip) -> Passage:
        """Take a trip on a database of its own, every step committed."""
        passages: list[Passage] = []
        self._on_a_copy(lambda inside, _database: passages.append(travel(inside, self.kind, trip, is_trial=False)))
        return passages[0]

    def with_commits(self, work: Callable[[Inside, Database], object]) -> None:
        """Do some work on a database that stands at the next revision's parent, every step committed, and go back."""
        if self._place.server.rolls_back_ddl:
            self._on_a_copy(work)
            return
        put_back = self._and_put_back if self.kind == "sqlite" else self._and_tidy
        self._place.inside_env_py(self._database, lambda inside: put_back(inside, work))
        if self._is_spoilt:
            self._rebuild()

    def try_out(self, work: Callable[..., object], revision: str) -> None:
        """Call `work(inside, is_trial=...)` where the next revision's parent is applied, and go back. It may be called twice."""
        if self._in_transaction and self._wants_out != revision:
            self._place.inside_env_py(self._database, lambda inside: self._in_a_trial(inside, work, revision))
            if self._is_spoilt:
                self._rebuild()
            if self._wants_out != revision:
                return
        self.with_commits(lambda inside, _database: work(inside, is_trial=False))

    def _in_a_trial(self, inside: Inside, work: Callable[..., object], revision: str) -> None:
        self._go_up(inside)
        is_taken_back = False
        try:
            with inside.trial(), inside.version_table_left_alone():
                mark = Mark(inside)
                work(inside, is_trial=True)
                is_taken_back = mark.is_taken_back()
        except LeavesTransaction:
            self._wants_out = revision
            is_taken_back = not inside.ended_transaction
        if not is_taken_back:
            self._is_spoilt, self._wants_out = True, revision

    def _and_put_back(self, inside: Inside, work: Callable[[Inside, Database], object]) -> None:
        self._go_up(inside)
        saved = self._database.save()
        try:
            with inside.version_table_left_alone():
                work(inside, self._database)
        finally:
            self._database.restore(saved)

    def _and_tidy(self, inside: Inside, work: Callable[[Inside, Database], object]) -> None:
        """Work where nothing is taken back: rows are deleted again, and what is then not as it was is spoilt."""
        self._go_up(inside)
        if self._state is None:
            self._state = state_of(inside, self.kind, self._place.look(inside))
        with inside.version_table_left_alone():
            work(inside, self._database)
        self._is_spoilt = self._state is None or not is_put_back(inside, self.kind, self._state, self._place.look(inside))

    def _on_a_copy(self, work: Callable[[Inside, Database], object]) -> None:
        """Work on a database that stands where this one does: a copy, or one that took the same revisions."""
        if self.kind in _COPIED and self._waiting:
            self._place.inside_env_py(self._database, self._go_up)
        copy = self._place.server.copy(self._database) if self.kind in _COPIED else None
        made = copy or self._place.new_database()
        try:
            self._place.inside_env_py(made, lambda inside: self._and_work(inside, work, made, is_copy=copy is not None))
        finally:
            self._place.server.drop(made)

    def _and_work(self, inside: Inside, work: Callable[[Inside, Database], object], database: Database, *, is_copy: bool) -> None:
        if not is_copy:
            self._apply_all(inside)
        work(inside, database)

    def _go_up(self, inside: Inside) -> None:
        while self._waiting:
            self._take(inside, self._waiting[0])
            self._state = None
            self._applied.append(self._waiting.pop(0))

    def _apply_all(self, inside: Inside) -> None:
        for revision in (*self._applied, *self._waiting):
            self._take(inside, revision)

    def _rebuild(self) -> None:
        self._is_spoilt = False
        self._place.server.drop(self._database)
        self._database = self._place.new_database()
        self._waiting = [*self._applied, *self._waiting]
        self._applied = []

    def _take(self, inside: Inside, revision: str) -> None:
        if failure := inside.take(revision, UP):
            raise ProofError(
                f"Cannot try rows: the upgrade of {revision} succeeded once and then failed on a new database: "
                f"{failure.words.splitlines()[0]}. Make it depend on nothing but the database."
            )
