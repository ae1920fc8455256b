"""A run in parts, for a CI system's matrix: every part cuts the same work at the same places, and does its own piece.

The work is a row of pieces: what concerns the project, then for each database what needs the whole history, and its revisions one
by one. A part is a stretch of that row, so that the revisions of a database stay together: climbing to a stretch costs less the
fewer there are.
"""

from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from alembic_proof.checks.registry import ON_DATABASES, Check, choose_checks
from alembic_proof.errors import ProofError
from alembic_proof.migrate.host import load_history
from alembic_proof.releases.lock import lock_file
from alembic_proof.reports.merge import merge_reports
from alembic_proof.reports.report import Report
from alembic_proof.verify import Request, chosen_revisions, verify
from alembic_proof.workers import Listener

_OF_ALL = frozenset({"deploy", "offline", "models", "paths", "released"})
"""What is seen at the top of the history, or of all of it together."""

_SECONDS = 1.0
"""What a revision takes on a database while nothing is recorded. Only the proportions count."""


class Shard(msgspec.Struct, frozen=True):
    """Which part of how many: 3/8 is the third of eight."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


class Piece(msgspec.Struct, frozen=True):
    """The smallest work that is given to one part: some checks on one database, or on none, for one revision or for all."""

    database: str | None
    checks: tuple[str, ...]
    revision: str | None
    cost: float


def parse_shard(text: str) -> Shard:
    """Read "3/8".

    Raises:
        ProofError: it is not a number from 1 to the count, and the count.

    """
    number, slash, count = text.partition("/")
    if not (slash and number.isdecimal() and count.isdecimal() and 1 <= int(number) <= int(count)):
        raise ProofError(f'Cannot take shard "{text}": it is not one of a number of parts. Write --shard 3/8.')
    return Shard(int(number), int(count))


def verify_shard(
    request: Request, shard: Shard, costs: Report | None, listen: Listener = lambda _database, _phase, _doing: None
) -> Report:
    """Do one part of the work. `costs` is an earlier report, whose timings say what takes how long.

    Raises:
        ProofError: the set-up is wrong. GraphError when the history itself cannot be loaded.

    """
    history = load_history(request.project)
    checks = choose_checks(request.checks)
    if not request.checks and not lock_file(request.project).is_file():
        checks = tuple(check for check in checks if "released" not in check.needs)
    revisions = chosen_revisions(request, history)
    pieces = list(cut(checks, revisions, databases_of(request), costs))
    reports = [verify(one, listen) for one in _requests(request, revisions, part_of(pieces, shard))]
    if not reports:
        reports = [verify(replace(request, checks=("single-head",), revisions=frozenset()), listen)]
    merged = merge_reports(reports)
    project = msgspec.structs.replace(merged.project, shard=str(shard))
    return msgspec.structs.replace(merged, project=project, unused_acceptances=())  # all parts together tell them


def databases_of(request: Request) -> tuple[str | None, ...]:
    """The databases that are asked for; None stands for the one that the project's own URL names."""
    return tuple(dict.fromkeys(request.databases or request.project.settings.databases)) or (None,)


def cut(
    checks: Sequence[Check], revisions: Sequence[str], databases: Sequence[str | None], costs: Report | None
) -> Iterator[Piece]:
    """Name all the work there is, piece by piece, in an order that every part knows."""
    on_databases = [check for check in checks if check.needs & ON_DATABASES and "application" not in check.needs]
    of_all = [check for check in checks if check.needs & _OF_ALL]
    of_one = [check for check in on_databases if not check.needs & _OF_ALL]
    rest = [check for check in checks if check not in of_all and check not in of_one]
    if rest:
        yield Piece(None, _names(rest), None, _SECONDS)
    for database in databases:
        known = _Costs(costs, database, revisions)
        if of_all:
            yield Piece(database or "", _names(of_all), None, known.of_all)
        if of_one:
            yield from (Piece(database or "", _names(of_one), revision, known.of_one(revision)) for revision in revisions)


def part_of(pieces: Sequence[Piece], shard: Shard) -> list[Piece]:
    """The pieces of one part: those whose middle lies in its share of the whole cost. Each piece is in one part."""
    share = sum(piece.cost for piece in pieces) / shard.count
    found, before = [], 0.0
    for piece in pieces:
        middle = before + piece.cost / 2
        before += piece.cost
        if min(int(middle / share), shard.count - 1) == shard.number - 1:
            found.append(piece)
    return found


def _requests(request: Request, revisions: Sequence[str], pieces: Sequence[Piece]) -> Iterator[Request]:
    """What to run for these pieces: those of one database and the same checks together."""
    together: dict[tuple[str | None, tuple[str, ...]], list[Piece]] = {}
    for piece in pieces:
        together.setdefault((piece.database, piece.checks), []).append(piece)
    for (named, checks), some in together.items():
        database = databases_of(request)[0] if named is None else named
        stretch = frozenset(piece.revision for piece in some if piece.revision is not None)
        is_of_all = some[0].revision is None
        needed = frozenset[str]().union(*(check.needs for check in choose_checks(checks)))
        yield replace(
            request,
            databases=(database,) if database else request.databases,
            checks=checks,
            revision_range=None,
            revisions=frozenset(revisions) if is_of_all else stretch,
            is_part=len(databases_of(request)) > 1,
            tried=frozenset() if is_of_all and "paths" not in needed else None,
        )


def _names(checks: Sequence[Check]) -> tuple[str, ...]:
    return tuple(check.rule.code for check in checks)


class _Costs:
    """What the pieces of one database take, in seconds, as an earlier report recorded it."""

    def __init__(self, report: Report | None, database: str | None, revisions: Sequence[str]) -> None:
        name = database or (report.databases[0].name if report is not None and report.databases else "")
        timings = [one for one in (report.timings if report is not None else ()) if one.database == name]
        whole = sum(one.seconds for one in timings if one.phase in _OF_ALL)
        self._recorded = {one.revision: one.seconds for one in (report.steps if report else ()) if one.database == name}
        total = sum(one.seconds for one in timings if one.phase not in {*_OF_ALL, "set-up"})
        self._usual = total / len(revisions) if total and revisions else _SECONDS
        mean = sum(self._recorded.values()) / len(self._recorded) if self._recorded else 0.0
        self._scale = self._usual / mean if mean else 1.0
        if any(one.phase == "paths" for one in timings):  # they need all round trips too
            whole += sum(one.seconds for one in timings if one.phase == "walk")
        self.of_all = whole or _SECONDS * max(1, len(revisions) // 4)

    def of_one(self, revision: str) -> float:
        """What one revision takes."""
        return max(self._recorded.get(revision, 0.0) * self._scale, 0.001) if self._recorded else self._usual
