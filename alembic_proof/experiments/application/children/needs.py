"""What each module of the application imports, and how to import one as if nothing else had been loaded."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from alembic_proof.experiments.application.children.attempt import attempt
from alembic_proof.imported import Ended


class Needs(NamedTuple):
    """What each module imports, and the packages that are the application's own."""

    imports: Mapping[str, Sequence[str]]
    packages: tuple[str, ...]

    def closure(self, *modules: str) -> frozenset[str]:
        kept: set[str] = set()
        waiting = list(modules)
        while waiting:
            name = waiting.pop()
            if name not in kept:
                kept.add(name)
                waiting.extend(self.imports.get(name, ()))
        return frozenset(kept)

    def import_first(self, modules: Sequence[str]) -> Iterator[str]:
        """Import one after the other, each as if nothing but what it imports had been loaded; give those that succeed."""
        for module in modules:
            with self._alone(module):
                if attempt(module, self.packages).ended is Ended.IMPORTED:
                    yield module

    def is_loaded(self, module: str) -> bool:
        return module in sys.modules

    def are_all(self, modules: Sequence[str]) -> bool:
        """Whether nothing of the application is loaded but these modules and what they are known to import."""
        known = self.closure(*modules)
        return all(name in known or _is_namespace(name) for name in self._loaded())

    def _loaded(self) -> list[str]:
        own = tuple(f"{package}." for package in self.packages)
        return [name for name in sys.modules if f"{name}.".startswith(own)]

    @contextmanager
    def _alone(self, module: str) -> Iterator[None]:
        """Hide the module, what lies in it, and all that it does not import: it shall not find them as attributes either."""
        before = set(self._loaded())
        closure = self.closure(module)
        hidden = {name: sys.modules[name] for name in before if name not in closure or f"{name}.".startswith(f"{module}.")}
        for name in hidden:
            _unbind(name)
            del sys.modules[name]
        try:
            yield
        finally:
            for name in set(self._loaded()) - before | {module}:
                _unbind(name)
                sys.modules.pop(name, None)
            for name, loaded in hidden.items():
                sys.modules[name] = loaded
            for name, loaded in hidden.items():
                package, _, short = name.rpartition(".")
                if package in sys.modules:
                    vars(sys.modules[package]).setdefault(short, loaded)


def _is_namespace(name: str) -> bool:
    """A package without code; the import graph does not have it."""
    return getattr(sys.modules[name], "__file__", None) is None


def _unbind(name: str) -> None:
    package, _, short = name.rpartition(".")
    if package in sys.modules and vars(sys.modules[package]).get(short) is sys.modules.get(name):
        vars(sys.modules[package]).pop(short, None)
