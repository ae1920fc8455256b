"""What a project says of its own columns: values that no generator can guess (a JSON document's form, a trigger's demands)."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

    from alembic_proof.rows.types import Values

_STRATEGIES: "dict[str, SearchStrategy[Any]]" = {}
_LEARNED: "dict[str, tuple[Values, str]]" = {}


def strategies_for(column: str, strategy: "SearchStrategy[Any]") -> None:
    """Let the rows of a column ("users.email", "billing.invoice.total") be drawn from a Hypothesis strategy of your own.

    It gives None, bool, int, float, Decimal, str or bytes; whatever else the column holds is given as the text that the database
    takes for it. NULL is still tried where the column may be NULL.
    """
    _STRATEGIES[column] = strategy


def registered() -> "Mapping[str, SearchStrategy[Any]]":
    """Return what was said so far, by column."""
    return dict(_STRATEGIES)


def forget() -> None:
    """Forget what was said: another project begins."""
    _STRATEGIES.clear()
    _LEARNED.clear()


def learn(column: str, values: "Values", form: str) -> None:
    """Let the rows of a column hold what was found that it holds, unless the project says so itself. `form` names it."""
    _LEARNED[column] = values, form


def unlearn(column: str) -> None:
    """Take back what was found."""
    _LEARNED.pop(column, None)


def learned() -> "Mapping[str, tuple[Values, str]]":
    """Return what was found so far, by column: the values, and the name of the form."""
    return dict(_LEARNED)
