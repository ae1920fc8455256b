"""Putting a database back under env.py's own connection, and seeing whether it is."""

import msgspec

from alembic_proof.experiments.rows.hand import Hand, Picture
from alembic_proof.migrate.inside import Inside
from alembic_proof.rows.tables import tables_of
from alembic_proof.schema.snapshot import Snapshot

_MARK = "alembic_proof_trip"


class Mark:
    """A stretch of one transaction: begun with a savepoint, which is gone if anything ended the transaction."""

    def __init__(self, inside: Inside) -> None:
        self._hand = Hand(inside, "postgresql", is_trial=True)
        self._hand.say(f"SAVEPOINT {_MARK}")

    def is_taken_back(self) -> bool:
        """Take back all that happened since; False if that cannot be done any more."""
        try:
            self._hand.say(f"ROLLBACK TO SAVEPOINT {_MARK}")
        except Exception:
            return False
        return True


class State(msgspec.Struct, frozen=True):
    """A schema, and the rows that migrations themselves have put into it."""

    schema: Snapshot
    rows: Picture


def state_of(inside: Inside, kind: str, schema: Snapshot) -> State | None:
    """Note what a database holds before trips; None where it holds more rows than are kept."""
    hand = Hand(inside, kind, is_trial=False)
    with hand.at_work():
        rows = hand.picture(list(tables_of(schema).values()))
    return None if any(map(hand.is_too_many, rows.values())) else State(schema, rows)


def is_put_back(inside: Inside, kind: str, before: State, now: Snapshot) -> bool:
    """Empty what was empty, and say whether everything is as it was: schema and rows."""
    if now != before.schema:
        return False
    hand = Hand(inside, kind, is_trial=False)
    tables = tables_of(before.schema)
    with hand.at_work():
        hand.empty([table for name, table in tables.items() if not before.rows[name]])
    with hand.at_work():
        return hand.picture([table for name, table in tables.items() if before.rows[name]]) == {
            name: rows for name, rows in before.rows.items() if rows
        }
