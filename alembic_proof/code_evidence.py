"""What the code of one version met on the schema of another: plain frozen data. It judges nothing."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from alembic_proof.schema.diff import Difference
from alembic_proof.schema.takeover import Takeover


class DeployOrder(StrEnum):
    """Which of schema and code goes first."""

    EITHER = "either"
    SCHEMA_FIRST = "schema first"
    CODE_FIRST = "code first"
    TWO_RELEASES = "needs two releases"


class Surprise(msgspec.Struct, frozen=True):
    """What one version's code sends, what its own schema admits, and what the other schema answers otherwise.

    `object` is what differs: a table, "table.column", a constraint. `refusal` holds the database's own words; where there is
    none, `read` is what came back from the own schema and from the other. `is_absence` says that the other schema lacks the
    object altogether.
    """

    object: str
    does: str
    statement: str
    refusal: str | None = None
    read: tuple[str, str] | None = None
    is_absence: bool = False


class CodeStep(msgspec.Struct, frozen=True):
    """The code on both sides of one revision. `additions` is what the new schema has for new code alone: tables, columns.

    `untried` are tables whose rows could not be made, with the reason. `changes` compares the schema after the upgrade (expected)
    with the one before it (actual), where old code was surprised; `takeover` holds both of them, as far as they are about columns
    of another name or type. `derived_because` says why no recorded statements took the place of derived ones, where there are
    recordings.
    """

    revision: str
    blocked: str | None = None
    old_on_new: tuple[Surprise, ...] = ()
    new_on_old: tuple[Surprise, ...] = ()
    additions: tuple[str, ...] = ()
    untried: tuple[tuple[str, str], ...] = ()
    changes: tuple[Difference, ...] = ()
    takeover: Takeover | None = None
    derived_because: str | None = None


def order_of(steps: Iterable[CodeStep]) -> DeployOrder:
    """Say what has to go first so that every statement of the code that runs is answered, on each of several databases."""
    tried = list(steps)
    return _order(any(step.new_on_old or step.additions for step in tried), any(step.old_on_new for step in tried))


def common_order(orders: Iterable[str]) -> str:
    """Say which order suits several answers on one revision; those that are not known ("") count nothing."""
    known = {DeployOrder(order) for order in orders if order}
    both = DeployOrder.TWO_RELEASES
    return _order(bool(known & {DeployOrder.SCHEMA_FIRST, both}), bool(known & {DeployOrder.CODE_FIRST, both})) if known else ""


def _order(new_waits: bool, old_breaks: bool) -> DeployOrder:  # noqa: FBT001 - called with both by place, right above
    if new_waits and old_breaks:
        return DeployOrder.TWO_RELEASES
    if new_waits:
        return DeployOrder.SCHEMA_FIRST
    return DeployOrder.CODE_FIRST if old_breaks else DeployOrder.EITHER
