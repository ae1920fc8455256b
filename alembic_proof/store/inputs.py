"""What a run read of the project, and whether it would read the same today."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from alembic_proof.store.effects import NOTHING, effect_of, imports_of
from alembic_proof.store.surroundings import digest_of, values_of

_ABSENT = "absent"
LARGEST_BYTES = 50_000_000
"""A larger file is known by its size and its time."""


class Module(msgspec.Struct, frozen=True, array_like=True):
    """A module of the project: what it holds, and what it does beside describing.

    `is_used` says that a revision imports it, or that env.py or what a module does leans on it. `imports` are the project's files
    that are imported when it is.
    """

    digest: str
    effect: str
    is_used: bool
    imports: tuple[str, ...]

    @property
    def is_harmless(self) -> bool:
        return self.effect == NOTHING and not self.is_used


class Inputs(msgspec.Struct, frozen=True):
    """What was read, by paths relative to the root where they lie below it.

    `files` have their digests, or were not there; `looks` say what was found where a program only asked; `folders` have the names
    in them, as far as they matter; `modules` are what Python imported from the project. `places` are the folders from which it
    did, with the names that they could have been asked for, `asked` the names that were. `variables` are those of the moment
    that some input names.
    """

    files: dict[str, str]
    looks: dict[str, str]
    folders: dict[str, tuple[str, ...]]
    modules: dict[str, Module]
    places: dict[str, tuple[str, ...]]
    asked: tuple[str, ...]
    variables: tuple[str, ...]
    values: str

    def are_equal(self, root: Path) -> bool:
        """Whether all that was read would be read again, letter by letter."""
        return self._has_same_surroundings(root) and _Now(root, self).is_equal

    def are_alike(self, root: Path) -> bool:
        """Whether migrations would do the same: models may differ in what they describe."""
        return self._has_same_surroundings(root) and _Now(root, self).is_alike

    def _has_same_surroundings(self, root: Path) -> bool:
        return (
            self.values == values_of(self.variables, os.environ)
            and all(digest_of_file(root / name) == digest for name, digest in self.files.items())
            and all(look_at(root / name) == found for name, found in self.looks.items())
        )

    def with_below(self, below: "Inputs", root: Path) -> "Inputs":
        """What this run read, and what an earlier one read of the revisions below, for which this one was alike."""
        modules = dict(self.modules)
        for name, module in below.modules.items():
            source = content_of(root / name)
            if name in modules:
                modules[name] = msgspec.structs.replace(modules[name], is_used=modules[name].is_used or module.is_used)
            elif source is not None:
                modules[name] = msgspec.structs.replace(module, digest=digest_of(source))
        variables = tuple(sorted({*self.variables, *below.variables}))
        return Inputs(
            files={**below.files, **self.files},
            looks={**below.looks, **self.looks},
            folders={**{name: names_in(root / name) for name in below.folders}, **self.folders},
            modules=modules,
            places={**below.places, **self.places},
            asked=tuple(sorted({*self.asked, *below.asked})),
            variables=variables,
            values=values_of(variables, os.environ),
        )


class _Now:
    """The project as it stands, against what was read of it."""

    def __init__(self, root: Path, inputs: Inputs) -> None:
        self._root = root
        self._inputs = inputs
        self._new: set[Path] = set()

    @property
    def is_equal(self) -> bool:
        inputs, root = self._inputs, self._root
        return (
            all(names_in(root / name) == names for name, names in inputs.folders.items())
            and all(importable_in(root / name) == names for name, names in inputs.places.items())
            and all(digest_of_file(root / name) == one.digest for name, one in inputs.modules.items())
        )

    @property
    def is_alike(self) -> bool:
        """A module more or less in a folder that somebody listed counts only if it does something."""
        inputs, root = self._inputs, self._root
        return (
            all(self._is_alike_folder(root / name, set(names)) for name, names in inputs.folders.items())
            and all(self._is_alike_place(root / name, set(names)) for name, names in inputs.places.items())
            and all(self._is_alike_module(name, one) for name, one in inputs.modules.items())
        )

    def _is_alike_module(self, name: str, module: Module) -> bool:
        path = self._root / name
        source = content_of(path)
        if source is None:
            return module.is_harmless and self._may_go(module.imports)
        if digest_of(source) == module.digest:
            return True
        if module.is_used or path.suffix != ".py" or effect_of(source) != module.effect:
            return False
        kept = {shown(one, self._root) for one in self._imported(path, source, at_once=True)}
        return self._may_go(set(module.imports) - kept) and self._imports_nothing_that_does(path, source)

    def _may_go(self, names: Iterable[str]) -> bool:
        """Whether modules that are perhaps imported no more did nothing, nor what they import."""
        waiting, seen = list(names), set[str]()
        while waiting:
            name = waiting.pop()
            module = self._inputs.modules.get(name)
            if name in seen or module is None:
                continue
            seen.add(name)
            if not module.is_harmless:
                return False
            waiting.extend(module.imports)
        return True

    def _is_alike_folder(self, folder: Path, before: set[str]) -> bool:
        now = set(names_in(folder))
        return all(name.endswith(".py") and self._is_harmless(folder / name) for name in now - before) and all(
            self._was_harmless(folder / name) for name in before - now
        )

    def _is_alike_place(self, place: Path, before: set[str]) -> bool:
        """Another module by a name that was asked for may stand before the one that was found."""
        return (set(importable_in(place)) ^ before).isdisjoint(self._inputs.asked)

    def _was_harmless(self, path: Path) -> bool:
        module = self._inputs.modules.get(shown(path, self._root))
        return module is not None and module.is_harmless

    def _is_harmless(self, path: Path) -> bool:
        """Whether a module that may be new does nothing, nor anything that it imports."""
        if path in self._new or shown(path, self._root) in self._inputs.modules:
            return True
        self._new.add(path)
        source = content_of(path)
        if source is None:
            return True
        return effect_of(source) == NOTHING and self._imports_nothing_that_does(path, source)

    def _imports_nothing_that_does(self, path: Path, source: bytes) -> bool:
        """Whether all that is new of what a module imports only describes. A library that is imported first may do anything."""
        known = {*self._inputs.asked, *sys.stdlib_module_names, *(one for names in self._inputs.places.values() for one in names)}
        tops = {name.partition(".")[0] for level, name in imports_of(source) if not level}
        own = {one for name in self._inputs.places for one in importable_in(self._root / name)}
        return tops <= known | own and all(self._is_harmless(one) for one in self._imported(path, source))

    def _imported(self, path: Path, source: bytes, *, at_once: bool = False) -> Iterator[Path]:
        """The files of the project that a module's import statements lead to."""
        places = [self._root / place for place in self._inputs.places]
        return found_by(imports_of(source, at_once=at_once), path, places)


def found_by(imports: Iterable[tuple[int, str]], path: Path, places: Iterable[Path]) -> Iterator[Path]:
    """The files in some folders that a module's imports lead to, packages on the way included."""
    return (one for found in _found(imports, path, list(places)) for one in found)


def used_by(imports: Iterable[tuple[int, str]], path: Path, places: Iterable[Path]) -> Iterator[Path]:
    """Of those files the ones that names are taken from: a package on the way is imported, and not used."""
    return (one for found in _found(imports, path, list(places)) for one in found[-1:])


def _found(imports: Iterable[tuple[int, str]], path: Path, places: Sequence[Path]) -> Iterator[list[Path]]:
    """For each import, and each folder, the files on the way to the module, and its own."""
    for level, name in imports:
        parts = name.split(".") if name else []
        for place in [path.parents[level - 1]] if level else places:
            stems = (place.joinpath(*parts[:length]) for length in range(0 if level else 1, len(parts) + 1))
            yield [one for stem in stems for one in (stem.with_suffix(".py"), stem / "__init__.py") if one.is_file()]


def shown(path: Path, root: Path) -> str:
    """A path as inputs name it."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def content_of(path: Path) -> bytes | None:
    """Read a file; None where there is none to be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def digest_of_file(path: Path) -> str:
    """Digest of a file, or that it is not there."""
    try:
        stat = path.stat()
        if stat.st_size > LARGEST_BYTES:
            return digest_of(str(stat.st_size), str(stat.st_mtime_ns))
        return digest_of(path.read_bytes())
    except OSError:
        return _ABSENT


def names_below(folder: Path) -> tuple[str, ...]:
    """The names of all Python files below a folder."""
    return tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py")))


def look_at(path: Path) -> str:
    """What a program that only asks for a path finds there."""
    return "file" if path.is_file() else "folder" if path.is_dir() else _ABSENT


def names_in(folder: Path) -> tuple[str, ...]:
    """Return the names in a folder, but for hidden ones."""
    try:
        return tuple(sorted(one.name for one in folder.iterdir() if not one.name.startswith(".") and one.name != "__pycache__"))
    except OSError:
        return ()


def importable_in(place: Path) -> tuple[str, ...]:
    """The names by which Python would import something from a folder, once for each file that it could be."""
    found: list[str] = []
    try:
        for entry in os.scandir(place):
            if entry.name.endswith((".py", ".so", ".pyd")):
                found.append(entry.name.partition(".")[0])
            elif os.path.isfile(os.path.join(entry.path, "__init__.py")):  # noqa: PTH113, PTH118 - for each entry of a folder
                found.append(entry.name)
    except OSError:
        return ()
    return tuple(sorted(found))
