"""One report for several processes: the first that needs it makes it, the others wait and read it."""

import fcntl
from collections.abc import Callable
from pathlib import Path

import msgspec

from alembic_proof.errors import ProofError
from alembic_proof.reports.report import Report


class Kept(msgspec.Struct, frozen=True):
    """What a run came to: a report, or the line that says why there is none."""

    report: Report | None
    error: str | None = None


def report_once(folder: Path | None, make: Callable[[], Report | ProofError]) -> Report | ProofError:
    """Make the report, or wait for the process that is making it. Without a folder there is no other process."""
    if folder is None:
        return make()
    kept = folder / "report.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            made = make()
            document = Kept(None, str(made)) if isinstance(made, ProofError) else Kept(made)
            kept.write_bytes(msgspec.json.encode(document))
    found = msgspec.json.decode(kept.read_bytes(), type=Kept)
    return found.report if found.report is not None else ProofError(found.error or "")
