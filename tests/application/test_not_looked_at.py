"""Nothing is passed that was not looked at."""

from types import ModuleType

import pytest

from alembic_proof.checks import migrations_stand_alone, models_are_registered, modules_import_alone
from alembic_proof.evidence import Evidence
from alembic_proof.history import History
from tests.application.looking import reasons


@pytest.mark.parametrize("check", [migrations_stand_alone, modules_import_alone, models_are_registered])
def test_no_evidence_is_no_proof(check: ModuleType) -> None:
    """Without evidence of the application, each of its checks says so, once."""
    judgements = list(check.judge(Evidence(history=History((), (), ()), chosen=frozenset())))

    assert reasons(judgements) == ["the application was not looked at"]
