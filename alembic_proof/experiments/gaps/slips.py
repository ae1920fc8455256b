"""What came of the rows that were written in gaps, beside those that were written before and after. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from alembic_proof.experiments.gaps.crossing import At, Crossed, Crossing, Placed
from alembic_proof.experiments.gaps.writers import Form, Written
from alembic_proof.experiments.rows.hand import Cell, Picture
from alembic_proof.experiments.rows.meaning import meaning, written
from alembic_proof.gap_evidence import Harm, Slip
from alembic_proof.rows.tables import Table

_WORD = re.compile(r"\w+")


def slips_of(crossed: Crossed, crossing: Crossing) -> dict[At, Slip]:
    """Say which rows came to harm, as far as one upgrade shows it. Where it failed, each row may have done it."""
    return {placed.at: slip for placed in crossed.placed if (slip := _slip(placed, crossed, crossing)) is not None}


def _slip(placed: Placed, crossed: Crossed, crossing: Crossing) -> Slip | None:
    at, one = placed.at, placed.written
    found = Slip(
        at.table, at.table, Harm.STOPPED, placed.after, placed.before, f"An INSERT {at.form}", one.statement, words=one.refusal
    )
    above = crossed.above.get((at.table, at.form))
    if one.refusal is not None:
        is_told_anyway = above is None or above.refusal is not None
        return None if is_told_anyway else replace(found, harm=Harm.REFUSED, object=_blamed(one.refusal, at.table, crossing))
    if crossed.failure is not None:
        words = crossed.failure.words
        return replace(found, object=_blamed(words, at.table, crossing), words=words, line=crossed.failure.line)
    table = crossing.above.get(at.table)
    if above is None or table is None or crossed.new is None:
        return None
    ends = [_row_of(some, table, crossed.new) for some in (one, crossed.below[at.table, at.form], above)]
    return _of_ends(found, table, *ends, is_refused_above=above.refusal is not None)


def _of_ends(
    found: Slip,
    table: Table,
    own: Mapping[str, Cell] | None,
    below: Mapping[str, Cell] | None,
    above: Mapping[str, Cell] | None,
    *,
    is_refused_above: bool,
) -> Slip | None:
    """Judge where a row, one from before and one from after the upgrade ended."""
    if below is None:
        return None
    if own is None:
        return replace(found, harm=Harm.LOST, is_refused_above=is_refused_above)
    for column in table.columns:
        name = column.name
        if own[name] is None and below[name] is not None and above is not None and above[name] is not None:
            keys = [f"{key}={written(own[key], table.column(key))}" for key in table.primary_key]
            row = f"{table.full_name}({', '.join([*keys, f'{name}=NULL'])})"
            return replace(found, harm=Harm.UNFILLED, object=column.full_name, row=row)
    return None


def _row_of(one: Written, table: Table, picture: Picture) -> Mapping[str, Cell] | None:
    """Find a row again by its key."""
    cells = one.record.cells
    if not table.primary_key or not set(table.primary_key) <= set(cells):
        return None
    key = [table.column(name) for name in table.primary_key]
    wanted = [meaning(cells[column.name], column) for column in key]
    rows: Sequence[Mapping[str, Cell]] = picture.get(table.full_name, ())
    return next((row for row in rows if [meaning(row[column.name], column) for column in key] == wanted), None)


def _blamed(words: str, table: str, crossing: Crossing) -> str:
    """The column of the table that the database names, else the table."""
    named = set(_WORD.findall(words))
    both = [one for side in (crossing.above, crossing.below) if (one := side.get(table)) is not None]
    told = (column.full_name for one in both for column in one.columns if column.name in named)
    return next(told, table)


def told_once(slips: Mapping[At, Slip]) -> Iterator[Slip]:
    """Tell each harm once: gaps next to each other as one, by the plainest row that does it."""
    groups: dict[tuple[str, str, Harm], dict[At, Slip]] = {}
    for at, slip in sorted(slips.items(), key=lambda item: (item[0].table, item[0].gap)):
        groups.setdefault((slip.table, slip.object, slip.harm), {})[at] = slip
    for group in groups.values():
        forms = {at.form for at in group if not group[at].is_refused_above} or {at.form for at in group}
        form = Form.EVERY if Form.EVERY in forms else Form.NEEDED
        gaps = sorted(at.gap for at in group if at.form is form)
        last = group[next(at for at in group if at.form is form and at.gap == gaps[-1])]
        first = gaps[-1]
        while first - 1 in gaps:
            first -= 1
        begin = group[next(at for at in group if at.form is form and at.gap == first)]
        yield replace(last, after=begin.after)
