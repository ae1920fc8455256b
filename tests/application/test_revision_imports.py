"""What migration scripts take from the application."""

import textwrap

from alembic_proof.application import RevisionFile
from alembic_proof.checks import migrations_stand_alone
from alembic_proof.findings import Finding, Outcome, Severity, Verdict
from tests.application.looking import PACKAGE, Look, findings, reasons

MODELS = """\
import sqlalchemy as sa
from shop.db import Base
from shop.types import Money
from sqlalchemy.orm import Mapped, mapped_column


class User(Base):
    __tablename__ = "users"
    __table_args__ = {"schema": "crm"}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(50))
    credit: Mapped[object] = mapped_column(Money)
    colour: Mapped[str] = mapped_column(sa.Enum("red", "blue", name="colour"))


tag = sa.Table("tag", Base.metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))
"""
TYPES = "import sqlalchemy as sa\n\n\nclass Money(sa.types.TypeDecorator):\n    impl = sa.Integer\n    cache_ok = True\n"
SHOP = {**PACKAGE, "shop/models.py": MODELS, "shop/types.py": TYPES}


def revision(source: str) -> str:
    """A migration script."""
    return f"revision: str = '0001'\ndown_revision = None\n{textwrap.dedent(source)}"


def told(look: Look, source: str, **files: str) -> list[Finding]:
    """The findings on one revision."""
    more = {name.replace("__", "/") + ".py": text for name, text in files.items()}
    seen = look({**SHOP, **more, "migrations/versions/0001.py": revision(source)})
    return findings(list(migrations_stand_alone.judge(seen.evidence())))


def only(look: Look, source: str) -> RevisionFile:
    """What was seen of one revision."""
    [seen] = look({**SHOP, "migrations/versions/0001.py": revision(source)}).application.revisions
    return seen


def test_a_mapped_class(look: Look) -> None:
    """The columns that the script mentions become a lightweight table of the class's name, with the rewrites it needs."""
    source = """\
        import sqlalchemy as sql
        from shop.models import User

        def upgrade():
            op.execute(sql.update(User).values(name="x").where(User.id == 1))
            session.add(User(name="y"))
            op.bulk_insert(User.__table__, [])
            op.drop_index("ix", User.__tablename__)
    """
    [finding] = told(look, source)

    assert (finding.severity, finding.revision, finding.file, finding.line, finding.object) == (
        Severity.ERROR, "0001", "migrations/versions/0001.py", 4, "shop.models.User",
    )  # fmt: skip
    assert finding.what == (
        "The revision imported User (the mapped class of crm.users) from shop.models, which is the application's."
    )
    assert finding.seen == ("from shop.models import User",)
    assert finding.fix.splitlines() == [
        "remove line 4, and write below the imports:",
        'User = sql.table("users", sql.column("id", sql.Integer()), sql.column("name", sql.String(length=50)), schema="crm")',
        "write User where User.__table__ stands",
        'write "users" where User.__tablename__ stands',
        "write User.c.id where User.id stands",
        "write op.bulk_insert(User, [{...}]) where User(...) is added to a session",
    ]


def test_a_table_and_a_custom_type_in_one_statement(look: Look) -> None:
    """Each name of a statement is dealt with; without SQLAlchemy in the script its import is part of the fix."""
    [finding] = told(look, "from shop.models import (\n    tag as labels,\n    Money,\n)\n")

    assert finding.severity is Severity.ERROR
    assert finding.object == "shop.models"
    assert finding.what.startswith("The revision imported tag (the Table tag), Money from shop.models, ")
    assert finding.fix.splitlines() == [
        "remove lines 3 to 6, and write below the imports:",
        "import sqlalchemy as sa",
        'labels = sa.table("tag", sa.column("id", sa.Integer()), sa.column("text", sa.Text()))',
        "copy Money into this file from shop/types.py:4",
    ]


def test_types_that_cannot_be_written_are_left_out(look: Look) -> None:
    """A column of a custom type is a column without type; an Enum keeps its labels."""
    [imported] = only(look, "from shop.models import User\nsa.select(User)\n").imports

    assert {column.name: column.type for column in imported.names[0].columns} == {
        "id": "Integer()", "name": "String(length=50)", "credit": None, "colour": "Enum('red', 'blue', name='colour')",
    }  # fmt: skip


BASES = """\
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, registry

metadata = MetaData()
mapper_registry = registry(metadata=metadata)


class Base(DeclarativeBase):
    registry = mapper_registry


class Extension:
    __module__ = "flask_sqlalchemy.extension"


db = Extension()
"""


def test_a_base(look: Look) -> None:
    """A declarative base, a MetaData, a registry or an extension's `db` stands for all tables of today: an error."""
    names = ("Base", "metadata", "mapper_registry", "db")
    found = told(look, "".join(f"from shop.bases import {name}\n" for name in names), shop__bases=BASES)

    assert {finding.severity for finding in found} == {Severity.ERROR}
    assert [finding.fix.splitlines() for finding in found] == [
        [
            f"remove line {line}",
            f"write op.create_table(...) for each table that was made with {name}, as it was at this revision",
        ]
        for line, name in enumerate(names, 3)
    ]


MODULES = {
    "import shop.models": "shop.models",
    "import shop.models as m": "m",
    "from shop import models": "models",
    "models = importlib.import_module('shop.models')": None,
    "from shop.models import *": None,
}


def test_a_module_of_models(look: Look) -> None:
    """A module that holds models is an error however it is imported; the models that are taken from it are named."""
    scripts = {
        f"migrations/versions/{number}.py": f"import sqlalchemy as sa\n{statement}\n"
        + (f"sa.select({expression}.tag.c.id)\n" if expression else "")
        for number, (statement, expression) in enumerate(MODULES.items())
    }
    found = findings(list(migrations_stand_alone.judge(look({**SHOP, **scripts}).evidence())))

    assert {finding.severity for finding in found} == {Severity.ERROR}
    assert {finding.what for finding in found} == {"The revision imported shop.models, which held models of the application."}
    for finding, expression in zip(found, MODULES.values(), strict=True):
        stub = [
            "remove line 2, and write below the imports:",
            'tag = sa.table("tag", sa.column("id", sa.Integer()))',
            f"write tag where {expression}.tag stands",
        ]
        rest = ["remove line 2, and write into this file what it needs of shop.models"]
        assert finding.fix.splitlines() == (stub if expression else rest)


def test_other_code(look: Look) -> None:
    """What is not of the models is a warning, also from a module that uses them, and is found through re-exports."""
    custom, helper, module = told(
        look,
        "from shop.models import Money\nfrom shop.texts import clean\nfrom shop import types\n",
        shop__texts="from shop.words import clean\nfrom shop.models import User\n",
        shop__words="def clean(text): ...\n",
    )

    assert {finding.severity for finding in (custom, helper, module)} == {Severity.WARNING}
    assert custom.fix == "remove line 3\ncopy Money into this file from shop/types.py:4"
    assert helper.fix == "remove line 4\ncopy clean into this file from shop/words.py:1"
    assert (module.what, module.fix) == (
        "The revision imported shop.types, a module of the application.",
        "remove line 5, and write into this file what it needs of shop.types",
    )


def test_a_module_that_is_gone(look: Look) -> None:
    """An import of a module that the application no longer has is an error: it has moved on already."""
    [finding] = told(look, "from shop.gone import User\n")

    assert finding.severity is Severity.ERROR
    assert finding.what == "The revision imported shop.gone, which the application did not have."


def test_a_name_that_is_gone(look: Look) -> None:
    """A name that no file defines is copied from wherever it was."""
    [finding] = told(look, "from shop.types import Gone\n")

    assert finding.fix == "remove line 3\ncopy Gone into this file"


def test_a_model_whose_module_cannot_be_imported(look: Look) -> None:
    """Where the application cannot be imported, its names are known from their definitions alone: a warning."""
    [finding] = told(look, "from shop.late import Late\n", shop__late="import no_such_library\nLate: type = object\n")

    assert finding.severity is Severity.WARNING
    assert finding.fix.endswith("copy Late into this file from shop/late.py:2")


def test_what_stands_alone(look: Look) -> None:
    """Libraries, typing imports, and code in the folder of the migrations are no application code."""
    seen = look(
        {
            **SHOP,
            "migrations/env.py": "from shop.db import Base\n",
            "shop/revisions/__init__.py": "",
            "shop/revisions/tools.py": "",
            "migrations/versions/0001.py": revision(
                "import sqlalchemy, os\nif TYPE_CHECKING:\n    from shop.models import User\n"
            ),
        }
    )

    assert list(migrations_stand_alone.judge(seen.evidence())) == [
        Verdict(check="migrations-stand-alone", database=None, revision="0001", outcome=Outcome.PROVED)
    ]


def test_imports_inside_functions_count(look: Look) -> None:
    """An import in upgrade() runs with the migration."""
    assert [finding.line for finding in told(look, "def upgrade():\n    from shop.models import User\n")] == [4]


def test_revisions_that_are_not_chosen_are_not_judged(look: Look) -> None:
    """A range of revisions is judged alone."""
    seen = look(
        {
            **SHOP,
            "migrations/versions/a.py": "revision = 'a'\nimport shop.models",
            "migrations/versions/b.py": "revision = 'b'\n",
        }
    )
    evidence = seen.evidence()
    chosen = type(evidence)(history=evidence.history, chosen=frozenset({"b"}), application=evidence.application)

    assert [j.revision for j in migrations_stand_alone.judge(chosen)] == ["b"]


def test_a_script_that_is_not_python(look: Look) -> None:
    """A script that cannot be read is not proved, with the reason."""
    seen = look({**SHOP, "migrations/versions/0001.py": "def"})

    assert reasons(list(migrations_stand_alone.judge(seen.evidence()))) == ["SyntaxError: invalid syntax (<unknown>, line 1)"]


def test_no_application(look: Look) -> None:
    """Without an application nothing is passed."""
    seen = look({"migrations/env.py": "", "migrations/versions/0001.py": revision("")})
    [reason] = reasons(list(migrations_stand_alone.judge(seen.evidence())))

    assert str(reason).startswith("env.py imports no package under ")
