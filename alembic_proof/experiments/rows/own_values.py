"""What a project says of the values of its own columns: in its settings, and in a function of its own."""

from alembic_proof.config import RowSettings
from alembic_proof.errors import ProofError
from alembic_proof.migrate.host import load_object
from alembic_proof.rows.hooks import forget, registered, strategies_for


def listen_to_the_project(settings: RowSettings) -> None:
    """Call the project's function, then take the values of its settings; what another project said is forgotten.

    Raises:
        ProofError: there is no such function, or it fails, or a column is named without its table.

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
    for column in registered():
        if "." not in column:
            raise ProofError(f'Cannot use values for column "{column}": it names no table. Write it as "table.column".')
