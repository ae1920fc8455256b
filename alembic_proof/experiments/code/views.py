"""Views that the old code reads: by the columns that they have below the upgrade."""

from collections.abc import Callable, Iterator, Mapping

from alembic_proof.code_evidence import Surprise
from alembic_proof.experiments.code.stage import words_of
from alembic_proof.rows.literals import identifier, literal
from alembic_proof.schema.diff import Difference
from alembic_proof.schema.snapshot import Fetch

_COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info({view})",
    "postgresql": "SELECT attname FROM pg_attribute WHERE attrelid = {view}::regclass AND attnum > 0 AND NOT attisdropped",
    "mariadb": "SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = {view}",
}


class Views:
    """The views of one schema that another one changes, each with what code selects from it."""

    def __init__(self, changed: Mapping[tuple[str | None, str], Difference], kind: str) -> None:
        self.changed = dict(changed)
        self._kind = "mariadb" if kind == "mysql" else kind
        self._selects: dict[tuple[str, str | None], str] = {}

    def leave_out(self, known: Callable[[str | None, str], bool]) -> None:
        """Leave out the views that another experiment knows more of."""
        self.changed = {key: one for key, one in self.changed.items() if not known(*key)}

    def read(self, fetch: Fetch) -> None:
        """Learn their columns, where the schema is the own one. A view that cannot be read is no news of the other schema."""
        for schema, view in self.changed:
            named = self._named(schema, view)
            text = named if self._kind == "postgresql" else view
            columns = [str(row[0]) for row in fetch(_COLUMNS[self._kind].format(view=literal(text, self._kind)))]
            for column in columns:
                select = f"SELECT {identifier(view, self._kind)}.{identifier(column, self._kind)} FROM {named}"  # noqa: S608 - what code sends
                if _refusal(fetch, select) is None:
                    full = view if schema is None else f"{schema}.{view}"
                    self._selects[full, column] = select

    def surprises(self, fetch: Fetch) -> Iterator[Surprise]:
        """Read the same from the other schema."""
        told: set[str] = set()
        for (view, column), select in self._selects.items():
            if view in told:
                continue
            words = _refusal(fetch, select)
            if words is not None:
                is_gone = self._is_gone(fetch, view)
                told.update([view] if is_gone else [])
                blamed = view if is_gone else f"{view}.{column}"
                yield Surprise(blamed, f"A SELECT from view {view}", select, refusal=words, is_absence=True)

    def _is_gone(self, fetch: Fetch, view: str) -> bool:
        selects = [select for (name, _), select in self._selects.items() if name == view]
        return all(_refusal(fetch, select) is not None for select in selects)

    def _named(self, schema: str | None, view: str) -> str:
        return ".".join(identifier(part, self._kind) for part in (schema, view) if part is not None)


def _refusal(fetch: Fetch, statement: str) -> str | None:
    try:
        fetch(statement)
    except Exception as error:  # every driver has its own
        return words_of(error)
    return None
