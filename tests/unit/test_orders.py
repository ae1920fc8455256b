"""The orders in which unrelated revisions are applied."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from alembic_proof.experiments.orders import deciding_swap, joins, other_orders

FORK = {"f": (), "a1": ("f",), "a2": ("a1",), "b1": ("f",), "m": ("a2", "b1"), "top": ("m",)}
IN_ORDER = tuple(FORK)


@st.composite
def graphs(draw: st.DrawFn) -> Mapping[str, Sequence[str]]:
    """Graphs of up to nine revisions, each on some of those before it."""
    size = draw(st.integers(1, 9))
    names = [f"r{number}" for number in range(size)]
    return {
        name: tuple(names[p] for p in draw(st.sets(st.integers(0, n - 1), max_size=2))) if n else ()
        for n, name in enumerate(names)
    }


def test_a_history_in_one_line_has_one_order() -> None:
    """Nothing is tried where everything stands on what is before it."""
    assert other_orders("abc", {"a": (), "b": ("a",), "c": ("b",)}) == ((), {})


def test_siblings_are_turned_round() -> None:
    """One other order puts the second branch before the whole first one."""
    orders, left = other_orders(IN_ORDER, FORK)

    assert orders == (("f", "b1", "a1", "a2", "m", "top"),)
    assert left == {}


def test_where_two_orders_part_and_join() -> None:
    """The stretch between fork and merge is named, and nothing of what both have in common."""
    [order], _ = other_orders(IN_ORDER, FORK)

    assert list(joins(IN_ORDER, order)) == [(1, 4)]


@given(graphs())
def test_every_order_is_possible_and_what_is_not_turned_round_is_named(graph: Mapping[str, Sequence[str]]) -> None:
    """Each order holds every revision after its parents; each unrelated pair is turned round in one of them, or named."""
    orders, left = other_orders(tuple(graph), graph)
    above: dict[str, set[str]] = {}
    for name, parents in graph.items():
        above[name] = set(parents).union(*(above[parent] for parent in parents))
    for order in orders:
        assert sorted(order) == sorted(graph)
        assert all(order.index(parent) < order.index(name) for name, parents in graph.items() for parent in parents)
    for one, other in combinations(graph, 2):
        is_turned = any(order.index(other) < order.index(one) for order in orders)
        assert is_turned == (one not in above[other] and one not in left.get(other, frozenset()))


def comes_before(one: str, other: str, order: Sequence[str]) -> bool:
    """Say whether one revision stands before another."""
    return order.index(one) < order.index(other)


@given(st.permutations(range(6)))
def test_the_swap_that_decides(numbers: Sequence[int]) -> None:
    """Where one pair alone decides, bisection ends at that pair, side by side."""
    order, other = tuple("abcdef"), tuple("abcdef"[number] for number in numbers)
    pairs = [(one, two) for one, two in combinations(order, 2) if other.index(two) < other.index(one)]
    for one, two in pairs:
        is_turned = partial(comes_before, two, one)
        like, place = deciding_swap(order, other, is_turned)
        assert like[place : place + 2] == (one, two)
