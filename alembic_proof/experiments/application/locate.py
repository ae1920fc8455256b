"""Which code is the application, and which files are its modules. Nothing is imported."""

import ast
import importlib
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

import msgspec

from alembic_proof.errors import ProofError
from alembic_proof.experiments.application.import_statements import imports_of

_TEST_FOLDERS = frozenset({"tests", "test"})


class Application(msgspec.Struct, frozen=True):
    """The application's code. `modules` are those to try, with their files: no tests, no `__main__`, no migrations.

    `flat` are the top-level modules that are a single file. `unlooked` are folders with Python files that are no packages.
    `migration_modules` are the dotted names of the migrations' folders, where they lie inside a package.
    """

    root: Path
    path: tuple[str, ...]
    packages: tuple[str, ...]
    flat: tuple[str, ...]
    modules: Mapping[str, Path]
    left_out: Mapping[str, Path]
    unlooked: Mapping[str, Path]
    migration_modules: tuple[str, ...]

    def owns(self, module: str) -> bool:
        return module.partition(".")[0] in {package.partition(".")[0] for package in self.packages}

    def file_of(self, module: str) -> Path | None:
        return self.modules.get(module) or self.left_out.get(module)

    def shown_module(self, module: str) -> str:
        return self.shown(self.modules[module])

    def shown(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else path.as_posix()


def locate(root: Path, env_py: Path, migrations: Collection[Path], packages: Sequence[str]) -> Application:
    """Find the packages that env.py imports from under the root, or the given ones wherever they are.

    `sys.path` is taken as env.py finds it: what is installed first, then the root and its `src`. What lies in the folders of
    the migrations is not the application.

    Raises:
        ProofError: a given package is nowhere, or env.py cannot be read.

    """
    importlib.invalidate_caches()
    path = _search_path(root)
    given = ((name, _given(name, path, root)) for name in packages)
    specs = dict(given if packages else _imported_by(env_py, path, root))
    beside = {str(Path(_places(spec)[0]).parent) for spec in specs.values()}
    files = {name: Path(spec.origin) for name, spec in specs.items() if spec.origin and not spec.submodule_search_locations}
    found: dict[str, Path] = dict(files)
    unlooked: dict[str, Path] = {}
    for name, spec in specs.items():
        for folder in spec.submodule_search_locations or ():
            _walk(name, Path(folder), found, unlooked, is_inside=spec.origin is not None)
    tried = {name: file for name, file in found.items() if not _is_left_out(name, file, migrations)}
    return Application(
        root=root,
        path=tuple(dict.fromkeys((*path, *sorted(beside)))),
        packages=tuple(specs),
        flat=tuple(files),
        modules=tried,
        left_out={name: file for name, file in found.items() if name not in tried},
        unlooked={name: folder for name, folder in unlooked.items() if not _is_left_out(name, folder, migrations)},
        migration_modules=tuple(_dotted(specs, migrations)),
    )


def _dotted(specs: Mapping[str, ModuleSpec], folders: Collection[Path]) -> Iterator[str]:
    for name, spec in specs.items():
        for place in map(Path, spec.submodule_search_locations or ()):
            for folder in folders:
                if folder.is_relative_to(place) and folder != place:
                    yield ".".join((name, *folder.relative_to(place).parts))


def _search_path(root: Path) -> tuple[str, ...]:
    """The path of env.py, made absolute as in the root, where commands are run."""
    entries = [str((root / entry).resolve()) for entry in sys.path]
    return tuple(dict.fromkeys((*entries, str(root), *([str(root / "src")] if (root / "src").is_dir() else []))))


def _given(name: str, path: Sequence[str], root: Path) -> ModuleSpec:
    spec = _spec(name, path)
    if spec is None:
        raise ProofError(
            f"Cannot find package {name} of [tool.alembic_proof] packages: Python does not find it from {root}. "
            "Correct the name, or add its folder to prepend_sys_path."
        )
    return spec


def _imported_by(env_py: Path, path: Sequence[str], root: Path) -> Iterator[tuple[str, ModuleSpec]]:
    """The top-level packages under the root that env.py imports, and the single files that those single files import."""
    try:
        waiting = [ast.parse(env_py.read_bytes())]
    except (OSError, SyntaxError, ValueError) as error:
        raise ProofError(f"Cannot read {env_py}: {error}. Mend the file.") from error
    seen: set[str] = set(sys.stdlib_module_names)
    while waiting:
        for statement in imports_of(waiting.pop(0)):
            name = statement.module.partition(".")[0]
            if name in seen or statement.is_for_typing:
                continue
            seen.add(name)
            spec = _spec(name, path) or _nearby(name, root)
            if spec is not None and any(_is_own(root, Path(place)) for place in _places(spec)):
                yield name, spec
                if spec.origin and not spec.submodule_search_locations:
                    waiting.append(_syntax_tree(Path(spec.origin)))


def _syntax_tree(file: Path) -> ast.Module:
    """A module that is not Python imports nothing here; what is wrong with it shows when it is imported."""
    try:
        return ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return ast.Module(body=[], type_ignores=[])


def _spec(name: str, path: Sequence[str]) -> ModuleSpec | None:
    """Find a module in files; `importlib.util.find_spec` would answer from what this process has imported already."""
    spec: ModuleSpec | None = None
    where = list(path)
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        try:
            spec = PathFinder.find_spec(".".join(parts[:depth]), where)
        except KeyError:  # a namespace package below another package asks sys.modules for its parent
            spec = None
        if spec is None:
            return _by_hooks(name)
        where = list(spec.submodule_search_locations or ())
    return spec


def _by_hooks(name: str) -> ModuleSpec | None:
    """Ask what editable installs put beside the path."""
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec = find(name, None) if find is not None and finder is not PathFinder else None
        if isinstance(spec, ModuleSpec) and (spec.has_location or spec.submodule_search_locations):
            return spec
    return None


def _nearby(name: str, root: Path) -> ModuleSpec | None:
    """What env.py finds by changing `sys.path` itself: the one package of that name a folder or two below the root."""
    patterns = (f"*/{name}/__init__.py", f"*/*/{name}/__init__.py", f"*/{name}.py", f"*/*/{name}.py")
    files = [file for pattern in patterns for file in root.glob(pattern) if _is_own(root, file)]
    folders = {file.parents[1] if file.name == "__init__.py" else file.parent for file in files}
    return PathFinder.find_spec(name, [str(folder) for folder in folders]) if len(folders) == 1 else None


def _places(spec: ModuleSpec) -> list[str]:
    return list(spec.submodule_search_locations or ()) or [spec.origin or ""]


def _is_own(root: Path, place: Path) -> bool:
    prefix = Path(sys.prefix).resolve()
    if not place.is_relative_to(root) or (prefix != root and prefix.is_relative_to(root) and place.is_relative_to(prefix)):
        return False
    parts = place.relative_to(root).parts
    return not any(part in {"site-packages", "dist-packages"} or part.startswith(".") for part in parts)


def _walk(name: str, folder: Path, found: dict[str, Path], unlooked: dict[str, Path], *, is_inside: bool) -> None:
    """Collect a package's modules. Inside a package, a folder without `__init__.py` is not one, as in the import graph."""
    if is_inside and not (folder / "__init__.py").is_file():
        if any(folder.rglob("*.py")):
            unlooked[name] = folder
        return
    is_package = (folder / "__init__.py").is_file()
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and entry.name.isidentifier() and entry.name != "__pycache__":
            _walk(f"{name}.{entry.name}", entry, found, unlooked, is_inside=is_package)
        elif entry.suffix == ".py" and entry.stem.isidentifier():
            found[name if entry.stem == "__init__" else f"{name}.{entry.stem}"] = entry


def _is_left_out(name: str, file: Path, migrations: Collection[Path]) -> bool:
    parts = name.split(".")
    is_test = not _TEST_FOLDERS.isdisjoint(parts) or parts[-1] == "conftest" or parts[-1].startswith("test_")
    return is_test or parts[-1] == "__main__" or any(file.is_relative_to(folder) for folder in migrations)
