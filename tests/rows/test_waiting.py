"""How rows come before their parents."""

from alembic_proof.experiments.rows.waiting import wait_for_parents, wait_no_more
from alembic_proof.rows.tables import ForeignKey

KEYS = (ForeignKey("now", ("a",), "p", ("id",)), ForeignKey("later", ("b",), "p", ("id",), is_deferrable=True))


def test_only_what_can_wait_is_asked_to() -> None:
    """PostgreSQL is asked for constraints that may be deferred, by name; where there is none, nothing is said."""
    assert wait_for_parents(KEYS, "billing", "postgresql") == 'SET CONSTRAINTS "billing"."later" DEFERRED'
    assert wait_for_parents(KEYS[:1], None, "postgresql") is None


def test_every_kind_asks_again() -> None:
    """What was lifted is put back in the same words."""
    pairs = {kind: (wait_for_parents(KEYS, None, kind), wait_no_more(kind)) for kind in ("sqlite", "mariadb")}

    assert pairs == {
        "sqlite": ("PRAGMA defer_foreign_keys = ON", "PRAGMA defer_foreign_keys = OFF"),
        "mariadb": ("SET SESSION foreign_key_checks = 0", "SET SESSION foreign_key_checks = 1"),
    }
    assert wait_no_more("postgresql") == "SET CONSTRAINTS ALL IMMEDIATE"
