"""Recipes as statements of one side, sent to its stage."""

from collections.abc import Sequence
from typing import Any

import msgspec

from alembic_proof.experiments.code.recipes import Cells, Code, Recipe, Verb
from alembic_proof.experiments.code.stage import Stage
from alembic_proof.rows.literals import identifier, literal
from alembic_proof.rows.tables import ForeignKey


class Sent(msgspec.Struct, frozen=True):
    """What was sent, and how it was answered. `statement` is what a reader is shown."""

    statement: str
    refusal: str | None
    columns: Sequence[str] = ()
    rows: Sequence[tuple[Any, ...]] = ()


class Sender:
    """Sends what one version's code does to a stage: that of its own schema, or that of the other."""

    def __init__(self, code: Code, stage: Stage) -> None:
        self._code = code
        self._stage = stage

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
                rows: list[Cells] = []
                for cells in recipe.cells:
                    rows.append(self._fitting(cells, recipe, like=rows[0] if rows else {}))
                inserts = [stage.insert(cells, table) for cells in rows]
                reads = [stage.select(recipe.columns, table, rows[0])] if recipe.columns else []
                return [*inserts, *reads], "; ".join(inserts)
            case Verb.UPDATE:
                [cells] = recipe.cells
                settings = ", ".join(f"{identifier(n, stage.kind)} = {literal(v, stage.kind)}" for n, v in cells.items())
                update = f"UPDATE {name} SET {settings}{self._one_row()}"  # noqa: S608 - what code sends
                return [update], update
            case Verb.DELETE if recipe.by is not None:
                delete = self._delete_of_parent(recipe.by)
                return [delete], delete
            case Verb.DELETE:
                delete = f"DELETE FROM {name}{self._one_row()}"  # noqa: S608 - what code sends
                return [delete], delete

    def _delete_of_parent(self, key: ForeignKey) -> str:
        """Delete the row that one of the table's refers to; nothing where none refers to any."""
        stage = self._stage
        parent = stage.tables.get(key.referred_table)
        name = stage.named(parent.schema, parent.name) if parent is not None else stage.named(None, key.referred_table)
        rows = [row.cells for row in stage.rows.get(self._code.table.full_name, ())]
        row = next((cells for cells in rows if all(cells.get(one) is not None for one in key.columns)), None)
        if row is None:
            return f"DELETE FROM {name} WHERE 1 = 0"  # noqa: S608 - what code sends
        pairs = zip(key.referred_columns, key.columns, strict=True)
        terms = (f"{identifier(theirs, stage.kind)} = {literal(row[own], stage.kind)}" for theirs, own in pairs)
        return f"DELETE FROM {name} WHERE {' AND '.join(terms)}"  # noqa: S608 - what code sends

    def _one_row(self) -> str:
        rows = self._stage.rows.get(self._code.table.full_name)
        return self._stage.where(self._code.table, rows[0].cells) if rows else ""

    def _fitting(self, cells: Cells, recipe: Recipe, like: Cells) -> Cells:
        """A row as this side can take it: it refers to rows that are here, and has what the schema here needs of it.

        It refers to the same rows as one that it is `like`, but where its own schema wants each to have its own.
        """
        stage, table = self._stage, self._code.table
        row = dict(cells) if table.full_name not in stage.tables else stage.as_here(cells, table, recipe.without)
        if table.full_name not in stage.plans:
            return row
        fresh = stage.fresh(table.full_name)
        told_apart = {name for unique in table.uniques for name in unique}
        for key in table.foreign_keys:
            parent = fresh if told_apart & set(key.columns) else {**fresh, **like}
            row.update({name: parent[name] for name in key.columns if name in row.keys() & fresh.keys() - recipe.fixed})
        return row
