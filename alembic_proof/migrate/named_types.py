"""Types that Alembic remembers to have made with their tables: PostgreSQL's enums and domains.

`sa.Enum(..., name="mood")` in op.create_table() makes its type, once in the life of Alembic's implementation, of one command.
Here one env.py takes many steps, up and down. A type that went away meanwhile has to be made again, as the next command would.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic.runtime.migration import MigrationContext

from alembic_proof.schema.snapshot import Fetch

_TYPES = """
SELECT n.nspname, t.typname, pg_catalog.pg_type_is_visible(t.oid)
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype IN ('e', 'd')
"""


def remembered(context: MigrationContext) -> list[set[tuple[str | None, str]]]:
    """The names that SQLAlchemy notes on Alembic's implementation, by kind of type: (schema, name)."""
    return [names for key, names in context.impl.memo.items() if str(key).startswith("pg_") and isinstance(names, set)]


def forget_what_is_gone(context: MigrationContext, fetch: Fetch) -> None:
    """Take out of the notes what the database no longer has."""
    there: set[tuple[str | None, str]] = set()
    for schema, name, is_visible in fetch(_TYPES):
        there.update({(schema, name), (None, name)} if is_visible else {(schema, name)})
    for names in remembered(context):
        names &= there  # noqa: PLW2901 - the set itself is changed


@contextmanager
def as_they_were(context: MigrationContext) -> Iterator[None]:
    """Put the notes back at the end: what was noted meanwhile is taken back."""
    before = [(names, set(names)) for names in remembered(context)]
    known = [names for names, _ in before]
    try:
        yield
    finally:
        for names in remembered(context):
            if not any(names is one for one in known):
                names.clear()
        for names, earlier in before:
            names.clear()
            names.update(earlier)
