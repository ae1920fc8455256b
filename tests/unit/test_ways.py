"""Ways through a history: which are possible, which are gone, how they are made short."""

from itertools import pairwise

from msgspec.structs import replace

from alembic_proof.experiments.paths.machine import drawn_ways
from alembic_proof.experiments.paths.ways import DOWN, UP, Terrain, Way, certain_ways, downward, upward

FORK = Terrain(
    order=("a", "b", "c", "d", "merge"),
    parents={"a": (), "b": ("a",), "c": ("a",), "d": ("c",), "merge": ("b", "d")},
    can_go_down=dict.fromkeys("abcd", True) | {"merge": True},
    floor=1,
)


def line(length: int, floor: int = 0) -> Terrain:
    """Revisions one upon the other."""
    names = tuple(f"r{number}" for number in range(length))
    parents = {names[0]: (), **{upper: (lower,) for lower, upper in pairwise(names)}}
    return Terrain(names, parents, dict.fromkeys(names, True), floor)


def test_a_revision_waits_for_what_it_stands_on() -> None:
    """Up goes what has its parents, down what carries nothing and lies above the floor."""
    assert FORK.ready(FORK.at(1)) == ["b", "c"]
    assert FORK.ready(frozenset("acd")) == ["b"]
    assert FORK.loose(frozenset("abc")) == ["c", "b"]
    assert FORK.loose(FORK.at(5)) == ["merge"]
    assert FORK.loose(FORK.at(1)) == []


def test_the_plain_way() -> None:
    """A deployment goes down first, the last revision first, and up in the order of the walk."""
    assert FORK.plain(2, frozenset("acd")) == (("b", DOWN), ("c", UP), ("d", UP))
    assert FORK.plain(3, FORK.at(3)) == ()


def test_what_takes_something_back() -> None:
    """A move that undoes another one on the way is a return, whichever its direction."""
    assert FORK.returns(Way(1, (("b", UP), ("c", UP), ("b", DOWN)))) == [2]
    assert FORK.returns(Way(3, (("c", DOWN), ("b", DOWN), ("b", UP)))) == [2]
    assert FORK.returns(Way(1, (("c", UP), ("b", UP)))) == []


def test_shorter_ways_are_possible_ones() -> None:
    """Two moves that undo each other are left out, unless something between them stands on the first."""
    way = Way(1, (("b", UP), ("c", UP), ("d", UP), ("d", DOWN), ("c", DOWN)))
    shorter = list(FORK.shorter(way))

    assert (
        shorter
        == [
            Way(1, (("b", UP), ("c", UP), ("c", DOWN))),
        ]
        == [one for one in shorter if FORK.is_possible(one)]
    )


def test_drawn_ways_are_possible_and_the_same_in_every_run() -> None:
    """The machine takes no step that a database could not, begins near the top, and goes across branches."""
    ways = drawn_ways(FORK, 8, 6)

    assert ways == drawn_ways(FORK, 8, 6)
    assert all(FORK.is_possible(way) for way in ways)
    places = {applied for way in ways for applied in FORK.arrivals(way)}
    assert {frozenset("ab"), frozenset("ac")} <= places
    assert any(FORK.returns(way) for way in ways)


def test_what_has_no_way_back() -> None:
    """Where the last revision cannot go down, ways begin below it; where none can, there is one way."""
    one_way = replace(line(5), can_go_down={f"r{number}": number < 3 for number in range(5)})
    none = replace(line(2), can_go_down=dict.fromkeys(("r0", "r1"), False))

    assert {revision for way in certain_ways(one_way, few=False) for revision, _ in way.moves} == {"r0", "r1", "r2"}
    assert any(one_way.returns(way) for way in drawn_ways(one_way, 8, 6))
    assert drawn_ways(none, 8, 6) == ()


def test_the_number_of_moves_is_bounded() -> None:
    """A history of a thousand revisions costs no more moves than one of thirty."""
    short, long = (sum(len(way.moves) for way in certain_ways(line(length, length - 20), few=False)) for length in (30, 1000))
    drawn = drawn_ways(line(1000, 980), 8, 6)

    assert short == long < 100
    assert sum(len(way.moves) for way in drawn) <= 8 * 6
    assert min(way.height for way in drawn) >= 994


def test_the_certain_ways() -> None:
    """Any two revisions near the top go up and down, and down and up; a rollback is as long as the floor allows."""
    terrain = line(4, 1)
    order = terrain.order

    assert list(certain_ways(terrain, few=False)) == [
        Way(1, (*upward(order[1:3]), *downward(order[1:3]))),
        Way(3, (*downward(order[1:3]), *upward(order[1:3]))),
        Way(2, (*upward(order[2:]), *downward(order[2:]))),
        Way(4, (*downward(order[2:]), *upward(order[2:]))),
        Way(4, (*downward(order[1:]), *upward(order[1:])), with_rows=False),
    ]
