"""The import statements of a file."""

import ast

from alembic_proof.experiments.application.import_statements import ImportStatement, imports_of


def read(source: str, module: str = "", *, is_package: bool = False) -> tuple[ImportStatement, ...]:
    """The imports of a source text."""
    return imports_of(ast.parse(source), module, is_package=is_package)


def test_every_form_of_import_is_read() -> None:
    """`import`, `from`, and both functions with a literal name are imports, each with the names that it binds."""
    found = read(
        "import a.b as c, d\n"
        "from e.f import (\n    g as h,\n    i,\n)\n"
        "import_module('j.k')\nimportlib.import_module('l')\n__import__('m')\nimport_module(name)\nimport_module('.n', 'o')\n"
    )

    assert [(s.module, s.bound_as, s.names, s.line, s.last_line) for s in found] == [
        ("a.b", "c", (), 1, 1),
        ("d", "d", (), 1, 1),
        ("e.f", None, (("g", "h"), ("i", "i")), 2, 5),
        ("j.k", None, (), 6, 6),
        ("l", None, (), 7, 7),
        ("m", None, (), 8, 8),
    ]


def test_imports_that_do_not_run_at_import_are_told_apart() -> None:
    """What stands in a function or under TYPE_CHECKING does not run when the file is imported; all else does."""
    found = read(
        "if TYPE_CHECKING:\n    import a\nelse:\n    import b\n"
        "if typing.TYPE_CHECKING:\n    import c\n"
        "def f():\n    import d\n"
        "async def g():\n    import e\n"
        "class K:\n    import h\n"
        "try:\n    import i\nexcept ImportError:\n    import j\n"
        "late = lambda: import_module('k')\n"
    )

    assert {s.module: s.runs_at_import for s in found} == {
        "a": False, "b": True, "c": False, "d": False, "e": False, "h": True, "i": True, "j": True, "k": False,
    }  # fmt: skip


def test_relative_imports_are_resolved() -> None:
    """Dots count from the package that holds the module, or from the package itself in its `__init__`."""
    source = "from . import a\nfrom .b import c\nfrom ..d import e\n"

    assert [s.module for s in read(source, "shop.db.base")] == ["shop.db", "shop.db.b", "shop.d"]
    assert [s.module for s in read(source, "shop.db", is_package=True)] == ["shop.db", "shop.db.b", "shop.d"]
    assert [s.module for s in read("from ... import a\nfrom . import b\n", "shop.db")] == ["shop"]
    assert read(source) == ()
