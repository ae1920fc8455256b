"""Other orders of unrelated revisions: both orders of any two are gone, whatever else is.

Other orders climb to where they join the walk's, and go down there the way that the walk came up. After each stretch the schema
is compared with the one that the walk saw. What differs is tried again on new databases, by the shortest way that shows it.
"""

from alembic_proof.evidence import Disagreement
from alembic_proof.experiments.orders import Order, deciding_swap, joins
from alembic_proof.experiments.paths.guide import Guide
from alembic_proof.experiments.paths.rows import Sown
from alembic_proof.experiments.paths.ways import DOWN, UP, upward
from alembic_proof.migrate.inside import Inside

LONGEST = 20
"""How long two branches may be together that it goes down across."""


def climb_in_another_order(guide: Guide, order: Order) -> list[Disagreement]:
    """Apply the revisions in another order, and look wherever it has the same ones as the walk had."""
    stretches = list(joins(guide.order, order))
    doubtful: list[int] = []

    def climb(inside: Inside) -> None:
        taken = 0
        for begin, end in stretches:
            for revision in order[taken:end]:
                guide.place.progress("paths", f"{revision} in another order")
                if inside.take(revision, UP):
                    doubtful.append(end)
                    return
            taken = end
            if not guide.is_as_walked(guide.place.look(inside), end) or not _there_and_back(guide, inside, order, begin, end):
                doubtful.append(end)
                return

    with guide.place.temporary_database() as database:
        guide.place.inside_env_py(database, climb)
    if not doubtful:
        return []
    end = doubtful[0]
    told = order_decides(guide, order[:end])
    return [told] if told is not None else _detour_decides(guide, order, end)


def _there_and_back(guide: Guide, inside: Inside, order: Order, begin: int, end: int) -> bool:
    """Go down as the walk came up, looking at each revision, and up again in the other order."""
    stretch = guide.order[begin:end]
    if len(stretch) > LONGEST or not all(guide.can_go_down[revision] for revision in stretch):
        return True
    for height, revision in zip(range(end - 1, begin - 1, -1), reversed(stretch), strict=True):
        guide.place.progress("paths", f"{revision} downgrade across branches")
        if inside.take(revision, DOWN) or (height and not guide.is_as_walked(guide.place.look(inside), height)):
            return False
    return not any(inside.take(revision, UP) for revision in order[begin:end])


def order_decides(guide: Guide, order: Order, sown: Sown | None = None) -> Disagreement | None:
    """Name the two revisions whose order decides, and the shortest two ways that show it: the schema, or the rows `sown`."""
    usual = tuple(revision for revision in guide.order if revision in set(order))
    if order == usual:
        return None
    expected = guide.follow(upward(usual), sown)

    def differs(other: Order) -> bool:
        return guide.differ(expected, guide.follow(upward(other), sown), sown)

    if not differs(order):
        return None
    like, place = deciding_swap(usual, order, differs)
    one, other = like[place], like[place + 1]
    unlike = (*like[:place], other, one, *like[place + 2 :])
    if sown is not None:
        for end in (place + 2, len(like)):
            told = guide.told_of_rows(other, one, (upward(like[:end]), upward(unlike[:end])), sown, is_return=False)
            if told is not None:
                return told
        return None
    needed = guide.place.history.ancestors(one) | guide.place.history.ancestors(other)
    below = tuple(revision for revision in usual if revision in needed)
    for first, second in (((*below, one, other), (*below, other, one)), (like, unlike)):
        ends = guide.follow(upward(first)), guide.follow(upward(second))
        if guide.differ(*ends):
            return guide.told(other, one, *ends)
    return None


def _detour_decides(guide: Guide, order: Order, end: int) -> list[Disagreement]:
    """Tell a way down and up again across branches that leaves another schema than the way up alone."""
    begin = next(begin for begin, one_end in joins(guide.order, order) if one_end == end)
    up, down = upward(order[:end]), tuple((revision, DOWN) for revision in reversed(guide.order[begin:end]))
    for number, (revision, _) in enumerate(down, start=1):
        ends = guide.follow(upward(guide.order[: end - number])), guide.follow((*up, *down[:number]))
        if guide.differ(*ends):
            return [guide.told(revision, None, *ends)]
    ends = guide.follow(up), guide.follow((*up, *down, *upward(order[begin:end])))
    return [guide.told(ends[1].way[-1][0], None, *ends)] if guide.differ(*ends) else []
