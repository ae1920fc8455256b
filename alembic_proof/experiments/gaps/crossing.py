"""One upgrade on rows, with rows of the old code written before it, in the gaps between its statements, and after it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import msgspec
from sqlalchemy import event

from alembic_proof.databases.scratch import Database
from alembic_proof.experiments.gaps.openness import Openness
from alembic_proof.experiments.gaps.writers import PATIENCE, Form, Writer, Written
from alembic_proof.experiments.rows.hand import Hand, Picture
from alembic_proof.experiments.rows.seeding import sow
from alembic_proof.experiments.spots import spot_of
from alembic_proof.failure import Failure
from alembic_proof.findings import Direction
from alembic_proof.migrate.inside import Inside
from alembic_proof.migrate.plain import is_question
from alembic_proof.rows.planned import CannotSeedError, Record
from alembic_proof.rows.tables import Table, with_relatives
from alembic_proof.schema.snapshot import Fetch
from alembic_proof.spot import Spot

UP, DOWN = Direction.UPGRADE, Direction.DOWNGRADE
_WORD = re.compile(r"\w+")
_CHANGES = re.compile(r"ALTER|CREATE|DROP|RENAME", re.IGNORECASE)
_MOST_GAPS = 12


class At(msgspec.Struct, frozen=True):
    """Which row, in which gap: gaps are counted for each table."""

    table: str
    gap: int
    form: Form


class Placed(msgspec.Struct, frozen=True):
    """A row that was written in a gap."""

    at: At
    after: Spot
    before: Spot
    written: Written


class Crossing(msgspec.Struct, frozen=True, kw_only=True):
    """What is tried. `only` None: rows in every gap; else there alone. `goes_back`: down again at the end."""

    revision: str
    below: Mapping[str, Table]
    above: Mapping[str, Table]
    tables: frozenset[str]
    only: frozenset[At] | None = None
    goes_back: bool = False


class Crossed(msgspec.Struct):
    """What was seen. `new` is None where the upgrade failed; `below` and `above` are rows written before and after it."""

    failure: Failure | None = None
    below: dict[tuple[str, Form], Written] = msgspec.field(default_factory=dict)
    placed: list[Placed] = msgspec.field(default_factory=list)
    above: dict[tuple[str, Form], Written] = msgspec.field(default_factory=dict)
    new: Picture | None = None
    untried: dict[str, str] = msgspec.field(default_factory=dict)


def cross(inside: Inside, database: Database, kind: str, crossing: Crossing) -> Crossed:
    """Take the upgrade on a database that stands at the revision's parent. It is left wherever that ended."""
    crossed = Crossed()
    hand = Hand(inside, kind, is_trial=False)
    tables = with_relatives(crossing.below, crossing.tables)
    with hand.at_work():
        records = sow(hand, tables, frozenset(), kind, 0).records
        hand.settle([tables[name] for name in dict.fromkeys(record.table for record in records)])
    with database.connect() as fetch:
        fetch(PATIENCE[kind])
        writers = _writers(crossing, records, kind, fetch, crossed)
        gaps = _Gaps(inside, Openness(inside.connection, kind, lambda: hand.say("COMMIT")), crossing, writers, fetch)
        with gaps.watched():
            crossed.failure = inside.take(crossing.revision, UP)
        crossed.placed = gaps.placed
        if crossed.failure is not None:
            return crossed
        known = {name: writer for name, writer in writers.items() if name in crossing.above}
        crossed.above = {(name, form): one.write(form, fetch) for name, one in known.items() for form in one.forms}
    with hand.at_work():
        crossed.new = hand.picture([crossing.above[name] for name in known])
    if crossing.goes_back:
        inside.take(crossing.revision, DOWN)  # so that the database may be as it was; if not, another one is made
    return crossed


def _writers(crossing: Crossing, records: Sequence[Record], kind: str, fetch: Fetch, crossed: Crossed) -> Mapping[str, Writer]:
    """Make a writer for each table that takes a row of the old code before the upgrade; what it refuses there is not tried."""
    admitted: dict[str, list[Record]] = {name: [] for name in with_relatives(crossing.below, crossing.tables)}
    for record in records:
        admitted[record.table].append(record)
    writers: dict[str, Writer] = {}
    for name in sorted(crossing.tables):
        try:
            writer = Writer(crossing.below[name], kind, admitted, crossing.below)
        except CannotSeedError as why:
            crossed.untried[name] = str(why)
            continue
        first = {form: writer.write(form, fetch) for form in writer.forms}
        writer.forms = [form for form, written in first.items() if written.refusal is None]
        crossed.below.update({(name, form): first[form] for form in writer.forms})
        if writer.forms:
            writers[name] = writer
        else:
            words = next(iter(first.values())).refusal
            crossed.untried[name] = f"no row of {name} could be written beside those that were there: {words}"
    return writers


class _Gaps:
    """Finds the gaps while the statements go by, and has rows written there: between two that speak of the same table."""

    def __init__(
        self, inside: Inside, openness: Openness, crossing: Crossing, writers: Mapping[str, Writer], fetch: Fetch
    ) -> None:
        self.placed: list[Placed] = []
        self._connection = inside.connection
        self._file = inside.file_of(crossing.revision)
        self._openness = openness
        self._crossing = crossing
        self._writers = writers
        self._fetch = fetch
        self._last: dict[str, Spot] = {}
        self._number = dict.fromkeys(writers, 0)

    @contextmanager
    def watched(self) -> Iterator[None]:
        with ExitStack() as stack:
            stack.enter_context(self._openness.watched())
            event.listen(self._connection, "before_cursor_execute", self._see)
            stack.callback(event.remove, self._connection, "before_cursor_execute", self._see)
            yield

    def _see(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not is_question(statement):
            words = set(_WORD.findall(statement))
            named = [name for name, writer in self._writers.items() if writer.table.name in words]
            spot = spot_of(statement, self._file) if named else None
            for name in named:
                assert spot is not None, "it was made for those that are named"
                if name in self._last and _is_another(self._last[name], spot) and self._openness.is_open_before(statement):
                    self._write(name, spot)
                self._last[name] = spot
        self._openness.note(statement)

    def _write(self, name: str, spot: Spot) -> None:
        number = self._number[name]
        self._number[name] += 1
        only = self._crossing.only
        forms = [form for form in self._writers[name].forms if only is None or At(name, number, form) in only]
        if number >= _MOST_GAPS or not forms:
            return
        self._openness.let_others_see()
        for form in forms:
            written = self._writers[name].write(form, self._fetch)
            if not written.had_to_wait:
                self.placed.append(Placed(At(name, number, form), self._last[name], spot, written))


def _is_another(one: Spot, other: Spot) -> bool:
    """Whether two statements are more than one line of a revision that is repeated for row after row."""
    is_repeated = one.line is not None and one.line == other.line and not _CHANGES.match(other.statement)
    return not is_repeated and one.statement != other.statement
