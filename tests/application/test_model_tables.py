"""Which tables the application's models have, and where."""

from pathlib import Path

import pytest

from alembic_proof.checks import models_are_registered
from alembic_proof.experiments.application.env_file import read_env_file
from alembic_proof.experiments.application.locate import locate
from alembic_proof.findings import Subject
from tests.application.looking import DB, PACKAGE, Look, findings, model, reasons

TABLES = """\
import sqlalchemy as sa
from shop.db import Base
from sqlalchemy.orm import Mapped, mapped_column

tag = sa.Table("tag", Base.metadata, sa.Column("id", sa.Integer, primary_key=True), schema="other")


class Abstract(Base):
    __abstract__ = True


class Animal(Base):
    __tablename__ = "animal"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    __mapper_args__ = {"polymorphic_on": "kind"}


class Cat(Animal):
    __mapper_args__ = {"polymorphic_identity": "cat"}


class Plain:
    pass


Base.registry.map_imperatively(
    Plain, sa.Table("plain", Base.metadata, sa.Column("id", sa.Integer, primary_key=True))
)
lightweight = sa.table("nothing", sa.column("id"))
"""


def test_every_way_to_make_a_table(look: Look) -> None:
    """Tables, mapped classes and imperative mappings are found at their lines; bases, children and `sa.table` are none."""
    seen = look({**PACKAGE, "shop/models.py": TABLES})

    assert [(table.name, table.bound_as, table.mapped_class, table.line) for table in seen.application.tables] == [
        ("other.tag", "tag", None, 5),
        ("animal", "Animal", "Animal", 12),
        ("plain", "Plain", "Plain", 28),
    ]
    assert {table.metadata_owner for table in seen.application.tables} == {"shop.db.Base"}


def test_tables_of_tests_and_of_libraries_are_left_out(look: Look) -> None:
    """What test modules define, and what a library makes while it is imported, is not the application's."""
    library = "import sqlalchemy as sa\n\nlog = sa.Table('log', sa.MetaData())\n"
    seen = look(
        {
            **PACKAGE,
            "lib/site-packages/audit_library.py": library,
            "shop/audit.py": "import sys\n\nsys.path.append('lib/site-packages')\nimport audit_library\n",
            "shop/tests/__init__.py": "",
            "shop/tests/shapes.py": model("Shape"),
            "shop/conftest.py": model("Fixture"),
        }
    )

    assert seen.application.tables == ()
    assert list(models_are_registered.judge(seen.evidence(frozenset()))) == [models_are_registered.RULE.proved(Subject())]


def test_a_model_that_nothing_imports(look: Look) -> None:
    """The finding stands at the class, and advises env.py where the metadata's own module would come back to itself."""
    seen = look({**PACKAGE, "shop/models.py": model("User")})
    [finding] = findings(list(models_are_registered.judge(seen.evidence(frozenset()))))

    assert (finding.file, finding.line, finding.object) == ("shop/models.py", 5, "user")
    assert finding.what == "Table user of shop.models.User was not in target_metadata."
    assert finding.fix == "in migrations/env.py, below the other imports:\nfrom shop.models import User  # noqa: F401"


def test_a_table_without_a_name(look: Look) -> None:
    """A Table that no name of its module holds is registered by importing the module."""
    source = "import sqlalchemy as sa\nfrom shop.db import Base\n\nsa.Table('loose', Base.metadata)\n"
    seen = look({**PACKAGE, "shop/models.py": source})
    [finding] = findings(list(models_are_registered.judge(seen.evidence(frozenset()))))

    assert finding.fix.endswith("\nimport shop.models  # noqa: F401")


def test_a_base_of_its_own(look: Look) -> None:
    """A model whose MetaData is not the one of target_metadata needs that MetaData there, and the fix names its owner."""
    legacy = DB.replace("class Base", "class LegacyBase") + "\n\n" + model("Old", "Base = LegacyBase")
    seen = look({**PACKAGE, "shop/models.py": model("User"), "shop/legacy.py": legacy})
    [finding] = findings(list(models_are_registered.judge(seen.evidence(frozenset({"user"})))))

    assert finding.object == "old"
    assert finding.fix == (
        "in migrations/env.py, import LegacyBase from shop.legacy, and make target_metadata a list that holds its MetaData too"
    )


def test_a_base_that_a_function_made(look: Look) -> None:
    """The owner of a MetaData is found when `declarative_base()` made it, too."""
    legacy = "from sqlalchemy.orm import declarative_base\n\nLegacyBase = declarative_base()\n" + model(
        "Old", "Base = LegacyBase"
    )
    seen = look({**PACKAGE, "shop/legacy.py": legacy})

    assert [table.metadata_owner for table in seen.application.tables] == ["shop.legacy.LegacyBase"]


def test_a_metadata_without_a_name(look: Look) -> None:
    """A MetaData that nothing names is shown by the line of its table."""
    source = "import sqlalchemy as sa\n\nloose = sa.Table('loose', sa.MetaData())\n"
    seen = look({**PACKAGE, "shop/models.py": model("User"), "shop/loose.py": source})
    [finding] = findings(list(models_are_registered.judge(seen.evidence(frozenset({"user"})))))

    assert finding.fix == ("in migrations/env.py, add the MetaData of shop/loose.py:3 to target_metadata, which may be a list")


def test_a_module_that_could_not_be_imported(look: Look) -> None:
    """Its models are not known: not proved, with the reason, while the others are judged."""
    seen = look({**PACKAGE, "shop/user.py": model("User"), "shop/broken.py": "import no_such_library"})
    judgements = list(models_are_registered.judge(seen.evidence(frozenset({"user"}))))

    assert findings(judgements) == []
    assert reasons(judgements) == ["shop.broken could not be imported: ModuleNotFoundError: No module named 'no_such_library'"]


def test_a_module_that_is_circular_at_one_end_is_looked_at_all_the_same(look: Look) -> None:
    """All modules are imported in env.py's order; one that failed is asked again behind the others."""
    seen = look(
        {
            "shop/__init__.py": "",
            "migrations/env.py": "from shop.z_base import Base\n",
            "shop/base_class.py": DB,
            "shop/z_base.py": "from shop.base_class import Base\nfrom shop.user import User\n",
            "shop/user.py": model("User", "from shop.z_base import Base"),
        }
    )

    assert seen.application.unimported == ()
    assert [table.name for table in seen.application.tables] == ["user"]


@pytest.mark.parametrize(
    ("env_py", "metadata_file"),
    [
        ("from shop.db import Base\ntarget_metadata = Base.metadata\n", "shop/db.py"),
        ("from shop import db\ntarget_metadata: object = db.Base.metadata\n", "shop/db.py"),
        ("import shop.db\ntarget_metadata = [shop.db.Base.metadata]\n", "shop/db.py"),
        ("import shop.db as d\ncontext.configure(target_metadata=d.Base.metadata)\n", "shop/db.py"),
        ("import shop\nfrom sqlmodel import SQLModel\ntarget_metadata = SQLModel.metadata\n", None),
        ("import shop\ntarget_metadata = None\n", None),
    ],
)
def test_where_target_metadata_comes_from(tmp_path: Path, env_py: str, metadata_file: str | None) -> None:
    """The module of the metadata is read from env.py, however it is written."""
    (tmp_path / "shop").mkdir()
    for name, text in {"env.py": env_py, **PACKAGE}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    application = locate(tmp_path, tmp_path / "env.py", (), ())

    assert read_env_file(tmp_path / "env.py", application).metadata_file == metadata_file


def test_no_target_metadata(look: Look) -> None:
    """An env.py that gives Alembic no metadata leaves nothing to compare with."""
    seen = look({**PACKAGE, "shop/models.py": model("User")})

    assert reasons(list(models_are_registered.judge(seen.evidence(None)))) == [
        "migrations/env.py gave Alembic no target_metadata"
    ]


def test_no_application(look: Look) -> None:
    """Without an application nothing is passed."""
    seen = look({"migrations/env.py": "import sqlalchemy", "shop/scripts.py": ""})
    [reason] = reasons(list(models_are_registered.judge(seen.evidence(frozenset()))))

    assert str(reason).startswith("env.py imports no package under ")


def test_folders_that_are_not_looked_at(look: Look) -> None:
    """Models in a folder without `__init__.py` are not known: not proved, not passed over."""
    seen = look({**PACKAGE, "shop/models/user.py": model("User")})

    assert reasons(list(models_are_registered.judge(seen.evidence(frozenset())))) == [
        "shop.models was not looked at: its folder has no __init__.py"
    ]
