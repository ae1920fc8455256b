"""What a project says of the values of its own columns: in its settings, and in a function of its own."""

import difflib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from alembic_proof.config import RowSettings
from alembic_proof.errors import ProofError
from alembic_proof.migrate.host import load_object
from alembic_proof.rows.drawing import drawn_from
from alembic_proof.rows.hooks import forget, registered, strategies_for
from alembic_proof.rows.tables import Table

_DRAWN = 8
_WRITABLE = (type(None), bool, int, float, Decimal, str, bytes, list)


def listen_to_the_project(settings: RowSettings) -> None:
    """Call the project's function, then take the values of its settings; what another project said is forgotten.

    Raises:
        ProofError: there is no such function, or it fails; a column is named without its table, or its values cannot be used.

    """
    forget()
    if settings.strategies is not None:
        function = load_object(settings.strategies, setting="strategies")
        try:
            function()
        except Exception as error:
            words = f"{type(error).__name__}: {error}".splitlines()[0]
            raise ProofError(f'Cannot run strategies = "{settings.strategies}": {words}. Mend the function.') from error
    if settings.values:
        from hypothesis import strategies as st  # noqa: PLC0415 - a run without rows never loads it

        for column, values in settings.values.items():
            if not values:
                raise ProofError(f'Cannot use values for column "{column}": there are none. Give some, or leave it out.')
            strategies_for(column, st.sampled_from(values))
    for column, strategy in registered().items():
        if "." not in column:
            raise ProofError(f'Cannot use values for column "{column}": it names no table. Write it as "table.column".')
        _try_out(column, strategy)


def _try_out(column: str, strategy: Any) -> None:
    """Draw some values: a strategy that gives none that a statement can hold is told before anything is tried."""
    from hypothesis.strategies import SearchStrategy  # noqa: PLC0415 - as above

    if not isinstance(strategy, SearchStrategy):
        kind = type(strategy).__name__
        raise ProofError(f'Cannot use values for column "{column}": a {kind} is no strategy. Give one of hypothesis.strategies.')
    try:
        drawn = drawn_from(strategy, _DRAWN)
    except Exception as error:
        words = f"{type(error).__name__}: {error}".splitlines()[0]
        raise ProofError(f'Cannot draw values for column "{column}": {words}. Mend its strategy.') from error
    for value in drawn:
        if not isinstance(value, _WRITABLE):
            raise ProofError(
                f'Cannot use values for column "{column}": {value!r:.60} is a {type(value).__name__}. '
                "Give it as the text that the database takes: .map(json.dumps) for a document, .map(str) for most others."
            )


def unknown_columns(tables: Mapping[str, Table]) -> Iterator[str]:
    """Say for which columns the project gave values that none of these tables has."""
    known = [column.full_name for table in tables.values() for column in table.columns]
    for name in sorted(registered().keys() - set(known)):
        close = difflib.get_close_matches(name, known, n=1)
        meant = f"; there is {close[0]}" if close else ""
        yield f"values given for {name} (at the head there is no such column{meant})"
