"""What a run depends on beside the project: this program, Python, what is installed, the environment."""

import hashlib
import os
import platform
import re
import shutil
import sqlite3
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import alembic_proof

_OF_THE_MOMENT = re.compile(
    r"_|PWD|OLDPWD|SHLVL|TERM.*|COLORTERM|COLUMNS|LINES|.*COLOR|CLICOLOR.*|LS_COLORS|LESS.*|PAGER|EDITOR|VISUAL|HIST.*|PS\d|PROMPT.*"
    r"|TMUX.*|STY|WINDOWID|DISPLAY|WAYLAND_.*|SSH_.*|XDG_.*|DBUS_.*|SYSTEMD_.*|INVOCATION_ID|JOURNAL_STREAM|MAIL|HOSTNAME|TMPDIR|TMP|TEMP"
    r"|CI|CI_.*|GITHUB_.*|RUNNER_.*|ACTIONS_.*|GITLAB_.*|FF_.*|BUILDKITE.*|CIRCLE.*|TRAVIS.*|JENKINS_.*|BUILD_.*"
    r"|VIRTUAL_ENV.*|TOX_.*|PYTEST_.*|COV_.*|COVERAGE_.*|UV|UV_.*|PIP_.*|PYENV_.*|PYTHONDONTWRITEBYTECODE|ALEMBIC_PROOF_CACHE"
)
"""Variables that differ from one terminal, or one CI job, to the next. One that an input names counts all the same."""

_NAME = re.compile(rb"[A-Z_][A-Z0-9_]+")


def digest_of(*parts: str | bytes) -> str:
    """Join some parts into one digest, so that no two lists of parts have the same."""
    made = hashlib.blake2b(digest_size=20)
    for part in parts:
        raw = part.encode(errors="surrogateescape") if isinstance(part, str) else part
        made.update(b"%d:" % len(raw))
        made.update(raw)
    return made.hexdigest()


@cache
def installed() -> str:
    """Digest of this program's code, of Python, and of every distribution that is installed: their own lists of files."""
    return digest_of(
        sys.version,
        str(sys.flags),
        platform.platform(),
        *_own_code(),
        *(part for folder in _folders_of_libraries() for part in _distributions(folder)),
    )


def programs() -> Iterator[str]:
    """The programs of databases that no distribution brings."""
    yield sqlite3.sqlite_version
    program = shutil.which("mariadbd", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin")))
    if program is not None:
        stat = Path(program).stat()
        yield f"{stat.st_size} {stat.st_mtime_ns}"


def environment(variables: Mapping[str, str]) -> str:
    """Digest of the environment variables, without those of the moment."""
    return digest_of(*(f"{name}={value}" for name, value in sorted(variables.items()) if not _OF_THE_MOMENT.fullmatch(name)))


def named(contents: Iterable[bytes]) -> tuple[str, ...]:
    """The variables of the moment that some input names, set or not: they count too."""
    texts = list(contents)
    if any(b"BaseSettings" in text for text in texts):  # of pydantic: a field `build_number` is the variable BUILD_NUMBER
        texts = [text.upper() for text in texts]
    words = {word.decode() for text in texts for word in _NAME.findall(text)}
    return tuple(sorted(word for word in words if _OF_THE_MOMENT.fullmatch(word)))


def values_of(names: Iterable[str], variables: Mapping[str, str]) -> str:
    """Digest of the values of some variables, which need not be set. GITHUB_ stands for all that begin with it."""
    told = set(names)
    begun = tuple(name for name in told if name.endswith("_") and name != "_")
    told.update(name for name in variables if begun and name.startswith(begun))
    return digest_of(*(f"{name}={variables.get(name)!r}" for name in sorted(told)))


def is_library(path: Path) -> bool:
    """Whether a file belongs to Python, to an installed distribution, or to this program: those are told by `installed`."""
    return is_named_as_library(str(path))


def is_named_as_library(path: str) -> bool:
    """The same of a path that is written as Python writes them: there are thousands, and a Path for each takes its time."""
    folders, beginnings = _library_names()
    named = os.path.normcase(path)
    return named in folders or named.startswith(beginnings)


@cache
def _library_names() -> tuple[frozenset[str], tuple[str, ...]]:
    """The names of the folders, and how the names of what lies below them begin."""
    names = frozenset(os.path.normcase(folder) for folder in _all_library_folders())
    return names, tuple(os.path.join(name, "") for name in sorted(names))  # noqa: PTH118 - with the separator at its end


@cache
def _all_library_folders() -> tuple[Path, ...]:
    paths = sysconfig.get_paths()
    own = Path(alembic_proof.__file__).parent
    given = {Path(paths["stdlib"]), Path(paths["platstdlib"]), *_folders_of_libraries(), own}
    return tuple(sorted({one for path in given for one in (path, path.resolve())}))


@cache
def _folders_of_libraries() -> tuple[Path, ...]:
    given = [*map(Path, sys.path), Path(sysconfig.get_paths()["purelib"]), Path(sysconfig.get_paths()["platlib"])]
    return tuple(sorted({path for path in given if path.name in {"site-packages", "dist-packages"}}))


def _own_code() -> Iterator[bytes]:
    root = Path(alembic_proof.__file__).parent
    for path in sorted(root.rglob("*.py")):
        yield str(path.relative_to(root)).encode()
        yield path.read_bytes()


def _distributions(folder: Path) -> Iterator[bytes]:
    """The name of each distribution, and the list of its files with their digests: a version alone says little of a fork."""
    try:
        entries = sorted(entry.name for entry in os.scandir(folder))
    except OSError:
        return
    for name in entries:
        if name.endswith((".dist-info", ".egg-info", ".egg-link", ".pth")):
            yield name.encode()
            for told in ("RECORD", "SOURCES.txt", ""):
                try:
                    yield (folder / name / told if told else folder / name).read_bytes()
                except OSError:
                    continue
                break
