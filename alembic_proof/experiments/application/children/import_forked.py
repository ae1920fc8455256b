"""Import modules first, in copies of an interpreter that has loaded already what cannot matter for them.

That is other people's libraries, and the modules of the application that reach no cycle. A hundred times cheaper than a new
interpreter for each. It may prove, never convict: what fails here is tried again alone.
"""

import gc
import importlib
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic_proof.application import Ended
from alembic_proof.experiments.application.children.answers import Survivors
from alembic_proof.experiments.application.children.attempt import attempt, connections_refused
from alembic_proof.experiments.application.children.copies import Copies

_SHARE = 10
"""How many times longer a copy may take that imports many modules one after the other."""


def main(job: dict[str, Any]) -> Survivors:
    """Import each module of `circular` first in a copy of its own, then those of `leaves`, which no other module imports.

    `others` are libraries, `settled` the modules that reach no cycle and `inner` the other ones that some module imports;
    `needs` gives what each module imports, `packages` are the application's own. `folder` takes compiled files and notes.
    An import may take `import_seconds`; `workers` copies run at a time.
    """
    if sys.platform == "win32":  # no fork
        return Survivors()
    needs = _Needs(job["needs"], tuple(job["packages"]))
    folder = Path(job["folder"])
    with connections_refused():
        _load(job["others"])
        sys.pycache_prefix = str(folder / "bytecode")
        sys.dont_write_bytecode = False
        _load(job["settled"])
        if not needs.are_all(job["settled"]):
            return Survivors(is_spoilt=True)  # something imported more than is known: nothing would be first any more
        gc.freeze()
        copies = Copies(folder=folder, workers=job["workers"])
        whole = copies.run("circular", [[name] for name in job["circular"]], needs.import_first, job["import_seconds"])
        broken = frozenset(job["circular"]) - whole
        leaves, inner = ([name for name in job[kind] if broken.isdisjoint(needs.closure(name))] for kind in ("leaves", "inner"))
        _load(inner)  # every cycle among them has been entered at each of its modules
        gc.freeze()
        shares = [leaves[start :: job["workers"]] for start in range(job["workers"])]
        whole |= copies.run("leaves", shares, needs.import_first, job["import_seconds"] * _SHARE)
        return Survivors(modules=tuple(sorted(whole)))


def _load(modules: Iterable[str]) -> None:
    for name in modules:
        with suppress(BaseException):
            importlib.import_module(name)


@dataclass(frozen=True, slots=True)
class _Needs:
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
