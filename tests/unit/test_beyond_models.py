"""Which differences are the migrations' own."""

import pytest

from alembic_proof.schema.beyond_models import is_beyond_models
from alembic_proof.schema.diff import compare
from alembic_proof.schema.snapshot import Key, Snapshot, Value

TABLE, COLUMN = Key("table", None, None, "t"), Key("column", None, "t", "a")
USUAL: dict[str, Value] = {"row_security": False, "replica_identity": "DEFAULT", "comment": None}


def _snapshot(**changed: Value) -> Snapshot:
    return Snapshot({TABLE: {**USUAL, **changed}})


@pytest.mark.parametrize(
    ("in_models", "migrated", "is_beyond"),
    [
        ({}, {"row_security": True, "replica_identity": "FULL"}, True),
        ({"replica_identity": "FULL"}, {}, False),
        ({}, {"row_security": True, "comment": "x"}, False),
    ],
)
def test_a_setting_is_the_migrations_own_where_models_have_the_usual_one(
    in_models: dict[str, Value], migrated: dict[str, Value], *, is_beyond: bool
) -> None:
    """What models cannot state is no failure of theirs, unless their DDL events stated it and the migrations did not."""
    (difference,) = compare(_snapshot(**in_models), _snapshot(**migrated))
    assert is_beyond_models(difference) is is_beyond


def test_an_object_is_the_migrations_own_only_where_they_have_more() -> None:
    """A function of the migrations alone is theirs; one of the models alone is missing; of tables only a partition is theirs."""
    function = Snapshot({Key("function", None, None, "f()"): {"definition": "x"}})
    assert [is_beyond_models(difference) for difference in compare(Snapshot(), function)] == [True]
    assert [is_beyond_models(difference) for difference in compare(function, Snapshot())] == [False]
    assert [is_beyond_models(difference) for difference in compare(Snapshot(), _snapshot())] == [False]
    partition = _snapshot(partition_bound="DEFAULT")
    assert [is_beyond_models(difference) for difference in compare(Snapshot(), partition)] == [True]
