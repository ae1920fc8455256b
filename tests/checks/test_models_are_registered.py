"""AP202: a model that nothing leads to is not seen by autogenerate."""

from pathlib import Path

import pytest

from alembic_proof.findings import Outcome
from alembic_proof.testing import ENV_PY, PlantedProject
from tests.checks.copies import Copy, Planted

CHECKS = ("models-are-registered",)


def paste(copy: Copy, fix: str) -> str:
    """Write the printed import below the last one of the file that the fix names; give that file."""
    where, _, statement = fix.partition(", below the other imports:\n")
    file = where.removeprefix("in ")
    path = copy.root / file
    lines = path.read_text(encoding="utf-8").splitlines()
    last = max(number for number, line in enumerate(lines) if line.startswith(("import ", "from ")))
    path.write_text("\n".join([*lines[: last + 1], statement, *lines[last + 1 :], ""]), encoding="utf-8")
    return file


@pytest.mark.parametrize("is_one_module", [False, True])
def test_the_printed_import_registers_the_model(planted: Planted, *, is_one_module: bool) -> None:
    """With the import pasted where it is said, the model is registered, and no import cycle comes with it."""
    copy = planted("models_are_registered", "bad")
    if is_one_module:  # the module of the metadata is the one that models import: env.py has to import the model
        both = "from shop.db.base_class import Base\nfrom shop.models.customer import Customer"
        copy.replace("migrations/env.py", "from shop.db.base import Base", both)
        (copy.root / "shop/db/base.py").unlink()
    [finding] = copy.verify(checks=CHECKS).findings

    assert paste(copy, finding.fix) == ("migrations/env.py" if is_one_module else "shop/db/base.py")
    report = copy.verify(checks=(*CHECKS, "modules-import-alone"))
    assert report.findings == ()
    assert {verdict.outcome for verdict in report.outcomes} == {Outcome.PROVED}


def test_a_registered_model_without_migration_is_the_next_finding(planted: Planted) -> None:
    """Once the model is registered, the comparison with the models sees that its migration is missing."""
    copy = planted("models_are_registered", "bad")
    assert copy.verify(checks=("models-match-migrations",)).findings == ()

    [finding] = copy.verify(checks=CHECKS).findings
    paste(copy, finding.fix)

    assert [f.object for f in copy.verify(checks=("models-match-migrations",)).findings] == ["purchase"]


def test_models_of_another_database(tmp_path: Path) -> None:
    """What env.py keeps for another of its databases, as Alembic's template for several does, is registered; the rest is told."""
    env_py = ENV_PY.replace(
        "target_metadata = None", "import models\ntarget_metadata = {'one': models.one, 'two': models.two}"
    ).replace(
        "connection=connection, target_metadata=target_metadata", "connection=connection, target_metadata=target_metadata['one']"
    )
    models = "import sqlalchemy as sa\none, two, three = sa.MetaData(), sa.MetaData(), sa.MetaData()\n"
    models += "\n".join(f'{name}s = sa.Table("{name}", {name}, sa.Column("id", sa.Integer))' for name in ("one", "two", "three"))
    project = PlantedProject(tmp_path, env_py=env_py).file("models.py", models)
    project.revision("a", 'op.create_table("one", sa.Column("id", sa.Integer))', 'op.drop_table("one")')

    assert [finding.object for finding in project.findings(checks=CHECKS)] == ["three"]
