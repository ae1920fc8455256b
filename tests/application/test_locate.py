"""Which code is the application."""

import re
import sys
from pathlib import Path

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.experiments.application.locate import Application, locate


@pytest.fixture(autouse=True)
def _own_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))


def located(root: Path, env_py: str, *files: str, packages: tuple[str, ...] = ()) -> Application:
    """Make empty files, or `name=source`, and locate the application."""
    for entry in (f"migrations/env.py={env_py}", *files):
        name, _, source = entry.partition("=")
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
    return locate(root, root / "migrations/env.py", (root / "migrations",), packages)


def test_packages_that_env_py_imports(tmp_path: Path) -> None:
    """What env.py imports from under the root is the application, inside functions too; libraries and the rest are not."""
    env_py = "import os\nimport sqlalchemy\nfrom shop.db import Base\ndef f():\n    import billing\n"
    found = located(tmp_path, env_py, "shop/__init__.py", "shop/db.py", "billing/__init__.py", "unused/__init__.py")

    assert found.packages == ("shop", "billing")
    assert dict(found.modules) == {
        "shop": tmp_path / "shop/__init__.py",
        "shop.db": tmp_path / "shop/db.py",
        "billing": tmp_path / "billing/__init__.py",
    }


def test_src_layout(tmp_path: Path) -> None:
    """A package in src/ is found without any configuration."""
    found = located(tmp_path, "import shop", "src/shop/__init__.py")

    assert found.packages == ("shop",)
    assert str(tmp_path / "src") in found.path


def test_prepended_paths(tmp_path: Path) -> None:
    """What Alembic puts on sys.path for env.py is searched, relative to the root."""
    sys.path.insert(0, "code")
    found = located(tmp_path, "import shop", "code/shop/__init__.py", "other/shop/__init__.py")

    assert found.file_of("shop") == tmp_path / "code/shop/__init__.py"


def test_a_path_that_env_py_adds_itself(tmp_path: Path) -> None:
    """A package below the root that only env.py's own change of sys.path makes importable is found by its name."""
    found = located(tmp_path, "sys.path.append('backend')\nimport shop", "backend/shop/__init__.py", "backend/shop/db.py")

    assert found.file_of("shop.db") == tmp_path / "backend/shop/db.py"
    assert str(tmp_path / "backend") in found.path


def test_two_packages_of_that_name_are_no_guess(tmp_path: Path) -> None:
    """Where a name could mean two folders, nothing is guessed."""
    assert located(tmp_path, "import shop", "a/shop/__init__.py", "b/shop/__init__.py").packages == ()


def test_installed_libraries_below_the_root_are_not_the_application(tmp_path: Path) -> None:
    """A virtual environment inside the project holds other people's code."""
    found = located(
        tmp_path,
        "import library, other",
        ".venv/lib/python3.11/site-packages/library/__init__.py",
        "venv/lib/python3.11/site-packages/other/__init__.py",
    )

    assert found.packages == ()


def test_the_folder_alembic_is_not_the_application(tmp_path: Path) -> None:
    """A folder of migrations called alembic does not stand for what `from alembic import context` means."""
    assert located(tmp_path, "from alembic import context", "alembic/env.py", "alembic/versions/a.py").packages == ()


def test_single_files_and_those_that_they_import(tmp_path: Path) -> None:
    """An application of top-level files consists of the ones that env.py reaches through them."""
    found = located(
        tmp_path,
        "from models import Base",
        "models.py=import database",
        "database.py=import models",
        "broken.py=def",
        "main.py=import models",
    )

    assert found.packages == found.flat == ("models", "database")


def test_a_single_file_that_is_not_python_imports_nothing(tmp_path: Path) -> None:
    """A syntax error in a single file is left for the import to show."""
    assert located(tmp_path, "import broken", "broken.py=def").packages == ("broken",)


def test_what_is_not_tried(tmp_path: Path) -> None:
    """Tests, `__main__` and the migrations' own modules belong to the package, and are not tried."""
    found = located(
        tmp_path,
        "import shop",
        "shop/__init__.py",
        "shop/__main__.py",
        "shop/conftest.py",
        "shop/test_db.py",
        "shop/tests/__init__.py",
        "shop/tests/shapes.py",
        "shop/not-a-module.py",
    )
    inside = locate(tmp_path, tmp_path / "migrations/env.py", (tmp_path / "shop/tests",), ())

    assert set(found.modules) == {"shop"}
    assert set(found.left_out) == {"shop.__main__", "shop.conftest", "shop.test_db", "shop.tests", "shop.tests.shapes"}
    assert inside.migration_modules == ("shop.tests",)


def test_folders_that_are_no_packages_are_told(tmp_path: Path) -> None:
    """A folder of Python files without `__init__.py` inside a package is named, since nothing looks into it."""
    found = located(tmp_path, "import shop", "shop/__init__.py", "shop/scripts/fill.py", "shop/static/logo.svg")

    assert dict(found.unlooked) == {"shop.scripts": tmp_path / "shop/scripts"}
    assert set(found.modules) == {"shop"}


def test_namespace_packages(tmp_path: Path) -> None:
    """A top-level folder without `__init__.py` is a package too, and so are those that lie in it."""
    found = located(tmp_path, "from company.shop import db", "company/shop/__init__.py", "company/shop/db.py")

    assert found.packages == ("company",)
    assert set(found.modules) == {"company.shop", "company.shop.db"}


def test_given_packages_are_taken_from_anywhere(tmp_path: Path) -> None:
    """The setting `packages` may name a part of a namespace, or what is installed elsewhere."""
    inner = located(tmp_path, "", "company/shop/__init__.py", "company/other/__init__.py", packages=("company.shop",))
    installed = located(tmp_path, "", packages=("alembic_proof",))

    assert set(inner.modules) == {"company.shop"}
    assert installed.shown(installed.modules["alembic_proof"]).endswith("/alembic_proof/__init__.py")


@pytest.mark.parametrize("name", ["nowhere", "shop.nowhere", "shop.scripts.nowhere"])
def test_a_given_package_that_is_nowhere(tmp_path: Path, name: str) -> None:
    """A wrong name in the setting is a set-up error that says what to do."""
    expected = (
        f"Cannot find package {name} of [tool.alembic_proof] packages: Python does not find it from {tmp_path}. "
        "Correct the name, or add its folder to prepend_sys_path."
    )

    with pytest.raises(ProofError, match=f"^{re.escape(expected)}$"):
        located(tmp_path, "", "shop/__init__.py", "shop/scripts/fill.py", packages=(name,))


def test_an_env_py_that_is_not_python(tmp_path: Path) -> None:
    """A broken env.py is a set-up error in one line."""
    with pytest.raises(ProofError, match=r"^Cannot read .*env\.py: .*invalid syntax.* Mend the file\.$"):
        located(tmp_path, "def")
