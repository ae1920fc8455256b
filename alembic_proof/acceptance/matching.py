"""Which findings are accepted. Pure functions of plain data."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

import msgspec
from msgspec.structs import replace

from alembic_proof.findings import Acceptance, Accepted, Finding

_QUOTED = re.compile(r'"((?:[^"]|"")*)"|`((?:[^`]|``)*)`')


class Sorted(msgspec.Struct, frozen=True):
    """Findings, parted."""

    broken: tuple[Finding, ...]
    accepted: tuple[Accepted, ...]


def sort_out(findings: Iterable[Finding], acceptances: Sequence[Acceptance], today: date) -> Sorted:
    """Part what is accepted from what is not; a finding whose acceptance expired is told with it."""
    broken: list[Finding] = []
    accepted: list[Accepted] = []
    for finding in findings:
        matching = [acceptance for acceptance in acceptances if matches(acceptance, finding)]
        valid = [acceptance for acceptance in matching if acceptance.until is None or today <= acceptance.until]
        if valid:
            accepted.append(Accepted(finding=finding, acceptance=valid[0]))
        elif matching:
            broken.append(replace(finding, seen=(*finding.seen, *map(_expiry, matching))))
        else:
            broken.append(finding)
    return Sorted(tuple(broken), tuple(accepted))


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


def _expiry(acceptance: Acceptance) -> str:
    where = acceptance.file if acceptance.line is None else f"{acceptance.file}:{acceptance.line}"
    return f"accepted until {acceptance.until} in {where}, which has expired: {acceptance.reason}"
