"""Which files this process and its copies read, as Python's audit events tell it. An audit hook stays until the process ends."""

import os
import sys
import tempfile
from importlib.util import source_from_cache
from pathlib import Path
from types import FrameType
from typing import Any

_READERS = ("alembic/config.py", "alembic_proof/config.py", "alembic_proof/project.py")
"""Who reads the configuration for us; what of it counts is told by `keys`."""
_HOW_FAR_UP = 8


class Recorder:
    """Notes what is opened, listed and looked for from now on, here and in every copy of this process."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - as long as the process: so is the hook
        self._noted: set[str] = set()
        # Writing to one file, always at its end, is how copies of the process tell what they read.
        self._write = self._file.write
        sys.addaudithook(self._hear)

    def opened(self) -> frozenset[Path]:
        """The files that somebody opened or tried to open; of a compiled module, its source."""
        return frozenset(Path(name).resolve() for name in self._told("open"))

    def listed(self) -> frozenset[Path]:
        """The folders whose entries somebody asked for, but for imports."""
        return frozenset(Path(name).resolve() for name in self._told("list"))

    def imported(self) -> frozenset[str]:
        """The names of all modules that somebody imported or tried to import."""
        return frozenset(self._told("import"))

    def _told(self, kind: str) -> list[str]:
        size = os.fstat(self._file.fileno()).st_size
        lines = os.pread(self._file.fileno(), size, 0).decode(errors="surrogateescape").split("\0")
        return [line.partition(" ")[2] for line in lines if line.startswith(f"{kind} ")]

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take one event. Nothing here may raise: the program would stop at what it did."""
        if event == "import":
            self._note("import", str(arguments[0]))
        elif event in ("open", "os.listdir", "os.scandir"):
            named = "." if arguments[0] is None else arguments[0]
            is_for_writing = event == "open" and (arguments[2] & os.O_ACCMODE) == os.O_WRONLY
            is_from_folder = (
                event == "open" and arguments[1] is None
            )  # by os.open(), perhaps in a folder that the event does not name
            if isinstance(named, str | bytes | os.PathLike) and not is_for_writing:
                path = os.fsdecode(named)
                if not is_from_folder or Path(path).is_absolute():
                    self._hear_of_path(event, path)

    def _hear_of_path(self, event: str, name: str) -> None:
        path = os.path.abspath(name)  # noqa: PTH100 - no question to the file system for each file that is opened
        if event == "open":
            if path.endswith(".pyc"):
                path = _source_of(path)
            if not (path.endswith((".ini", ".toml")) and _is_read_for_us(_caller())):
                self._note("open", path)
        elif _caller().f_code.co_filename != "<frozen importlib._bootstrap_external>":
            self._note("list", path)

    def _note(self, kind: str, told: str) -> None:
        line = f"{kind} {told}"
        if line not in self._noted:
            self._noted.add(line)
            self._write(f"{line}\0".encode(errors="surrogateescape"))


def _caller() -> FrameType:
    """Who did what the hook is called for."""
    return sys._getframe(3)  # noqa: SLF001 - inspect.currentframe() is the same call, and may be None


def _source_of(compiled: str) -> str:
    try:
        return source_from_cache(compiled)
    except ValueError:
        return compiled


def _is_read_for_us(frame: FrameType | None) -> bool:
    for _ in range(_HOW_FAR_UP):
        if frame is None:
            return False
        if frame.f_code.co_filename.replace(os.sep, "/").endswith(_READERS):
            return True
        frame = frame.f_back
    return False


_recorder: Recorder | None = None


def recorder() -> Recorder:
    """The one of this process, begun when it is asked for first."""
    global _recorder  # noqa: PLW0603 - an audit hook cannot be taken back: there is one, for as long as the process lives
    if _recorder is None:
        _recorder = Recorder()
    return _recorder
