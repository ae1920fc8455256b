"""Which findings are accepted, and which acceptances had nothing to accept. Pure functions of plain data."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from alembic_proof.findings import Acceptance, Accepted, Finding, Outcome, Verdict

_QUOTED = re.compile(r'"((?:[^"]|"")*)"|`((?:[^`]|``)*)`')


@dataclass(frozen=True, slots=True)
class Sorted:
    """Findings, parted. `used` are the acceptances that matched, those that had expired among them."""

    broken: tuple[Finding, ...]
    accepted: tuple[Accepted, ...]
    used: frozenset[Acceptance]


def sort_out(findings: Iterable[Finding], acceptances: Sequence[Acceptance], today: date) -> Sorted:
    """Part what is accepted from what is not; a finding whose acceptance expired is told with it."""
    broken: list[Finding] = []
    accepted: list[Accepted] = []
    used: set[Acceptance] = set()
    for finding in findings:
        matching = [acceptance for acceptance in acceptances if matches(acceptance, finding)]
        used.update(matching)
        valid = [acceptance for acceptance in matching if acceptance.until is None or today <= acceptance.until]
        if valid:
            accepted.append(Accepted(finding=finding, acceptance=valid[0]))
        elif matching:
            broken.append(replace(finding, seen=(*finding.seen, *map(_expiry, matching))))
        else:
            broken.append(finding)
    return Sorted(tuple(broken), tuple(accepted), frozenset(used))


def matches(acceptance: Acceptance, finding: Finding) -> bool:
    """Say whether an acceptance covers a finding: the same check, and the revision and the object that it names."""
    return (
        acceptance.check == finding.check
        and acceptance.revision in (None, finding.revision)
        and (acceptance.object is None or acceptance.object == finding.object or unquoted(acceptance.object) == finding.object)
    )


def unquoted(name: str) -> str:
    """Write a dotted name without SQL's quotation marks: reports use none."""
    return _QUOTED.sub(lambda found: (found[1] or "").replace('""', '"') + (found[2] or "").replace("``", "`"), name)


def unused(
    acceptances: Iterable[Acceptance],
    used: Collection[Acceptance],
    outcomes: Sequence[Verdict],
    *,
    history: Collection[str],
    chosen: Collection[str],
    is_everywhere: bool,
) -> Iterator[Acceptance]:
    """Name the acceptances that had nothing to accept, where all that they are about was judged.

    `outcomes` are those of the checks that were chosen, `chosen` the revisions that were, of all of the `history`;
    `is_everywhere` says that the run had every database of the project.
    """
    for acceptance in acceptances:
        if acceptance in used:
            continue
        if acceptance.revision is not None and acceptance.revision not in history:
            yield acceptance
            continue
        about = [
            verdict
            for verdict in outcomes
            if verdict.check == acceptance.check
            and (acceptance.revision is None or verdict.revision in (None, acceptance.revision))
        ]
        wanted = history if acceptance.revision is None else (acceptance.revision,)
        is_judged = bool(about) and all(verdict.outcome is not Outcome.NOT_PROVED for verdict in about)
        has_all = is_everywhere or all(verdict.database is None for verdict in about)
        if is_judged and has_all and all(revision in chosen for revision in wanted):
            yield acceptance


def _expiry(acceptance: Acceptance) -> str:
    where = acceptance.file if acceptance.line is None else f"{acceptance.file}:{acceptance.line}"
    return f"accepted until {acceptance.until} in {where}, which has expired: {acceptance.reason}"
