"""Every revision up, down and up again, with a look after each, on one scratch database.

A round trip is tried the fast way first, where the database takes schema changes back: down and up in one transaction that is
rolled back. The fast way may prove, never convict: what it finds broken, and what wants out of the transaction, is tried on a
copy of the database with each step committed, as Alembic would run it. Only that counts.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import nullcontext

import msgspec
from msgspec.structs import replace

from alembic_proof.databases.scratch import Database
from alembic_proof.errors import ProofError
from alembic_proof.evidence import Models, RoundTrip, Step, Told
from alembic_proof.experiments.order import Order
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.scout import GaveUpError, Go, Scout, Scouted, Sent
from alembic_proof.findings import Direction
from alembic_proof.history import History, Revision
from alembic_proof.migrate.host import Captured
from alembic_proof.migrate.inside import Inside, LeavesTransaction
from alembic_proof.schema.rebuilt import lost_in_a_rebuild
from alembic_proof.schema.sentences import line
from alembic_proof.schema.snapshot import Snapshot

UP, DOWN = Direction.UPGRADE, Direction.DOWNGRADE


class Walked(msgspec.Struct, frozen=True):
    """What the walk saw, and where it ended: the database as the last revision left it, still there.

    `looks` holds the schema before and after each chosen revision's upgrade, `sent` its statements, where they were asked for.
    `bottom` is the first look of all; `models` are what a scout found of them.
    """

    steps: tuple[Step, ...]
    database: Database
    captured: Captured
    top: Snapshot | None
    looks: Mapping[str, tuple[Snapshot, Snapshot]] = msgspec.field(default_factory=dict)
    sent: Mapping[str, Sent] = msgspec.field(default_factory=dict)
    bottom: Snapshot | None = None
    models: Models | None = None


class Walk:
    """One way up through the history. `chosen` revisions are looked at and tried both ways; the others only carry on.

    Where `is_short` it takes no other revision than those need, and has no look at them: nobody asks for the top. `with_digests`
    says that somebody asks for each step's schema: a digest takes as long as a look. `is_detailed` says that somebody wants to
    read what each upgrade sent and changed. A `scout` walks the upper part meanwhile; `alone_on` is the database of a scout's
    own walk, which takes all revisions but the `stands_at` lowest, which are on it, and makes no other.
    """

    def __init__(
        self,
        place: Place,
        chosen: frozenset[str],
        *,
        faithful: bool = False,
        is_short: bool = False,
        with_digests: bool = True,
        with_looks: bool = False,
        is_detailed: bool = False,
        scout: Scout | None = None,
        alone_on: Database | None = None,
        stands_at: int = 0,
    ) -> None:
        self._place = place
        self._chosen = chosen
        self._is_faithful = faithful
        self._in_transaction = place.server.rolls_back_ddl and not faithful
        self._is_short = is_short or alone_on is not None
        self._is_alone = alone_on is not None
        self._scout = scout
        self._with_digests = with_digests
        self._looks: dict[str, tuple[Snapshot, Snapshot]] | None = {} if with_looks else None
        self._sent: dict[str, Sent] = {}
        self._is_detailed = is_detailed
        self._saved: object | None = None
        taken = _needed_by(chosen, place.history) if is_short and alone_on is None else place.history.by_id
        self._way = tuple(revision for revision in place.history.revisions if revision.id in taken)
        self._waiting = deque(self._way[stands_at : scout.start if scout is not None else None])
        self._database = alone_on or place.new_database()
        self._steps = {revision.id: Step(revision.id) for revision in self._way[:stands_at]}
        self._applied = list(self._steps)
        self._now: Snapshot | None = None
        self._bottom: Snapshot | None = None
        self._models: Models | None = None
        self._undecided: tuple[Revision, Snapshot, Snapshot] | None = None
        self._is_spoilt = False

    def run(self) -> Walked:
        """Walk to the end. Raises ProofError where env.py cannot run at all."""
        while True:
            captured = self._place.inside_env_py(self._database, self._go_on)
            if self._is_alone and (self._is_spoilt or self._undecided is not None):
                raise GaveUpError
            if self._is_spoilt:
                self._rebuild()
            if self._undecided is not None:
                self._decide_on_a_copy(*self._undecided)
            if not self._waiting and self._scout is not None:
                self._follow(self._scout)
            if not self._waiting:
                break
        steps = tuple(self._steps[revision.id] for revision in self._way)
        looks, sent = self._looks or {}, self._sent
        return Walked(steps, self._database, captured, self._now, looks, sent, self._bottom, self._models)

    def _follow(self, scout: Scout) -> None:
        """Take over what the scout saw, and its database; where it saw nothing, or began from another schema, go on."""
        self._scout = None
        scouted = scout.result()
        if scouted is None or scouted.bottom != self._now:
            self._waiting.extend(self._way[scout.start :])
            return
        self._steps.update({step.revision: step for step in scouted.steps})
        self._applied = [revision.id for revision in self._way]
        self._database, self._now, self._models, self._saved = scout.database, scouted.top, scouted.models, None
        if self._looks is not None:
            self._looks.update(scouted.looks)
            self._sent.update(scouted.sent)

    def _go_on(self, inside: Inside) -> None:
        """Take revisions until none waits, or until the database has to be left (spoilt, or to be copied)."""
        if self._now is None and not self._is_short:
            self._look_first(inside)
        while self._waiting and not self._is_spoilt and self._undecided is None:
            self._take(inside, self._waiting.popleft())

    def _take(self, inside: Inside, revision: Revision) -> None:
        missing = [parent for parent in revision.parents if parent not in self._steps or not self._steps[parent].is_applied]
        if missing:
            below = self._steps.get(missing[0])
            culprit = below.blocked if below is not None else None
            words = culprit or f"the upgrade of {missing[0]} below it did not succeed"
            self._steps[revision.id] = Step(revision.id, blocked=words)
            return
        is_watched = revision.id in self._chosen or not self._is_short
        if is_watched and self._now is None:
            self._look_first(inside)
        before = self._now
        self._place.progress("walk", f"{revision.id} upgrade")
        saved = None if self._is_alone and not is_watched else self._saved or self._database.save()
        self._saved = None
        started = time.perf_counter()
        failure = inside.take(revision.id, UP)
        seconds = time.perf_counter() - started
        if failure is not None:
            told = self._told(inside, None, None, seconds)
            self._steps[revision.id] = Step(revision.id, upgrade=failure, told=told)
            self._undo(inside, saved, is_clean=saved is None and self._place.look(inside) == before)
            return
        self._applied.append(revision.id)
        after = self._now = self._place.look(inside) if is_watched else None
        digest = after.digest if after is not None and self._with_digests else None
        self._steps[revision.id] = Step(revision.id, schema=digest, told=self._told(inside, before, after, seconds))
        if self._looks is not None and revision.id in self._chosen and before is not None and after is not None:
            self._looks[revision.id] = before, after
            self._sent[revision.id] = Sent(inside.sent, inside.left_transaction)
        if revision.id in self._chosen and revision.one_way is None and before is not None and after is not None:
            self._try_round_trip(inside, revision, before, after, is_plain=inside.was_plain and revision.is_self_contained)

    def _look_first(self, inside: Inside) -> None:
        self._now = self._place.look(inside)
        if self._bottom is None:
            self._bottom = self._now

    def _told(self, inside: Inside, before: Snapshot | None, after: Snapshot | None, seconds: float) -> Told | None:
        """What the upgrade just taken sent and changed, when somebody wants to read it."""
        if not self._is_detailed:
            return None
        differences = () if before is None or after is None else self._place.compare(before, after)
        changes = tuple(told for difference in differences for told in line(difference))
        return Told(sql=inside.sent, changes=changes, seconds=round(seconds, 4))

    def _try_round_trip(self, inside: Inside, revision: Revision, before: Snapshot, after: Snapshot, *, is_plain: bool) -> None:
        self._place.progress("walk", f"{revision.id} downgrade")
        if self._in_transaction:
            if self._holds_in_a_transaction(inside, revision, before, after, is_plain=is_plain):
                self._note(revision, RoundTrip(restored=(), repeated=()))
            else:
                self._undecided = (revision, before, after)
            return
        saved = self._database.save()
        lost = lost_in_a_rebuild(before, after, inside.sent) if inside.connection.dialect.name == "sqlite" else ()
        with inside.version_table_left_alone():
            trip = self._round_trip(inside, revision, before, after, may_imply=is_plain and saved is not None)
        self._note(revision, replace(trip, lost_on_the_way_up=lost))
        self._undo(inside, saved, is_clean=trip.is_clean)
        self._saved = saved

    def _holds_in_a_transaction(
        self, inside: Inside, revision: Revision, before: Snapshot, after: Snapshot, *, is_plain: bool
    ) -> bool:
        holds = False
        is_noting = not (is_plain and inside.has_rolled_back)  # an engine in AUTOCOMMIT takes nothing back: the table tells
        try:
            with inside.trial(), nullcontext() if is_noting else inside.version_table_left_alone():
                trip = self._round_trip(inside, revision, before, after, may_imply=is_plain)
                holds = trip.is_clean
        except LeavesTransaction:
            holds = False
        # A COMMIT of the revision's own lets the trial out. What it leaves is no ground to go on from, nor to copy.
        got_out = inside.ended_transaction or (is_noting and inside.recorded_heads() != inside.heads)
        inside.has_rolled_back = inside.has_rolled_back or (holds and is_noting and not got_out)
        self._is_spoilt = got_out or not (holds or self._place.look(inside) == after)
        return holds and not self._is_spoilt

    def _round_trip(
        self, inside: Inside, revision: Revision, before: Snapshot, after: Snapshot, *, may_imply: bool = False
    ) -> RoundTrip:
        """Down, look, up again, look.

        The second upgrade follows from the first without being run (`may_imply`) when both steps changed the schema and
        nothing else, the revision's file hides nothing, and the schema is what it was before the first.
        """
        if failure := inside.take(revision.id, DOWN):
            return RoundTrip(downgrade=failure)
        restored = self._place.compare(before, self._place.look(inside))
        if may_imply and not self._is_faithful and inside.was_plain and not restored:
            return RoundTrip(restored=(), repeated=())
        self._place.progress("walk", f"{revision.id} second upgrade")
        if failure := inside.take(revision.id, UP):
            return RoundTrip(restored=restored, again=failure)
        return RoundTrip(restored=restored, repeated=self._place.compare(after, self._place.look(inside)))

    def _decide_on_a_copy(self, revision: Revision, before: Snapshot, after: Snapshot) -> None:
        """Try a round trip with each step committed, on a copy, so that the walk goes on from a clean database."""
        self._undecided = None
        copy = self._place.server.copy(self._database)
        assert copy is not None, "a database that takes schema changes back can be copied"

        def decide(inside: Inside) -> None:
            self._note(revision, self._round_trip(inside, revision, before, after))

        try:
            self._place.inside_env_py(copy, decide)
        finally:
            self._place.server.drop(copy)

    def _note(self, revision: Revision, trip: RoundTrip) -> None:
        self._steps[revision.id] = replace(self._steps[revision.id], round_trip=trip)

    def _undo(self, inside: Inside, saved: object | None, *, is_clean: bool) -> None:
        """Go back to the state before something that was only tried."""
        if saved is not None:
            self._database.restore(saved)
        elif not is_clean or inside.recorded_heads() != inside.heads:
            self._is_spoilt = True

    def _rebuild(self) -> None:
        """Replace a spoilt database by a new one with the same revisions applied."""
        self._is_spoilt = False
        self._place.server.drop(self._database)
        self._database = self._place.new_database()

        def apply(inside: Inside) -> None:
            for revision in self._applied:
                self._place.progress("walk", f"{revision} again, on a new database")
                if failure := inside.take(revision, UP):
                    raise ProofError(
                        f"Cannot go on with the walk: the upgrade of {revision} succeeded once and then failed on a new "
                        f"database: {failure.words.splitlines()[0]}. Make it depend on nothing but the database."
                    )

        self._place.inside_env_py(self._database, apply)


def scouting(order: Order, models_of: Callable[[Place, Walked], Models | None]) -> Go:
    """Make what a scout does: the walk from a place on, for the same order, and the models beside the top."""

    def go(place: Place, database: Database, start: int, *, stands: bool) -> Scouted:
        upper = [revision.id for revision in place.history.revisions[start:]]
        walked = Walk(
            place,
            frozenset(upper),
            with_digests=order.asks_for_digests,
            with_looks=order.asks_for_looks,
            is_detailed=order.detailed,
            alone_on=database,
            stands_at=start if stands else 0,
        ).run()
        return Scouted(walked.steps[start:], walked.bottom, walked.top, walked.looks, walked.sent, models_of(place, walked))

    return go


def _needed_by(chosen: frozenset[str], history: History) -> frozenset[str]:
    """The chosen revisions, those that do their work together with them, and all that lies below."""
    together = chosen.union(*(group for group in history.dependency_groups() if group & chosen))
    return together | history.ancestors(*together)
