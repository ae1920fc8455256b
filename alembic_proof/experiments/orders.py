"""Orders in which the revisions of a history can be applied. Pure: it knows no database.

An order names revisions so that everything comes after what it stands on. Where neither of two revisions stands on the other
(siblings before a merge, two heads), both orders of the two are possible, and deployments have taken both.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

Parents = Mapping[str, Sequence[str]]
Order = tuple[str, ...]

_MOST_ORDERS = 4


def other_orders(order: Sequence[str], parents: Parents) -> tuple[tuple[Order, ...], Mapping[str, frozenset[str]]]:
    """Find other orders, as few as possible, in which the later of two unrelated revisions comes first.

    Returns:
        The orders, and for each revision those that stand before it in every one of them although they need not.

    """
    place = {revision: number for number, revision in enumerate(order)}
    below = _below(order, parents)
    # Bit n of free[r]: the n-th revision comes before r in every order so far, and r does not stand on it.
    free = {revision: ((1 << place[revision]) - 1) & ~below[revision] for revision in order}
    found: list[Order] = []
    while len(found) < _MOST_ORDERS and any(free.values()):
        wanted = next(revision for revision in reversed(order) if free[revision])
        other = _taking_first(order, parents, below[wanted] | 1 << place[wanted])
        placed, is_new = 0, False
        for revision in other:
            is_new = is_new or bool(free[revision] & ~placed)
            free[revision] &= placed
            placed |= 1 << place[revision]
        assert is_new, "the wanted revision stands before what it does not need"
        found.append(other)
    left = {revision: frozenset(order[n] for n in range(place[revision]) if free[revision] >> n & 1) for revision in order}
    return tuple(found), {revision: others for revision, others in left.items() if others}


def _below(order: Sequence[str], parents: Parents) -> Mapping[str, int]:
    place = {revision: number for number, revision in enumerate(order)}
    below: dict[str, int] = {}
    for revision in order:
        below[revision] = 0
        for parent in parents[revision]:
            below[revision] |= below[parent] | 1 << place[parent]
    return below


def _taking_first(order: Sequence[str], parents: Parents, first: int) -> Order:
    """Take always what is ready: of the set `first` (bits) as long as it lasts, else what comes last in the order."""
    place = {revision: number for number, revision in enumerate(order)}
    waits_for = {revision: set(parents[revision]) for revision in order}
    children: dict[str, list[str]] = {revision: [] for revision in order}
    for revision in order:
        for parent in waits_for[revision]:
            children[parent].append(revision)
    ready = [revision for revision in order if not waits_for[revision]]
    taken: list[str] = []
    while ready:
        chosen = max(ready, key=lambda revision: (first >> place[revision] & 1, place[revision]))
        ready.remove(chosen)
        taken.append(chosen)
        for child in children[chosen]:
            waits_for[child].discard(chosen)
            if not waits_for[child]:
                ready.append(child)
    return tuple(taken)


def joins(order: Sequence[str], other: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Name the stretches (begin, end) in which two orders part and after which they have applied the same revisions again."""
    ahead: set[str] = set()
    begin = 0
    for number, (one, another) in enumerate(zip(order, other, strict=True)):
        if not ahead and one != another:
            begin = number
        ahead ^= {one} ^ {another}
        if not ahead and one != another:
            yield begin, number + 1


def deciding_swap(order: Order, other: Order, differs: Callable[[Order], bool]) -> tuple[Order, int]:
    """Find two neighbours whose order decides: some order that is still like `order`, and the place of the first of the two.

    Swapping them gives an order that `differs` says is not like it. It is asked as seldom as bisection allows.
    """
    swaps = list(_swaps(order, other))
    like, unlike = 0, len(swaps)
    while unlike - like > 1:
        middle = (like + unlike) // 2
        if differs(_swapped(order, swaps[:middle])):
            unlike = middle
        else:
            like = middle
    return _swapped(order, swaps[:like]), swaps[like]


def _swaps(order: Order, other: Order) -> Iterator[int]:
    """Name the swaps of neighbours that turn one order into another; every order between is possible when both are."""
    place = {revision: number for number, revision in enumerate(other)}
    current = [place[revision] for revision in order]
    for end in range(1, len(current)):
        for number in range(end, 0, -1):
            if current[number - 1] < current[number]:
                break
            current[number - 1], current[number] = current[number], current[number - 1]
            yield number - 1


def _swapped(order: Order, swaps: Sequence[int]) -> Order:
    changed = list(order)
    for number in swaps:
        changed[number], changed[number + 1] = changed[number + 1], changed[number]
    return tuple(changed)
