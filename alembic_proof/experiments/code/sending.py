"""Recipes as statements of one side, sent to its stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alembic_proof.experiments.code.recipes import Cells, Code, Recipe, Verb
from alembic_proof.experiments.code.stage import Stage
from alembic_proof.rows.literals import Value, identifier, literal
from alembic_proof.rows.tables import Table


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent, and how it was answered. `statement` is what a reader is shown."""

    statement: str
    refusal: str | None
    columns: Sequence[str] = ()
    rows: Sequence[tuple[Any, ...]] = ()


class Sender:
    """Sends what one version's code does to a stage: that of its own schema, or that of the other."""

    def __init__(self, code: Code, stage: Stage, *, is_own: bool) -> None:
        self._code = code
        self._stage = stage
        self._is_own = is_own

    def send(self, recipe: Recipe) -> Sent:
        statements, shown = self._written(recipe)
        answer = self._stage.try_all(statements)
        reads = recipe.columns if recipe.verb is Verb.INSERT else ()
        return Sent(shown, answer.refusal, reads, answer.rows if reads else ())

    def _written(self, recipe: Recipe) -> tuple[Sequence[str], str]:
        stage, table = self._stage, self._code.table
        name = stage.named(table.schema, table.name)
        match recipe.verb:
            case Verb.SELECT:
                select = stage.select(recipe.columns, table)
                return [select], select
            case Verb.INSERT:
                rows = [self._fitting(cells, recipe) for cells in recipe.cells]
                inserts = [stage.insert(cells, table) for cells in rows]
                reads = [stage.select(recipe.columns, table, rows[0])] if recipe.columns else []
                return [*inserts, *reads], "; ".join(inserts)
            case Verb.UPDATE:
                [cells] = recipe.cells
                settings = ", ".join(f"{identifier(n, stage.kind)} = {literal(v, stage.kind)}" for n, v in cells.items())
                update = f"UPDATE {name} SET {settings}{self._one_row()}"  # noqa: S608 - what code sends
                return [update], update
            case Verb.DELETE:
                delete = f"DELETE FROM {name}{self._one_row()}"  # noqa: S608 - what code sends
                return [delete], delete

    def _one_row(self) -> str:
        rows = self._stage.rows.get(self._code.table.full_name)
        return self._stage.where(self._code.table, rows[0].cells) if rows else ""

    def _fitting(self, cells: Cells, recipe: Recipe) -> Cells:
        """A row as this side can take it: it refers to rows that are here; on the other side, without what is gone there."""
        touched, stage, own = self._code.touched, self._stage, self._code.table
        row = dict(cells) if self._is_own else {name: value for name, value in cells.items() if name not in touched.gone}
        if own.full_name not in stage.plans:
            return row
        here = stage.tables[own.full_name]
        theirs = stage.fresh(own.full_name)
        row.update(self._references(row, here, theirs, recipe))
        if not self._is_own:
            row.update({name: theirs[name] for name in touched.required if name != recipe.without and name in theirs})
        return row

    def _references(self, row: Cells, here: Table, theirs: Cells, recipe: Recipe) -> Mapping[str, Value]:
        """What a row refers to, of the keys that its own schema has too."""
        known = {key.columns for key in self._code.table.foreign_keys}
        names = [name for key in here.foreign_keys if key.columns in known for name in key.columns]
        return {name: theirs[name] for name in names if name in row and name in theirs and name not in recipe.fixed}
