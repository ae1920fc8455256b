"""What a text holds though its type does not say so: JSON, the names of a Python enum, identifiers.

The database takes any text for such a column; the application writes no other, and a revision that reads the column with the
application's types fails on all that is not of its form. So where that is how it fails, the columns are found that let it pass
when their texts are of the form, and their rows are written so from then on. That only such rows were tried is said.
"""

import re

import msgspec

from alembic_proof.experiments.rows.ground import Ground
from alembic_proof.experiments.rows.passage import Passage, Trip
from alembic_proof.failure import Failure
from alembic_proof.rows import special, texts
from alembic_proof.rows.hooks import learn, learned, registered, unlearn
from alembic_proof.rows.tables import Column
from alembic_proof.rows.types import Type, Values, among, taken_apart

_NAMES = re.compile(r"is not among the defined enum values\..* Possible values: (.*)", re.DOTALL)
_MOST_COLUMNS = 24
_MOST_FORMS = 4


class Form(msgspec.Struct, frozen=True):
    """What texts have to be."""

    name: str
    values: Values


def form_of(failure: Failure, kind: str) -> Form | None:
    """Tell from an exception which form it missed; None for any other exception."""
    if failure.statement is not None:
        return None
    if failure.error == "JSONDecodeError":
        found = special.values_of(Type("json"), kind)
        return Form("JSON", found) if found is not None else None
    if failure.error == "ValueError" and "badly formed hexadecimal UUID" in failure.message:
        found = texts.values_of(Type("char", ("36",)), kind)
        return Form("UUIDs", found) if found is not None else None
    named = _NAMES.search(failure.message) if failure.error == "LookupError" else None
    # SQLAlchemy leaves out names of a long list, and ends of long ones.
    labels = [one.strip() for one in named[1].split(",") if ".." not in one and one.strip() != "None"] if named else []
    return Form("names of a Python enum", among(labels)) if labels else None


def with_forms(ground: Ground, trip: Trip, passage: Passage) -> tuple[Passage, tuple[str, ...]]:
    """Take a trip again with texts of the form that it missed, as often as that helps; say which columns hold which form."""
    assumed: list[str] = []
    while passage.failure is not None and ground.is_quick and len(assumed) < _MOST_FORMS:
        form = form_of(passage.failure, ground.kind)
        further = _learned(ground, trip, passage.failure, form) if form is not None else None
        if form is None or further is None:
            break
        passage, columns = further
        assumed.extend(columns)
    if passage.failure is not None and not assumed:  # what was found at a revision below
        assumed.extend(name for name in learned() if name.rpartition(".")[0] in trip.thorough)
    forms = learned()
    return passage, tuple(f"{column} for {forms[column][1]}" for column in assumed)


def _learned(ground: Ground, trip: Trip, failure: Failure, form: Form) -> tuple[Passage, list[str]] | None:
    tables = trip.above if trip.is_from_above else trip.below
    columns = [
        column.full_name for name in sorted(trip.thorough) for column in tables[name].columns if _may_be(column, ground.kind)
    ]
    if not columns or len(columns) > _MOST_COLUMNS:
        return None
    for column in columns:
        learn(column, form.values, form.name)
    passage = ground.attempt(trip)
    if _is_same(passage.failure, failure):
        for column in columns:
            unlearn(column)
        return None
    needed = []
    for column in columns:
        unlearn(column)
        without = ground.attempt(trip)
        if without.failure is not None and _is_same(without.failure, failure):
            learn(column, form.values, form.name)
            needed.append(column)
        else:
            passage = without
    return (passage, needed) if needed else None


def _may_be(column: Column, kind: str) -> bool:
    is_known = bool(column.labels or column.checks) or column.full_name in {**registered(), **learned()}
    return not (is_known or column.is_generated) and texts.is_text(taken_apart(column.type), kind)


def _is_same(one: Failure | None, other: Failure) -> bool:
    return one is not None and (one.error, one.line) == (other.error, other.line)
