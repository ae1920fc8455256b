"""The import graph: what runs when a module is imported."""

import sys
from pathlib import Path

import pytest

from alembic_proof.experiments.application.children.answers import Edge
from alembic_proof.experiments.application.import_graph import ImportGraph, build_graph
from alembic_proof.experiments.application.locate import Application, locate


def graph(**imports: str) -> ImportGraph:
    """A graph written as `a="b c"`."""
    return ImportGraph({module.replace("_", "."): frozenset(others.split()) for module, others in imports.items()})


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Application:
    """An application whose base imports another module at three depths."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name, source in {
        "migrations/env.py": "import shop",
        "shop/__init__.py": "",
        "shop/db/__init__.py": "",
        "shop/db/base.py": "import shop.a\ndef f():\n    import shop.b\ntry:\n    import shop.c\nexcept ImportError:\n    pass\n",
        "shop/a.py": "",
        "shop/b.py": "",
        "shop/c.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")
    return locate(tmp_path, tmp_path / "migrations/env.py", (tmp_path / "migrations",), ())


def edge(importer: str, imported: str, *lines: int) -> Edge:
    """An import between two modules."""
    return Edge(importer=importer, imported=imported, lines=lines)


def test_imports_inside_functions_are_no_part_of_it(shop: Application) -> None:
    """An import counts when it runs with the module: in a `try`, but not in a function, unless it was seen to run."""
    written = (edge("shop.db.base", "shop.a", 1), edge("shop.db.base", "shop.b", 3), edge("shop.db.base", "shop.c", 5))

    assert build_graph(shop, written).imports["shop.db.base"] == {"shop.a", "shop.c"}
    assert "shop.b" in build_graph(shop, (*written, edge("shop.db.base", "shop.b"))).imports["shop.db.base"]


def test_packages_are_imported_with_their_modules(shop: Application) -> None:
    """Importing a module runs the `__init__` of the packages that hold it, except those that the importer is in itself."""
    built = build_graph(shop, (edge("shop.a", "shop.db.base", 1), edge("shop.db.base", "shop.db", 1)))

    assert built.imports["shop.a"] == {"shop.db.base", "shop.db"}
    assert built.imported_with("shop.db.base", by="shop.a") == {"shop.db.base", "shop.db"}
    assert built.needs("shop.db.base") == {"shop", "shop.db"}


def test_cycles_are_found_wherever_they_are_entered() -> None:
    """Every module of a cycle is circular, also in two cycles that share one; what leads to a cycle is not."""
    found = graph(a="b", b="c d", c="a", d="e", e="d f", f="", g="a f", h="h")

    assert found.circular() == {"a", "b", "c", "d", "e"}
    assert found.leaves() == {"g", "h"}
    assert found.settled() == {"f", "h"}


def test_a_long_chain_is_no_recursion() -> None:
    """Thousands of modules in one chain are followed to the end."""
    last = 5000
    chain = ImportGraph({f"m{n}": frozenset({f"m{(n + 1) % (last + 1)}"}) for n in range(last + 1)})

    assert len(chain.circular()) == last + 1


def test_a_package_is_tried_with_what_lies_in_it() -> None:
    """Python imports a package before its modules, so it needs no try of its own when one of them is tried."""
    assert graph(shop="", shop_a="").leaves() == {"shop.a"}
    assert graph(shop="shop.a", shop_a="").leaves() == {"shop"}


def test_a_module_in_a_package_that_leads_to_a_cycle_is_not_settled() -> None:
    """A module's own packages run first; what they reach counts."""
    assert graph(shop="x", shop_a="", x="y", y="x").settled() == set()


def test_an_unknown_graph_assumes_the_worst() -> None:
    """Where the imports could not be read, every module is tried, and may import every other."""
    unknown = ImportGraph({"a": frozenset(), "b": frozenset()}, is_known=False)

    assert unknown.circular() == {"a", "b"}
    assert unknown.settled() == set()
    assert unknown.imported_with("a", by="b") == {"a", "b"}
