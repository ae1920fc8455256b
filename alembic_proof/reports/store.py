"""One report for several processes: those that need it make it together, and each of them reads it."""

import fcntl
from collections.abc import Callable, Sequence
from functools import partial
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


def proof_in_parts(
    folder: Path | None, count: int, make: Callable[[int], Proof], join: Callable[[Sequence[Proof]], Proof]
) -> Proof:
    """Make the report in parts (from 1), together with the processes that share the folder; each part is made by one of them.

    A process that dies while making a part leaves it to the next one. Without a folder there is no other process, and one part.
    """
    if folder is None:
        return join([make(1)])
    parts = [folder / f"part{number}" for number in range(1, count + 1)]
    for wait in (0, 1):  # first what nobody is at, then what the others have not finished
        for number, part in enumerate(parts, 1):
            _keep(part, partial(make, number), wait=bool(wait))
    kept = folder / "proof"
    _keep(kept, lambda: join([_read(part) for part in parts]), wait=True)
    return _read(kept)


def _keep(name: Path, make: Callable[[], Proof], *, wait: bool) -> None:
    """Write what is made, unless another process has, or is at it and nobody waits."""
    with name.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if not name.with_suffix(".json").exists():
            made = name.with_suffix(".made")
            made.write_bytes(msgspec.json.encode(make()))
            made.replace(name.with_suffix(".json"))


def _read(name: Path) -> Proof:
    return msgspec.json.decode(name.with_suffix(".json").read_bytes(), type=Proof)


def kept_proof(folder: Path) -> Proof | None:
    """What the processes that share a folder came to; None when none of them needed it."""
    kept = folder / "proof.json"
    return msgspec.json.decode(kept.read_bytes(), type=Proof) if kept.exists() else None
