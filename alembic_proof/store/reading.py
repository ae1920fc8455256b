"""From what was recorded to inputs: which of the files that a run opened, listed and looked for are the project's to change."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path

from alembic_proof.store.effects import NOTHING, effect_of, imports_of, leanings_of, takes_all_tables, words_of
from alembic_proof.store.inputs import (
    LARGEST_BYTES,
    Inputs,
    Module,
    content_of,
    digest_of_file,
    found_by,
    importable_in,
    look_at,
    names_in,
    shown,
    used_by,
)
from alembic_proof.store.recorder import Recorder
from alembic_proof.store.surroundings import digest_of, is_library, is_named_as_library, named, values_of

_SCRATCH = re.compile(r"alembic_proof_\d+_")
"""How what we make for a run is called: servers' folders, scratch files."""
_OF_THE_SYSTEM = ("/dev", "/proc", "/sys", "/run")
_KEPT = re.compile(r"[0-9a-f]{2}|[0-9a-f]{40}|.*\.part|\.gitignore")
"""How what we keep is called."""
_BY_NAME = re.compile(rb"\b(?:import_module|__import__|exec|eval|sys\.modules)\b|target_metadata|\.opts\b")
"""Words by which a revision may get at any module."""
_IN_CONTEXT = frozenset({"target_metadata", ".opts"})
"""Those of them that a revision without imports of the project's can use."""

_OF_TOOLS = frozenset({".git", ".hypothesis"})
"""Folders in which tools keep what they make themselves of what is told elsewhere."""


class Reading:
    """Makes inputs of what was recorded.

    `revision_files` say of each whether it imports nothing of the project's; `hooks` are modules that settings name; `told` are
    files that the keys tell of; `own` is the folder in which we keep what we saw.
    """

    def __init__(
        self,
        root: Path,
        recorder: Recorder,
        own: Path,
        *,
        env_py: Path,
        revision_files: Mapping[Path, bool],
        told: Iterable[Path],
        hooks: Iterable[str],
    ) -> None:
        self._root = root
        self._recorder = recorder
        self._own = own
        self._env_py = env_py
        self._revision_files = revision_files
        self._told = frozenset(told)
        self._hooks = tuple(hooks)
        self._resolutions: dict[str, str] = {}

    def inputs(self) -> Inputs:
        """Tell what was read."""
        modules, used = self._modules, self._used()
        opened = {path for path in self._opened if not path.is_dir()}
        files = (opened | set(self._sought()) | set(self._shadows()) | set(self._root.glob(".env*"))) - modules.keys()
        speaking = (content_of(path) or b"" for path in (*files, *self._revision_files, *self._told))
        variables = named([*modules.values(), *(content for content in speaking if len(content) <= LARGEST_BYTES)])
        looks = self._counting(self._recorder.looked_at()) - files - modules.keys()
        return Inputs(
            files={self._shown(path): digest_of_file(path) for path in sorted(files)},
            looks={self._shown(path): look_at(path) for path in sorted(looks)},
            folders={
                self._shown(path): names_in(path) for path in sorted(map(Path, self._recorder.listed())) if self._counts(path)
            },
            modules={
                self._shown(path): Module(
                    digest_of(content),
                    self._effects[path],
                    path in used,
                    tuple(sorted({self._shown(one) for one in found_by(imports_of(content, at_once=True), path, self._places)})),
                )
                for path, content in sorted(modules.items())
            },
            places={self._shown(place): importable_in(place) for place in self._places},
            asked=tuple(sorted({name.partition(".")[0] for name in (*sys.modules, *self._recorder.imported())})),
            variables=variables,
            values=values_of(variables, os.environ),
        )

    def changed(self) -> Path | None:
        """Name a file that was written while the run read it: nobody knows which of its contents was seen."""
        for path in (*self._opened, *self._modules, *self._revision_files, *self._told):
            try:
                stat = path.stat()
            except OSError:
                continue
            if max(stat.st_mtime_ns, stat.st_ctime_ns) >= self._recorder.since_ns and not path.is_dir():
                return path
        return None

    def _shown(self, path: Path) -> str:
        return shown(path, self._root)

    @cached_property
    def _opened(self) -> frozenset[Path]:
        configuration = {name for name in self._recorder.configuration() if Path(name) not in self._told}
        revisions = frozenset(map(Path, self._recorder.read_by_project())) & self._revision_files.keys()
        return self._counting(self._recorder.opened() | configuration) | revisions

    @cached_property
    def _modules(self) -> dict[Path, bytes]:
        """The source of every module of the project's that is loaded."""
        found = self._counting(str(file) for one in list(sys.modules.values()) if (file := getattr(one, "__file__", None)))
        return {path: content for path in found if (content := content_of(path)) is not None}

    @cached_property
    def _effects(self) -> dict[Path, str]:
        return {path: effect_of(one) if path.suffix == ".py" else digest_of(one) for path, one in self._modules.items()}

    @cached_property
    def _places(self) -> tuple[Path, ...]:
        """The folders of the project's from which modules are imported."""
        return tuple(dict.fromkeys(path for one in sys.path if not is_library(path := Path(one).resolve()) and path.is_dir()))

    def _used(self) -> frozenset[Path]:
        """What revisions and hooks import of the project's, what env.py and acting modules lean on, and all that these import."""
        everything = frozenset(self._modules)
        waiting: list[Path] = []
        for path, is_self_contained in self._revision_files.items():
            source = content_of(path) or b""
            found = {word.decode() for word in _BY_NAME.findall(source)}
            if found.intersection(_IN_CONTEXT if is_self_contained else found) and _BY_NAME.search(words_of(source)):
                return everything
            if not is_self_contained:
                waiting.extend(used_by(imports_of(source), path, self._places))
        acting = [self._env_py, *(path for path, effect in self._effects.items() if effect != NOTHING and path.suffix == ".py")]
        for path in acting:
            waiting.extend(used_by(leanings_of(content_of(path) or b""), path, self._places))
        waiting.extend(used_by(((0, hook) for hook in self._hooks), self._env_py, self._places))
        used: set[Path] = set()
        while waiting:
            path = waiting.pop()
            if path in self._modules and path not in used:
                used.add(path)
                waiting.extend(used_by(imports_of(self._modules[path]), path, self._places))
        own = {*used, self._env_py}
        is_of_all = any(takes_all_tables(content_of(path) or b"", is_used=path in own) for path in acting)
        return everything if is_of_all else frozenset(used)

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

    def _shadows(self) -> Iterator[Path]:
        """Where packages would lie that Python would take in place of modules: those in the places are told by the places."""
        return (path.with_suffix("") / "__init__.py" for path in self._modules if path.name != "__init__.py")

    def _counting(self, told: Iterable[str]) -> frozenset[Path]:
        """Of some paths, and what they lead to over links, those that count. Nearly all of thousands are parts of libraries."""
        names = {one for name in told for one in (name, self._resolved(name))}
        return frozenset(path for name in names if not is_named_as_library(name) and self._counts(path := Path(name)))

    def _resolved(self, name: str) -> str:
        """Resolve a path; each folder once."""
        known = self._resolutions
        if name in known:
            return known[name]
        folder, own = os.path.split(name)
        if own in ("", "..") or _is_link(name):
            known[name] = os.path.realpath(name)
        else:
            if folder not in known:
                known[folder] = os.path.realpath(folder)
            known[name] = os.path.join(known[folder], own)  # noqa: PTH118 - no Path for each
        return known[name]

    def _counts(self, path: Path) -> bool:
        """Whether a path is an input: no part of a library, the system, a tool's folder or what we made, nor told elsewhere."""
        if path in self._revision_files or self._is_own(path) or is_library(path):
            return False
        if path.is_relative_to(self._root):
            return _OF_TOOLS.isdisjoint(path.relative_to(self._root).parts)
        is_made = any(_SCRATCH.match(part) or part == ".hypothesis" for part in path.parts)  # which lies where it was loaded
        return not is_made and not any(path.is_relative_to(folder) for folder in _OF_THE_SYSTEM)

    def _is_own(self, path: Path) -> bool:
        """Whether we keep something there. The folder may hold other things: even the project."""
        if not path.is_relative_to(self._own):
            return False
        parts = path.relative_to(self._own).parts
        return len(parts) <= 2 and all(_KEPT.fullmatch(part) for part in parts) and path != self._root  # noqa: PLR2004 - ab/abcd


def _is_link(name: str) -> bool:
    """Whether a path is a link: asked by the one call that the recorder does not listen to."""
    try:
        os.readlink(name)  # noqa: PTH115 - no Path for each
    except (OSError, ValueError):
        return False
    return True
