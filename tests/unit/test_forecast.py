"""How much of a run is done, and how long the rest takes."""

import pytest

from alembic_proof.forecast import Expected, Forecast, Position

REVISIONS = [f"r{number}" for number in range(10)]
PHASES = frozenset({"walk", "offline", "models", "rows", "code", "paths", "deploy"})


def forecast(phases: frozenset[str] = PHASES, chosen: list[str] = REVISIONS) -> Forecast:
    """A database of ten revisions, from second 100 on."""
    return Forecast(Expected(REVISIONS, frozenset(chosen), phases, 25), 100.0)


def test_the_position_of_each_phase() -> None:
    """Most phases take the revisions in order, rows the judged ones, paths any; what belongs to no phase has no place."""
    one = forecast(chosen=REVISIONS[6:])
    seen = {}
    for phase, doing in [
        ("set-up", "the server"), ("walk", "r0 upgrade"), ("walk", "r3 downgrade"), ("in order", "r1 downgrade"),
        ("offline", "the whole script"), ("offline", "r9 --sql"), ("offline", "r2 as SQL"), ("models", "create_all"),
        ("rows", "r7 up, with rows"), ("code", "r9 after the upgrade"),
        ("paths", "r9 downgrade from the top"), ("paths", "r8 downgrade from the top"), ("deploy", "r0 upgrade"),
    ]:  # fmt: skip
        one.note(phase, doing, 101.0)
        seen[phase, doing] = one.position
        assert one.examples == (25 if phase == "rows" else None)

    assert [(position.number, position.count) if position else None for position in seen.values()] == [
        None, (1, 10), (4, 10), (2, 10),
        None, (10, 10), (3, 10), None,
        (2, 4), (4, 4),
        (1, 10), (2, 10), None,
    ]  # fmt: skip
    assert seen["paths", "r8 downgrade from the top"] == Position(2, 10)


def test_the_share_grows_to_the_end() -> None:
    """What is done never becomes less while a run goes on, and is all but one revision at its last."""
    one, shares = forecast(), [0.0]
    for phase in ("set-up", "walk", "offline", "models", "rows", "code", "paths"):
        for revision in REVISIONS:
            one.note(phase, f"{revision} on", 101.0)
            shares.append(one.share)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0, abs=0.05)


def test_the_rest_is_guessed_from_what_was_taken() -> None:
    """Nothing is said at the beginning; then a phase goes on as it went, and the guess becomes less while a step runs."""
    one = forecast(phases=frozenset({"walk"}))
    one.note("set-up", "the server", 100.5)
    one.note("walk", "r0 upgrade", 101.0)
    assert one.seconds_left(101.0) is None
    one.note("walk", "r5 upgrade", 111.0)
    assert one.seconds_left(111.0) == pytest.approx(10.0)
    assert one.seconds_left(114.0) == pytest.approx(7.0)
    assert one.seconds_left(200.0) == 0.0


def test_the_phases_to_come_are_part_of_the_rest() -> None:
    """What takes long is known before it begins."""
    short, long = forecast(phases=frozenset({"walk"})), forecast(phases=frozenset({"walk", "rows"}))
    for one in (short, long):
        one.note("walk", "r1 upgrade", 103.0)
    few, many = short.seconds_left(103.0), long.seconds_left(103.0)
    assert few is not None
    assert many is not None
    assert many > 2 * few


def test_a_history_without_revisions() -> None:
    """Where nothing is to be done, nothing is divided by it."""
    one = Forecast(Expected((), frozenset(), PHASES, 0), 0.0)
    one.note("walk", "nothing", 5.0)
    assert one.position is None
    assert one.seconds_left(5.0) == pytest.approx(0.5)
