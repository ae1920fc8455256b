"""Goes ways on new databases, every step committed, and compares where they end: only that counts."""

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from alembic_proof.evidence import Apart, Disagreement, Failure, Move, Step
from alembic_proof.experiments.paths.rows import Sown, apart
from alembic_proof.experiments.paths.ways import upward
from alembic_proof.experiments.place import Place
from alembic_proof.experiments.rows.hand import Picture
from alembic_proof.experiments.walk import Walked
from alembic_proof.migrate.inside import Inside
from alembic_proof.schema.diff import Difference
from alembic_proof.schema.snapshot import Snapshot


class Arrived(msgspec.Struct, frozen=True):
    """Where a way ended: `schema`, or the failure of its last step; `begun` and `rows` where rows were written on it."""

    way: tuple[Move, ...]
    schema: Snapshot | None
    failure: Failure | None = None
    begun: Picture | None = None
    rows: Picture | None = None


class Guide:
    """Knows what the walk saw, and goes other ways."""

    def __init__(self, place: Place, walked: Walked) -> None:
        self.place = place
        self.steps: list[Step] = [step for step in walked.steps if step.is_applied]
        self.order = tuple(step.revision for step in self.steps)
        self.schemas = [step.schema for step in self.steps]
        self.can_go_down = {step.revision: step.round_trip is not None and step.round_trip.is_clean for step in self.steps}
        self._same: set[tuple[str, str]] = set()

    def follow(self, way: Sequence[Move], sown: Sown | None = None) -> Arrived:
        """Go a way on a new database; where rows are given, write them on the way."""
        arrived: list[Arrived] = []

        def go(inside: Inside) -> None:
            begun: Picture | None = None
            for number, (revision, direction) in enumerate(way):
                if sown is not None and number == sown.after:
                    begun = sown.sow(inside, self.place.server.kind)
                self.place.progress("paths", f"{revision} {direction}")
                if failure := inside.take(revision, direction):
                    arrived.append(Arrived(tuple(way[: number + 1]), None, failure, begun))
                    return
            if sown is not None and len(way) == sown.after:
                begun = sown.sow(inside, self.place.server.kind)
            schema = self.place.look(inside)
            rows = sown.picture(inside, self.place.server.kind, schema) if begun is not None and sown is not None else None
            arrived.append(Arrived(tuple(way), schema, None, begun, rows))

        with self.place.temporary_database() as database:
            self.place.inside_env_py(database, go)
        return arrived[0]

    def differences(self, first: Arrived, second: Arrived) -> tuple[Difference, ...]:
        """Compare two schemas; nothing where one of the ways ended early."""
        return () if first.schema is None or second.schema is None else self.place.compare(first.schema, second.schema)

    def differ(self, first: Arrived, second: Arrived, sown: Sown | None = None) -> bool:
        """Say whether the second way came elsewhere than the first, or nowhere; with rows, whether these did."""
        if second.schema is None:
            return True
        if sown is not None:
            return bool(_apart(first, second, sown, is_return=False))
        return bool(self.differences(first, second))

    def is_as_walked(self, seen: Snapshot, height: int) -> bool:
        """Say whether a schema is what the walk saw when it had applied the first `height` revisions of its order."""
        expected, digest = self.schemas[height - 1], seen.digest
        if expected is None or digest == expected or (digest, expected) in self._same:
            return True
        walked = self.follow(upward(self.order[:height]))
        if walked.schema is None or self.place.compare(walked.schema, seen):
            return False
        self._same.add((digest, expected))
        return True

    def told(self, revision: str, after: str | None, first: Arrived, second: Arrived) -> Disagreement:
        return Disagreement(revision, after, first.way, second.way, second.failure, self.differences(first, second))

    def told_of_rows(
        self, revision: str, after: str | None, ways: tuple[Sequence[Move], Sequence[Move]], sown: Sown, *, is_return: bool
    ) -> Disagreement | None:
        """Go two ways with the same rows, thrice, once with the rows in another order: what is left to chance is not told.

        The runs take turns, so that what stamps the time in whole seconds differs between those of one way too.
        """
        one, other = ways
        around = sown.turned()
        runs = [(self.follow(one, rows), self.follow(other, rows)) for rows in (sown, sown, around)]
        (first, second), again, turned = runs
        if any(run[0].rows is None for run in runs) or any(run[1].begun is None for run in runs):
            return None
        if any(run[1].failure for run in runs):
            is_same = all(run[1].failure is not None and run[1].way == second.way for run in runs)
            is_of_rows = self.follow(other).failure is None
            told = self.told(revision, after, first, second)
            return replace(told, sown=sown.after) if is_same and is_of_rows else None
        found = _apart(first, second, sown, is_return=is_return)
        by_chance = {
            (each.table, each.column)
            for pair in ((first, again[0]), (first, turned[0]), (second, again[1]), (second, turned[1]))
            for each in _apart(*pair, sown, is_return=is_return)
        }
        rows = tuple(each for each in found if (each.table, each.column) not in by_chance)
        return Disagreement(revision, after, first.way, second.way, None, (), rows, sown.after) if rows else None


def _apart(first: Arrived, second: Arrived, sown: Sown, *, is_return: bool) -> tuple[Apart, ...]:
    if first.rows is None or second.rows is None or first.schema is None or first.begun is None:
        return ()
    is_home = is_return and len(first.way) == sown.after
    return apart(first.rows, second.rows, first.begun, first.schema, is_return=is_return, is_home=is_home)
