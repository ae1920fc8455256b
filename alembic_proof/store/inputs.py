"""What a run read of the project, and whether it would read the same today."""

import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from alembic_proof.store.effects import NOTHING, effect_of, imports_of
from alembic_proof.store.recorder import Recorder
from alembic_proof.store.surroundings import digest_of, is_library, named, values_of

_ABSENT = "absent"
_SCRATCH = re.compile(r"alembic_proof_\d+_")
"""How what we make for a run is called: servers' folders, scratch files."""
_OF_THE_SYSTEM = ("/dev", "/proc", "/sys", "/run")
_LARGEST_BYTES = 50_000_000
"""A larger file is known by its size and its time."""


class Module(msgspec.Struct, frozen=True, array_like=True):
    """A module of the project: what it holds, and what it does beside describing. `is_used` says that a revision imports it."""

    digest: str
    effect: str
    is_used: bool


class Inputs(msgspec.Struct, frozen=True):
    """What was read, by paths relative to the root where they lie below it.

    `files` have their digests, or were not there; `folders` the names in them, as far as they matter; `modules` are what Python
    imported from the project, `places` the folders from which it did; `variables` are those of the moment that some input names.
    """

    files: dict[str, str]
    folders: dict[str, tuple[str, ...]]
    modules: dict[str, Module]
    places: tuple[str, ...]
    variables: tuple[str, ...]
    values: str

    def are_equal(self, root: Path) -> bool:
        """Whether all that was read would be read again, letter by letter."""
        return self._are_unchanged(root, is_exact=True)

    def are_alike(self, root: Path) -> bool:
        """Whether migrations would do the same: models may differ in what they describe."""
        return self._are_unchanged(root, is_exact=False)

    def _are_unchanged(self, root: Path, *, is_exact: bool) -> bool:
        if self.values != values_of(self.variables, os.environ):
            return False
        if any(digest_of_file(root / name) != digest for name, digest in self.files.items()):
            return False
        now = _Now(root, self)
        if is_exact:
            return now.has_equal_folders and all(digest_of_file(root / name) == one.digest for name, one in self.modules.items())
        return now.has_alike_folders and all(now.is_alike(name, one) for name, one in self.modules.items())


class _Now:
    """The project as it stands, against what was read of it."""

    def __init__(self, root: Path, inputs: Inputs) -> None:
        self._root = root
        self._inputs = inputs
        self._new: set[Path] = set()

    @property
    def has_equal_folders(self) -> bool:
        return all(_names_in(self._root / name) == names for name, names in self._inputs.folders.items())

    @property
    def has_alike_folders(self) -> bool:
        """A module more or less in a folder that somebody listed counts only if it does something."""
        return all(self._is_alike_folder(self._root / name, set(names)) for name, names in self._inputs.folders.items())

    def is_alike(self, name: str, module: Module) -> bool:
        path = self._root / name
        source = _content(path)
        if source is None:
            return module.effect == NOTHING and not module.is_used
        if digest_of(source) == module.digest:
            return True
        if module.is_used or path.suffix != ".py":
            return False
        return effect_of(source) == module.effect and all(self._is_harmless(one) for one in self._imported(path, source))

    def _is_alike_folder(self, folder: Path, before: set[str]) -> bool:
        now = set(_names_in(folder))
        return all(name.endswith(".py") and self._is_harmless(folder / name) for name in now - before) and all(
            self._was_harmless(folder / name) for name in before - now
        )

    def _was_harmless(self, path: Path) -> bool:
        module = self._inputs.modules.get(shown(path, self._root))
        return module is not None and module.effect == NOTHING and not module.is_used

    def _is_harmless(self, path: Path) -> bool:
        """Whether a module that may be new does nothing, nor anything that it imports."""
        if path in self._new or shown(path, self._root) in self._inputs.modules:
            return True
        self._new.add(path)
        source = _content(path)
        if source is None:
            return True
        return effect_of(source) == NOTHING and all(self._is_harmless(one) for one in self._imported(path, source))

    def _imported(self, path: Path, source: bytes) -> Iterator[Path]:
        """The files of the project that a module's import statements lead to."""
        return imported_files(path, source, [self._root / place for place in self._inputs.places])


def imported_files(path: Path, source: bytes, places: Iterable[Path]) -> Iterator[Path]:
    """The files in some folders that a source's import statements lead to, packages on the way included."""
    for level, name in imports_of(source):
        parts = name.split(".") if name else []
        for place in [path.parents[level - 1]] if level else places:
            for length in range(len(parts) + 1):
                stem = place.joinpath(*parts[:length])
                yield from (one for one in (stem.with_suffix(".py"), stem / "__init__.py") if length + level and one.is_file())


class Reading:
    """Makes inputs of what was recorded. `apart` are files that the keys tell of, and folders of such; `own` is ours."""

    def __init__(self, root: Path, recorder: Recorder, apart: Iterable[Path], own: Path) -> None:
        self._root = root
        self._recorder = recorder
        self._apart = frozenset(apart)
        self._own = own

    def inputs(self, revision_files: Mapping[Path, bool]) -> Inputs:
        """Tell what was read. Of each revision file: whether it imports nothing of the project's."""
        modules = self._modules
        used = self._used(modules, revision_files)
        opened = {path for path in self._recorder.opened() if self._counts(path) and not path.is_dir()}
        files = (opened | set(self._sought()) | set(self._root.glob(".env*"))) - modules
        contents = {path: content for path in (*files, *modules) if (content := _content(path)) is not None}
        variables = named(content for path, content in contents.items() if len(content) <= _LARGEST_BYTES)
        return Inputs(
            files={shown(path, self._root): digest_of_file(path) for path in sorted(files)},
            folders={shown(path, self._root): _names_in(path) for path in sorted(self._recorder.listed()) if self._counts(path)},
            modules={
                shown(path, self._root): Module(digest_of(contents[path]), _effect_of_module(path, contents[path]), path in used)
                for path in sorted(modules)
                if path in contents
            },
            places=tuple(sorted(shown(place, self._root) for place in self._places)),
            variables=variables,
            values=values_of(variables, os.environ),
        )

    @cached_property
    def _modules(self) -> frozenset[Path]:
        """The source of every module of the project's that is loaded."""
        found = {Path(file).resolve() for one in list(sys.modules.values()) if (file := getattr(one, "__file__", None))}
        return frozenset(path for path in found if self._counts(path))

    @cached_property
    def _places(self) -> frozenset[Path]:
        """The folders of the project's from which modules are imported."""
        return frozenset(path for one in sys.path if not is_library(path := Path(one).resolve()) and path.is_dir())

    def _used(self, modules: frozenset[Path], revision_files: Mapping[Path, bool]) -> frozenset[Path]:
        """What revision files import of the project's, and what that imports."""
        used: set[Path] = set()
        waiting = [path for path, is_self_contained in revision_files.items() if not is_self_contained]
        for path in waiting:  # a name that is looked up when the file runs may be any module
            source = _content(path) or b""
            if any(word in source for word in (b"import_module", b"__import__", b"exec", b"eval")):
                return modules
        while waiting:
            path = waiting.pop()
            found = {one for one in imported_files(path, _content(path) or b"", self._places) if one in modules} - used
            used |= found
            waiting.extend(found)
        return frozenset(used)

    def _sought(self) -> Iterator[Path]:
        """Where modules that were looked for in vain would lie."""
        missing = [name for name in self._recorder.imported() if name not in sys.modules]
        for name in missing:
            top = name.partition(".")[0]
            if "." in name and top in sys.modules and is_library(Path(getattr(sys.modules[top], "__file__", None) or os.sep)):
                continue
            for place in self._places:
                stem = place.joinpath(*name.split("."))
                yield from (stem.with_suffix(".py"), stem / "__init__.py")

    def _counts(self, path: Path) -> bool:
        """Whether a path is an input: no part of a library, the system, git's folder or what the run made, nor told elsewhere."""
        if path in self._apart or path.is_relative_to(self._own) or is_library(path):
            return False
        if path.is_relative_to(self._root):
            return ".git" not in path.relative_to(self._root).parts
        is_made = any(_SCRATCH.match(part) for part in path.parts) or path.is_relative_to(tempfile.gettempdir())
        return not is_made and not any(path.is_relative_to(folder) for folder in _OF_THE_SYSTEM)


def shown(path: Path, root: Path) -> str:
    """A path as inputs name it."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _effect_of_module(path: Path, content: bytes) -> str:
    return effect_of(content) if path.suffix == ".py" else digest_of(content)


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def digest_of_file(path: Path) -> str:
    """Digest of a file, or that it is not there."""
    try:
        stat = path.stat()
        if stat.st_size > _LARGEST_BYTES:
            return digest_of(str(stat.st_size), str(stat.st_mtime_ns))
        return digest_of(path.read_bytes())
    except OSError:
        return _ABSENT


def names_below(folder: Path) -> tuple[str, ...]:
    """The names of all Python files below a folder."""
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py")))


def _names_in(folder: Path) -> tuple[str, ...]:
    try:
        return tuple(sorted(one.name for one in folder.iterdir() if not one.name.startswith(".") and one.name != "__pycache__"))
    except OSError:
        return ()
