"""One report for several processes: the first that needs it makes it, the others wait and read it."""

import fcntl
from collections.abc import Callable
from pathlib import Path

import msgspec

from alembic_proof.errors import ProofError
from alembic_proof.reports.report import Report


class Proof(msgspec.Struct, frozen=True):
    """What a run came to: a report, the line that says why there is none, or both when only the history could be judged."""

    report: Report | None
    error: str | None = None

    def judged(self) -> Report:
        """Return the report.

        Raises:
            ProofError: there is none.

        """
        if self.report is None:
            raise ProofError(self.error or "")
        return self.report


def proof_once(folder: Path | None, make: Callable[[], Proof]) -> Proof:
    """Make the report, or wait for the process that is making it. Without a folder there is no other process.

    A process that dies while making it leaves the work to the next one.
    """
    if folder is None:
        return make()
    kept = folder / "proof.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            made = folder / "made.json"
            made.write_bytes(msgspec.json.encode(make()))
            made.replace(kept)
    return msgspec.json.decode(kept.read_bytes(), type=Proof)


def kept_proof(folder: Path) -> Proof | None:
    """What the processes that share a folder came to; None when none of them needed it."""
    kept = folder / "proof.json"
    return msgspec.json.decode(kept.read_bytes(), type=Proof) if kept.exists() else None
