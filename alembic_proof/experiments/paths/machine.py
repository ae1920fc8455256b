"""A state machine of Hypothesis's that walks up, down and across branches. It draws ways; they are gone elsewhere.

Its states are the sets of applied revisions. It is loaded when the first way is drawn: Hypothesis takes a moment.
"""

from itertools import islice

import hypothesis as h
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from alembic_proof.experiments.paths.ways import DOWN, UP, Applied, Moves, Terrain, Way
from alembic_proof.rows.drawing import SEED, undisturbed

_DRAWN_FOR_ONE = 4
"""Most go straight up or down."""


def drawn_ways(terrain: Terrain, number: int, steps: int) -> tuple[Way, ...]:
    """Draw some ways of so many steps, the same in every run. Those that a deployment or a rollback takes are left out."""
    drawn: list[Way] = []

    class Ramble(_Ramble):
        def __init__(self) -> None:
            super().__init__(terrain, drawn)

    settings = h.settings(
        max_examples=number * _DRAWN_FOR_ONE,
        stateful_step_count=steps + 1,  # the choice of the height is one
        database=None,
        deadline=None,
        phases=[h.Phase.generate],
        suppress_health_check=list(h.HealthCheck),
    )
    with undisturbed():
        run_state_machine_as_test(h.seed(SEED)(Ramble), settings=settings)
    told = (way for way in dict.fromkeys(drawn) if way.moves != terrain.plain(way.height, terrain.arrivals(way)[-1]))
    return tuple(islice(told, number))


class _Ramble(RuleBasedStateMachine):
    """One way: it begins at some height, and takes what is ready up, or what is loose down."""

    def __init__(self, terrain: Terrain, drawn: list[Way]) -> None:
        super().__init__()
        self.terrain = terrain
        self.drawn = drawn
        self.height = terrain.top
        self.applied: Applied = terrain.at(terrain.top)
        self.moves: Moves = ()

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        self.height = data.draw(st.integers(self.terrain.near, self.terrain.top))
        self.applied = self.terrain.at(self.height)

    @precondition(lambda self: self.terrain.ready(self.applied))
    @rule(data=st.data())
    def up(self, data: st.DataObject) -> None:
        revision = data.draw(st.sampled_from(self.terrain.ready(self.applied)))
        self.applied |= {revision}
        self.moves += ((revision, UP),)

    @precondition(lambda self: self.terrain.loose(self.applied))
    @rule(data=st.data())
    def down(self, data: st.DataObject) -> None:
        revision = data.draw(st.sampled_from(self.terrain.loose(self.applied)))
        self.applied -= {revision}
        self.moves += ((revision, DOWN),)

    @precondition(lambda self: not self.terrain.ready(self.applied) and not self.terrain.loose(self.applied))
    @rule()
    def stay(self) -> None:
        """There is nowhere to go: at the top, where the last revision has no way back."""

    @invariant()
    def stands(self) -> None:
        """Whatever is applied has all that it stands on below it."""
        assert all(self.applied.issuperset(self.terrain.parents[one]) for one in self.applied), self.moves

    def teardown(self) -> None:
        if self.moves:
            self.drawn.append(Way(self.height, self.moves))
