"""Each module that matters is really imported first. A cycle is only a finding when it bites."""

import sys
from pathlib import Path

import pytest

from alembic_proof.checks import modules_import_alone
from alembic_proof.experiments.application import gather as gathering
from alembic_proof.imported import Ended
from tests.application.looking import DB, PACKAGE, Look, findings, model, reasons

FOOAPI_SHAPE = {
    "shop/__init__.py": "",
    "shop/db/__init__.py": "from shop.db.base import Base",
    "shop/db/base_class.py": DB,
    "shop/db/base.py": "from shop.db.base_class import Base\nfrom shop.models.user import User\n",
    "shop/models/__init__.py": "",
}


def test_a_cycle_that_bites(look: Look) -> None:
    """The module that cannot be first is told, with each step of the cycle and the import that takes Base from elsewhere."""
    seen = look(
        {
            **FOOAPI_SHAPE,
            "shop/db/__init__.py": "",
            "migrations/env.py": "from shop.db.base import Base\ntarget_metadata = Base.metadata\n",
            "shop/models/user.py": model("User", "from shop.db.base import Base"),
        }
    )
    first = seen.first("shop.models.user")

    assert seen.ended() == {"shop.db.base": Ended.IMPORTED, "shop.models.user": Ended.CIRCULAR}
    assert [(step.importer, step.imported, step.file, step.line, step.instead) for step in first.cycle] == [
        ("shop.models.user", "shop.db.base", "shop/models/user.py", 2, "from shop.db.base_class import Base"),
        ("shop.db.base", "shop.models.user", "shop/db/base.py", 2, None),
    ]
    assert first.words == (
        "ImportError: cannot import name 'User' from partially initialized module 'shop.models.user' "
        "(most likely due to a circular import) (shop/models/user.py)"
    )


def test_a_cycle_through_a_package(look: Look) -> None:
    """A package's `__init__` runs before its modules: a cycle that only leads through it is found, and has no easy way out."""
    seen = look({**FOOAPI_SHAPE, "shop/models/user.py": model("User", "from shop.db.base_class import Base")})
    first = seen.first("shop.models.user")

    assert [step.importer for step in first.cycle] == ["shop.models.user", "shop.db", "shop.db.base"]
    assert [step.instead for step in first.cycle] == [None, "from shop.db.base_class import Base", None]


def test_a_cycle_of_attributes(look: Look) -> None:
    """`import module` and an attribute asked too early is the same fault in other words, of which Python has two."""
    whole = look(
        {
            "shop/__init__.py": "",
            "shop/db.py": f"{DB}\n\nfrom shop import user\n",
            "shop/user.py": "import shop.db\n\n\nclass User(shop.db.Base):\n    __abstract__ = True\n",
        }
    )
    part = look(
        {
            "shop/db.py": f"from shop import user\n{DB}",
            "shop/user.py": "from shop import db\n\n\nclass User(db.Base):\n    __abstract__ = True\n",
        }
    )

    for seen in (whole, part):
        first = seen.first("shop.db")
        assert seen.ended() == {"shop.db": Ended.CIRCULAR, "shop.user": Ended.IMPORTED}
        assert [(step.importer, step.imported) for step in first.cycle] == [("shop.db", "shop.user"), ("shop.user", "shop.db")]
        assert first.cycle[-1].statement == f"class User({'shop.' if seen is whole else ''}db.Base):"
    assert "cannot access submodule 'db' of module 'shop'" in whole.first("shop.db").words
    assert "partially initialized module 'shop.db' has no attribute 'Base'" in part.first("shop.db").words


def test_a_cycle_that_is_hidden_by_a_guard(look: Look) -> None:
    """An ImportError that the application replaces by one of its own is still told as the cycle that it is."""
    seen = look(
        {
            **FOOAPI_SHAPE,
            "shop/db/__init__.py": "",
            "migrations/env.py": "from shop.db.base import Base\n",
            "shop/db/base.py": "from shop.db.base_class import Base\ntry:\n    from shop.models.user import User\n"
            "except ImportError as error:\n    raise RuntimeError('set-up') from error\n",
            "shop/models/user.py": model("User", "from shop.db.base import Base"),
        }
    )

    assert [step.line for step in seen.first("shop.models.user").cycle] == [2, 3]


def test_cycles_without_harm_are_proved(look: Look) -> None:
    """Modules that import each other as modules, or inside functions, or for typing, can each be first."""
    seen = look(
        {
            **PACKAGE,
            "shop/a.py": "from shop import b\n\n\ndef f():\n    return b.g\n",
            "shop/b.py": "from shop import a\n\n\ndef g():\n    return a.f\n",
            "shop/c.py": "def f():\n    from shop.d import g\n\n    return g\n",
            "shop/d.py": "from shop.c import f\n\n\ndef g():\n    return f\n",
            "shop/e.py": "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from shop.f import F\n\n\nclass E: ...\n",
            "shop/f.py": "from shop.e import E\n\n\nclass F(E): ...\n",
        }
    )

    assert seen.ended() == dict.fromkeys(("shop.a", "shop.b", "shop.d", "shop.db", "shop.f"), Ended.IMPORTED)


def test_cycles_in_packages_of_a_package_in_a_cycle(look: Look) -> None:
    """A package is imported before its modules: what it loads itself is done with it, and the rest is tried from there."""
    seen = look(
        {
            "shop/__init__.py": "from shop import early",
            "shop/early.py": "import shop",
            "shop/db.py": DB,
            **{f"shop/{folder}/__init__.py": "" for folder in ("one", "two", "three")},
            "shop/one/a.py": "from shop.one import b",
            "shop/one/b.py": "from shop.one import a",
            "shop/two/a.py": "from shop.two.b import g\n\n\ndef f(): ...\n",
            "shop/two/b.py": "def g(): ...\n\n\nfrom shop.two.a import f\n",
            "shop/three/__init__.py": "raise ValueError",
            "shop/three/a.py": "import shop.three.b",
            "shop/three/b.py": "import shop.three.a",
        }
    )

    assert seen.ended() == {
        "shop": Ended.IMPORTED,
        "shop.db": Ended.IMPORTED,
        "shop.early": Ended.IMPORTED,
        "shop.one.a": Ended.IMPORTED,
        "shop.one.b": Ended.IMPORTED,
        "shop.two.a": Ended.CIRCULAR,
        "shop.two.b": Ended.IMPORTED,
        "shop.three.a": Ended.UNTRIED,
        "shop.three.b": Ended.UNTRIED,
    }


def test_a_cycle_that_no_syntax_tree_shows(look: Look) -> None:
    """An import by a computed name closes a cycle that only running shows."""
    seen = look(
        {
            **PACKAGE,
            "shop/registry.py": "from importlib import import_module\n\nplugins = [import_module('shop.' + 'mail').Plugin]\n",
            "shop/mail.py": "from shop.registry import plugins\n\n\nclass Plugin: ...\n",
        }
    )

    assert seen.first("shop.mail").ended is Ended.CIRCULAR
    assert [step.importer for step in seen.first("shop.mail").cycle] == ["shop.mail", "shop.registry"]


def test_a_module_that_counts_on_what_others_imported(look: Look) -> None:
    """A submodule that nobody has imported yet is no attribute of its package; a leaf that asks for it is not proved."""
    seen = look(
        {
            **PACKAGE,
            "shop/tools/__init__.py": "",
            "shop/tools/text.py": "",
            "shop/a_user.py": "import shop.tools.text",
            "shop/b_user.py": "import shop.tools\n\nshop.tools.text\n",
        }
    )

    assert seen.first("shop.a_user").ended is Ended.IMPORTED
    assert seen.first("shop.b_user").ended is Ended.UNTRIED
    assert seen.first("shop.b_user").words == "AttributeError: module 'shop.tools' has no attribute 'text'"


def test_single_files(look: Look) -> None:
    """An application of top-level files has cycles too."""
    seen = look(
        {
            "migrations/env.py": "from database import Base\n",
            "database.py": DB + "\n\nfrom models import User\n",
            "models.py": model("User", "from database import Base"),
        }
    )

    assert seen.application.packages == ("database", "models")
    assert {first.module for first in seen.application.first_imports if first.ended is Ended.CIRCULAR} == {"models"}


OWN_FAULTS = {
    "from shop.db import Bass": "ImportError: cannot import name 'Bass' from 'shop.db' (shop/db.py)",
    "import shop.gone": "ModuleNotFoundError: No module named 'shop.gone'",
    "def": "SyntaxError: invalid syntax (page2.py, line 1)",
}


def test_the_applications_own_fault(look: Look) -> None:
    """What no environment can make work is broken, with Python's own words."""
    seen = look({**PACKAGE, **{f"shop/page{number}.py": source for number, source in enumerate(OWN_FAULTS)}})
    found = findings(list(modules_import_alone.judge(seen.evidence())))

    assert [(f.object, f.file, f.seen) for f in found] == [
        (f"shop.page{number}", f"shop/page{number}.py", (words,)) for number, words in enumerate(OWN_FAULTS.values())
    ]
    assert found[0].what == "shop.page0 could not be imported."


NOT_OURS = {
    "import no_such_library": "ModuleNotFoundError: No module named 'no_such_library'",
    "import os\n\nos.environ['NO_SUCH_SETTING']": "KeyError: 'NO_SUCH_SETTING'",
    "raise SystemExit(3)": "it ends the program when it is imported (SystemExit: 3)",
    "import sys\n\nsys.path.append('site-packages')\nimport wrong": "SyntaxError: invalid syntax (wrong.py, line 1)",
    "raise Exception": "Exception",
}


def test_what_stops_an_import_from_outside(look: Look) -> None:
    """What lies outside of the application is not proved, with the words, and no finding."""
    pages = {f"shop/page{number}.py": source for number, source in enumerate(NOT_OURS)}
    seen = look({**PACKAGE, **pages, "site-packages/wrong.py": "def"})
    judgements = list(modules_import_alone.judge(seen.evidence()))

    assert findings(judgements) == []
    assert reasons(judgements) == [
        f"shop.page{number} could not be tried: {words}" for number, words in enumerate(NOT_OURS.values())
    ]


def test_modules_that_end_the_interpreter(look: Look) -> None:
    """A module that takes the interpreter with it is not proved, in words; the others are tried all the same."""
    seen = look(
        {
            **PACKAGE,
            "shop/leaves.py": "import os\n\nprint('bye', flush=True)\nos._exit(4)",
            "shop/dies.py": "import os\n\nos.kill(os.getpid(), 9)",
            "shop/page.py": "import shop.db",
        }
    )

    assert {first.module: first.words for first in seen.application.first_imports} == {
        "shop.leaves": "its interpreter ended with status 4: bye",
        "shop.dies": "its interpreter was ended by signal 9",
        "shop.page": "",
    }


def test_nothing_is_connected_to(look: Look, tmp_path: Path) -> None:
    """A module that creates tables when it is imported is refused its connection, whatever it makes of that."""
    create = "from sqlalchemy import create_engine\nfrom shop.db import Base\n\nengine = create_engine('sqlite:///shop.sqlite')\n"
    seen = look(
        {
            **PACKAGE,
            "shop/start.py": f"{create}Base.metadata.create_all(engine)\n",
            "shop/wrapped.py": f"{create}try:\n    engine.connect()\nexcept Exception:\n    raise ValueError('no database')\n",
            "shop/creator.py": "import sqlite3\n"
            + create.replace("')", "', creator=lambda: sqlite3.connect('x.sqlite'))")
            + "engine.connect()\n",
        }
    )
    words = "it connects to a database (sqlite) when it is imported, and the harness opens none that it did not create"

    for module in ("shop.start", "shop.wrapped", "shop.creator"):
        assert (seen.first(module).ended, seen.first(module).words) == (Ended.UNTRIED, words)
    assert list(tmp_path.glob("*.sqlite")) == []


def test_what_never_ends_is_ended(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that runs for ever when it is imported is given up after the limit; the others are tried all the same."""
    monkeypatch.setattr(gathering, "IMPORT_TIMEOUT_SECONDS", 1.0)
    seen = look({**PACKAGE, "shop/serve.py": "while True:\n    pass\n", "shop/page.py": "import shop.db"})

    assert (seen.first("shop.serve").ended, seen.first("shop.serve").words) == (
        Ended.UNTRIED,
        "its import did not end within 1 seconds",
    )
    assert seen.first("shop.page").ended is Ended.IMPORTED


def test_what_the_application_prints_stays_out(look: Look, capfd: pytest.CaptureFixture[str]) -> None:
    """Words on either stream while a module is imported reach neither the harness's streams nor its answers."""
    seen = look(
        {**PACKAGE, "shop/loud.py": "import os, sys\nprint('out')\nprint('err', file=sys.stderr)\nos.system('echo sub')\n"}
    )

    assert seen.first("shop.loud").ended is Ended.IMPORTED
    assert capfd.readouterr() == ("", "")


def test_a_library_that_imports_the_application(look: Look, tmp_path: Path) -> None:
    """Where something outside loads the application, nothing is first in a shared interpreter: each is tried alone."""
    sys.path.append(str(tmp_path / "library"))
    seen = look(
        {
            **PACKAGE,
            "library/plugin.py": "import shop.db",
            "shop/page.py": "import plugin",
            "shop/a.py": "from shop.b import f\n\n\ndef g(): ...\n",
            "shop/b.py": "from shop.a import g\n\n\ndef f(): ...\n",
        }
    )

    assert seen.ended() == {
        "shop.a": Ended.CIRCULAR, "shop.b": Ended.CIRCULAR, "shop.db": Ended.IMPORTED, "shop.page": Ended.IMPORTED,
    }  # fmt: skip


def test_an_application_that_grimp_cannot_read(look: Look) -> None:
    """One file that is not Python does not keep the others from being tried, cycles included."""
    seen = look(
        {
            **FOOAPI_SHAPE,
            "shop/db/__init__.py": "",
            "migrations/env.py": "from shop.db.base import Base\n",
            "shop/models/user.py": model("User", "from shop.db.base import Base"),
            "shop/template.py": "def {{ name }}",
        }
    )

    assert seen.first("shop.template").ended is Ended.BROKEN
    assert seen.first("shop.models.user").ended is Ended.CIRCULAR
    assert [step.instead for step in seen.first("shop.models.user").cycle] == [None, None]


def test_no_application(look: Look, tmp_path: Path) -> None:
    """Where env.py imports nothing of the project, everything is not proved, with what to write."""
    seen = look({"migrations/env.py": "import sqlalchemy"})

    assert reasons(list(modules_import_alone.judge(seen.evidence()))) == [
        f"env.py imports no package under {tmp_path}. Set packages = [...] in [tool.alembic_proof]"
    ]


def test_folders_that_are_not_looked_at(look: Look) -> None:
    """A folder without `__init__.py` inside a package is not proved, not passed over."""
    seen = look({**PACKAGE, "shop/scripts/fill.py": ""})

    assert reasons(list(modules_import_alone.judge(seen.evidence()))) == [
        "shop.scripts was not looked at: its folder has no __init__.py"
    ]


def test_the_very_first_is_imported_once(look: Look, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The module with which all imports began was imported first: where no other one matters, there is no second interpreter."""
    log = tmp_path_factory.mktemp("log") / "imports"
    noting = f"with open({str(log)!r}, 'a') as log: log.write('.')\n"
    seen = look(
        {"models.py": DB + noting, "migrations/env.py": "from models import Base\ntarget_metadata = Base.metadata\n"},
    )

    assert seen.ended() == {"models": Ended.IMPORTED}
    assert log.read_text() == "."
