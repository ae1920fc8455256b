"""Drawing from a strategy: the same values in every run."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

SEED = 0
"""What Hypothesis draws from: the same in every run, so that what one run finds the next one finds too."""


def drawn_from(strategy: "SearchStrategy[Any]", number: int, *, seed: int = SEED, of: str = "") -> tuple[Any, ...]:
    """Draw some values from a strategy, the same ones in every run with one seed; different ones as far as it has them.

    `of` names what they are for: two tables that look alike get other values, or nobody could tell where a value went.
    """
    import hypothesis as h

    drawn: list[Any] = []

    @h.seed(f"{seed} {of}" if of else seed)
    @h.settings(
        max_examples=number, database=None, deadline=None, phases=[h.Phase.generate], suppress_health_check=list(h.HealthCheck)
    )
    @h.given(strategy)
    def draw(value: Any) -> None:
        drawn.append(value)

    with undisturbed():
        draw()
    return tuple(drawn[:number])


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep Hypothesis from mixing in the constants of the modules that happen to be loaded, the project's own among them.

    They are no property of a schema: an edited application would have other rows, and one revision alone others than all of
    them. There is no setting for it (HypothesisProvider in 6.170 asks a function of its module); until there is one.
    """
    from hypothesis.internal.conjecture import providers
    from hypothesis.internal.constants_ast import Constants

    none = Constants()
    emptied = {"_get_local_constants": lambda: none, "CONSTANTS_CACHE": type(providers.CONSTANTS_CACHE)(1024)}
    own = {name: vars(providers)[name] for name in emptied}
    vars(providers).update(emptied)
    try:
        yield
    finally:
        vars(providers).update(own)
