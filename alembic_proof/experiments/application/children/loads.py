"""Which module of the application made which other one load: also the imports that no syntax tree shows."""

import sys
from collections.abc import Collection, Mapping, Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

from alembic_proof.experiments.application.children.answers import Edge


class Loads(MetaPathFinder):
    """Stands before the finders of `sys.meta_path`, finds nothing and writes down who asked."""

    def __init__(self, files: Mapping[str, str], packages: Collection[str]) -> None:
        self._files = files
        self._own = (*packages, *(f"{package}." for package in packages))
        self._seen: dict[tuple[str, str], None] = {}
        sys.meta_path.insert(0, self)

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:  # noqa: ARG002 - the protocol
        if fullname.startswith(self._own):
            importer = self._importer()
            if importer is not None and importer != fullname:
                self._seen[importer, fullname] = None

    def edges(self) -> tuple[Edge, ...]:
        return tuple(Edge(importer=importer, imported=imported, lines=()) for importer, imported in self._seen)

    def _importer(self) -> str | None:
        frame = sys._getframe()  # noqa: SLF001 - the stack says which module is being imported
        while frame.f_back is not None:
            frame = frame.f_back
            if frame.f_code.co_name == "<module>" and frame.f_code.co_filename in self._files:
                return self._files[frame.f_code.co_filename]
        return None
