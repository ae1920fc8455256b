"""Evidence travels as JSON and comes back as it was."""

from pathlib import Path

from alembic_proof.evidence import (
    DatabaseEvidence,
    Deployment,
    Evidence,
    Failure,
    Models,
    Offline,
    OfflineStep,
    RoundTrip,
    Step,
)
from alembic_proof.migrate.host import load_history
from alembic_proof.schema.diff import Change, Difference
from alembic_proof.schema.snapshot import Key
from alembic_proof.testing import PlantedProject

FAILURE = Failure("OperationalError", "no such table: t", "SELECT 1", 7)
DIFFERENCE = Difference(
    Change.CHANGED,
    Key("column", None, "t", "c"),
    {"type": "INTEGER", "nullable": True, "default": None},
    {"type": "TEXT", "nullable": False, "default": "1"},
    parts={Key("sequence", None, None, "t_c_seq"): {"type": "integer", "owned_by": ("t", "c")}},
)


def gathered(folder: Path) -> Evidence:
    """Evidence with every part filled in."""
    history = load_history(PlantedProject(folder).revision("a").revision("b").project)
    database = DatabaseEvidence(
        name="sqlite",
        kind="sqlite",
        server_version="3.45.1",
        steps=(
            Step("a", round_trip=RoundTrip(restored=(), repeated=()), schema="0f"),
            Step("b", round_trip=RoundTrip(restored=(DIFFERENCE,), again=FAILURE)),
        ),
        deployment=Deployment(recorded=("b",), swallowed=FAILURE, failed_revision="b"),
        offline=Offline(steps=(OfflineStep("a", differences=()), OfflineStep("b", replay=FAILURE))),
        models=Models(differences=(DIFFERENCE,), by_autogenerate=("add_table t",)),
        registered_tables=frozenset({"t"}),
        not_compared=("PRAGMA settings",),
        timings={"walk": 0.5},
    )
    return Evidence(history=history, chosen=frozenset({"b"}), databases=(database,), expected_heads=("b",))


def test_there_and_back(tmp_path: Path) -> None:
    """Every part survives, tuples as tuples and sets as sets."""
    evidence = gathered(tmp_path)
    back = Evidence.from_bytes(evidence.to_bytes())

    assert back == evidence
    assert back.history["b"].down == ("a",)
    assert back.databases[0].steps[1].round_trip == evidence.databases[0].steps[1].round_trip


def test_only_chosen_revisions_are_judged(tmp_path: Path) -> None:
    """The others were only carried on."""
    assert [step.revision for _, step in gathered(tmp_path).chosen_steps()] == ["b"]


def test_registered_tables_are_those_of_all_databases(tmp_path: Path) -> None:
    """None where no env.py gave any."""
    assert gathered(tmp_path).registered_tables == frozenset({"t"})
    assert Evidence(history=gathered(tmp_path).history, chosen=frozenset()).registered_tables is None


def test_a_failure_in_words() -> None:
    """An exception without a message is its name."""
    assert FAILURE.words == "OperationalError: no such table: t"
    assert Failure("NotImplementedError", "").words == "NotImplementedError"


def test_when_a_round_trip_is_clean() -> None:
    """Both ways ran and both comparisons were made and empty."""
    assert RoundTrip(restored=(), repeated=()).is_clean
    assert not RoundTrip().is_clean
    assert not RoundTrip(restored=(), again=FAILURE).is_clean
    assert not RoundTrip(restored=(DIFFERENCE,), repeated=()).is_clean
