import importlib.util
import sys
import unicodedata
from types import ModuleType

import pytest

from fooapi.usernames import username_key
from tests.fooapi.history import ROOT


def migration(revision: str) -> ModuleType:
    """Import a revision file by its id."""
    [path] = (ROOT / "alembic" / "versions").glob(f"*_{revision}_*.py")
    spec = importlib.util.spec_from_file_location(revision, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_key_holds_a_capital_letter() -> None:
    """So a migration's mark, which holds some, is the key of no name. Tried with every character that there is."""
    for point in range(sys.maxunicode + 1):
        key = username_key(chr(point))
        assert not any("A" <= letter <= "Z" for letter in key), hex(point)


def test_key_of_a_key_is_itself() -> None:
    """Folding twice changes nothing, for every character: what is stored compares equal to what is asked."""
    for point in range(sys.maxunicode + 1):
        if unicodedata.category(chr(point)) != "Cn":
            key = username_key(chr(point))
            assert username_key(key) == key, hex(point)


@pytest.mark.parametrize("revision", ["3c7e19a2d584", "4d1f60b8c97e"])
def test_migrations_fold_as_the_service_does(revision: str) -> None:
    """The frozen copy in a migration gives the keys that the service looks for.."""
    frozen = migration(revision).username_key
    for name in ("René", "straße", "\ufdfa" * 64, "x" * 200, "x" * 201, "ﬁ", "İ", ""):
        assert frozen(name) == username_key(name)
