"""Which files this process and its copies read, as Python's audit events tell it. An audit hook stays until the process ends.

Python tells of no event when a program asks whether a file is there: `os.stat`, `os.lstat` and `os.access` are ours from the
beginning on, and do the same. Nor does it when one only asks for a module: a finder that finds nothing comes before all others.
"""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec, source_from_cache
from pathlib import Path
from types import FrameType
from typing import Any

import alembic_proof
from alembic_proof.store.surroundings import is_library


def _folder_of(package: str) -> str:
    """Where a package lies: to know that, a run that only looks whether anything changed need not load it."""
    found = find_spec(package)
    assert found is not None, "we depend on it"
    assert found.origin is not None, "it has a file of its own"
    return str(Path(found.origin).parent) + os.sep


_OURS = str(Path(alembic_proof.__file__).parent) + os.sep
_ALEMBICS = _folder_of("alembic")
_PATHS = (str, bytes, os.PathLike)
_PROCESSES = frozenset({"subprocess.Popen", "os.system", "os.posix_spawn", "os.exec"})


class Recorder:
    """Notes what is opened, listed and looked for from now on, here and in every copy of this process."""

    def __init__(self) -> None:
        self.since_ns = time.time_ns()
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - as long as the process: so is the hook
        self._noted: set[str] = set()
        # Writing to one file, always at its end, is how copies of the process tell what they read.
        self._write = self._file.write
        is_library(Path())  # it asks for the folders of the libraries once: before we hear of it
        for name in ("stat", "lstat", "access"):
            self._listen_to(name)
        sys.meta_path.insert(0, _Listener(self._note))
        sys.addaudithook(self._hear)

    def begin(self) -> None:
        """A run begins: what is written from now on is not what it reads."""
        self.since_ns = time.time_ns()

    def opened(self) -> frozenset[str]:
        """The files that somebody opened or tried to open; of a compiled module, its source."""
        return frozenset(self._told("open"))

    def configuration(self) -> frozenset[str]:
        """The configuration files that Alembic or we opened."""
        return frozenset(self._told("config"))

    def read_by_project(self) -> frozenset[str]:
        """Of the opened files those that the project's own code opened, or imported: Alembic opens all revisions."""
        return frozenset(self._told("own"))

    def looked_at(self) -> frozenset[str]:
        """The files and folders that somebody asked for: whether they are there, for one."""
        return frozenset(self._told("stat"))

    def listed(self) -> frozenset[str]:
        """The folders whose entries somebody asked for, but for imports."""
        return frozenset(self._told("list"))

    def imported(self) -> frozenset[str]:
        """The names of all modules that somebody imported or tried to import."""
        return frozenset(self._told("import"))

    def started(self) -> tuple[str, ...]:
        """The files of the project that started programs."""
        return tuple(self._told("start"))

    def _told(self, kind: str) -> list[str]:
        size = os.fstat(self._file.fileno()).st_size
        lines = os.pread(self._file.fileno(), size, 0).decode(errors="surrogateescape").split("\0")
        return [line.partition(" ")[2] for line in lines if line.startswith(f"{kind} ")]

    def _listen_to(self, name: str) -> None:
        real = getattr(os, name)

        def asked(path: Any, *arguments: Any, **named: Any) -> Any:
            if isinstance(path, _PATHS) and _who(sys._getframe(1)) == "project":  # noqa: SLF001 - see _hear
                self._note("stat", os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 - a question less to the file system
            return real(path, *arguments, **named)

        for able in (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks, os.supports_effective_ids):
            if real in able:
                able.add(asked)
        setattr(os, name, asked)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take one event. Nothing here may raise: the program would stop at what it did."""
        if getattr(_deaf, "is_on", False):
            return
        if event == "import":
            self._note("import", str(arguments[0]))
        elif event in ("open", "os.listdir", "os.scandir", "sqlite3.connect"):
            named = "." if arguments[0] is None else arguments[0]
            is_for_writing = event == "open" and (arguments[2] & os.O_ACCMODE) == os.O_WRONLY
            if isinstance(named, _PATHS) and not is_for_writing:
                # inspect.currentframe() is the same call, and may be None
                self._hear_of_path(event, os.fsdecode(named), sys._getframe(1))  # noqa: SLF001
        elif event in _PROCESSES and _who(frame := sys._getframe(1), past_imports=False) == "project":  # noqa: SLF001
            self._note("start", _file_of_project(frame))

    def _hear_of_path(self, event: str, name: str, caller: FrameType) -> None:
        path = os.path.abspath(name)  # noqa: PTH100 - no question to the file system for each file that is opened
        if event in ("open", "sqlite3.connect"):
            if path.endswith(".pyc"):
                path = _source_of(path)
            is_configuration = path.endswith((".ini", ".toml")) and _who(caller) != "project"
            self._note("config" if is_configuration else "open", path)
            if _who(caller) == "project" and _owner(path) == "project":
                self._note("own", path)
        elif caller.f_code.co_filename != "<frozen importlib._bootstrap_external>" and _who(caller) == "project":
            self._note("list", path)

    def _note(self, kind: str, told: str) -> None:
        line = f"{kind} {told}"
        if line not in self._noted:
            self._noted.add(line)
            self._write(f"{line}\0".encode(errors="surrogateescape"))


class _Listener:
    """A finder that hears of every module that somebody imports or asks for, and finds none."""

    def __init__(self, note: Callable[[str, str], None]) -> None:
        self._note = note

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:  # noqa: ARG002 - importlib's words
        self._note("import", name)


def _who(frame: FrameType | None, *, past_imports: bool = True) -> str:
    """Whose doing it is: "project", "alembic" or "us", whoever of them called into libraries last.

    What a library does while it is imported is its own doing, where `past_imports` is false: "library".
    """
    while frame is not None:
        file = frame.f_code.co_filename
        if not past_imports and file.startswith("<frozen importlib"):
            return "library"
        who = _owner(file)
        if who != "library":
            return who
        frame = frame.f_back
    return "library"


def _file_of_project(frame: FrameType | None) -> str:
    while frame is not None and _owner(frame.f_code.co_filename) != "project":
        frame = frame.f_back
    return "" if frame is None else frame.f_code.co_filename


@cache
def _owner(file: str) -> str:
    if file.startswith(_OURS):
        return "us"
    if file.startswith(_ALEMBICS):
        return "alembic"
    return "library" if file.startswith("<") or is_library(Path(file)) else "project"


def _source_of(compiled: str) -> str:
    try:
        return source_from_cache(compiled)
    except ValueError:
        return compiled


_deaf = threading.local()


@contextmanager
def unheard() -> Iterator[None]:
    """What this thread opens inside is our own affair, and no input of the run beside it."""
    _deaf.is_on = True
    try:
        yield
    finally:
        _deaf.is_on = False


_recorder: Recorder | None = None


def recorder() -> Recorder:
    """The one of this process, begun when it is asked for first."""
    global _recorder  # noqa: PLW0603 - an audit hook cannot be taken back: there is one, for as long as the process lives
    if _recorder is None:
        _recorder = Recorder()
    return _recorder
