"""A name for each finding that stays the same while lines move and words change: what a CI compares two runs by."""

from collections import Counter
from collections.abc import Sequence
from hashlib import sha256

from alembic_proof.findings import Finding


def fingerprints_of(findings: Sequence[Finding]) -> list[str]:
    """One name for each finding, all different. It holds what the finding is about: no line, no version, no words.

    Findings that are about the same are told apart by their order.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    names = []
    for finding in findings:
        about = (finding.code, finding.database, finding.revision, finding.direction, finding.object, finding.file)
        key = tuple(part or "" for part in about)
        names.append(sha256("\0".join((*key, str(seen[key]))).encode()).hexdigest()[:32])
        seen[key] += 1
    return names
