"""The deploy order of a revision, of what its two versions' code met."""

import pytest

from alembic_proof.code_evidence import CodeStep, Surprise, common_order, order_of

OLD = CodeStep("a", old_on_new=(Surprise("t.c", "A SELECT", "SELECT c FROM t", refusal="no such column"),))
NEW = CodeStep("a", new_on_old=(Surprise("t.c", "An INSERT", "INSERT", refusal="NOT NULL"),))
MORE = CodeStep("a", additions=("t.d",))
SAME = CodeStep("a")


@pytest.mark.parametrize(
    ("steps", "order"),
    [
        ([SAME], "either"),
        ([SAME, NEW], "schema first"),
        ([MORE, SAME], "schema first"),
        ([OLD], "code first"),
        ([OLD, NEW], "needs two releases"),
        ([OLD, MORE], "needs two releases"),
    ],
)
def test_what_suits_every_database(steps: list[CodeStep], order: str) -> None:
    """Where one database wants the schema first and another the code, it needs two releases."""
    assert order_of(steps) == order


def test_what_suits_several_reports() -> None:
    """Reports of parts of a run say one thing together; one that tried nothing says nothing."""
    assert common_order(["", ""]) == ""
    assert common_order(["", "either"]) == "either"
    assert common_order(["schema first", "either"]) == "schema first"
    assert common_order(["code first", "schema first"]) == "needs two releases"
    assert common_order(["needs two releases", "either"]) == "needs two releases"
