"""What a proof was asked for, once its command line is read; it goes from the process that read it to the one that proves."""

import os
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from alembic_proof.again import Again
    from alembic_proof.reports.formats import Output

HANDED_OVER = 86
"""The exit status of a process that read a command line for another one; no command ends with it."""


class Aim(msgspec.Struct, frozen=True, kw_only=True):
    """What says which processes will be wanted. Nothing but what each interpreter has loaded is needed to unpack it."""

    config: Path | None
    on: tuple[str, ...]
    checks: tuple[str, ...]
    store: Path | None
    shard: str | None = None


class Asked(Aim, frozen=True, kw_only=True):
    """The options of `verify` and of `gate`, checked as far as can be without a project.

    `outputs` are the formats and where they go, `store` is the folder of evidence, `again` finds the report of an equal run.
    `is_gate` judges what a pull request adds to `base`, else the whole history or a range of it is judged.
    """

    is_gate: bool = False
    base: str | None = None
    revision_range: str | None = None
    outputs: "tuple[Output, ...]"
    strict: bool
    no_accept: bool
    faithful: bool
    examples: int | None
    rows: bool
    again: "Again | None"
    costs: Path | None = None


class Handed(msgspec.Struct, frozen=True):
    """What another process read, half unpacked: what it was asked is loaded by a process that has loaded what that is made of."""

    aim: Aim
    _packed: bytes

    def asked(self) -> Asked:
        """Unpack the rest."""
        asked: Asked = pickle.loads(self._packed)  # noqa: S301 - a copy of this very process wrote it
        return asked


class _Reader:
    """Where a process that only reads puts what was asked; None in one that proves by itself."""

    pipe: int | None = None


def only_read_for(pipe: int) -> None:
    """Let this process hand over what is asked of it, and do none of it."""
    _Reader.pipe = pipe


def hand_over(asked: Asked) -> None:
    """End with what was asked put into the pipe, where another process proves; else return."""
    if _Reader.pipe is None:
        return
    aim = Aim(config=asked.config, on=asked.on, checks=asked.checks, store=asked.store, shard=asked.shard)
    with os.fdopen(_Reader.pipe, "wb") as stream:
        pickle.dump(Handed(aim, pickle.dumps(asked)), stream)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(HANDED_OVER)


def handed_over(pipe: int) -> Handed | None:
    """Wait for what another process read; None where it ended without handing anything over."""
    with os.fdopen(pipe, "rb") as stream:
        packed = stream.read()
    return pickle.loads(packed) if packed else None  # noqa: S301 - a copy of this very process wrote it
