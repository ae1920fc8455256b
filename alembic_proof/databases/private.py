"""A private server: a folder, the processes in it, and the keeper that ends both with us. Knows no kind of database."""

import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alembic_proof.databases.keeper import LOG
from alembic_proof.databases.lifeline import Lifeline
from alembic_proof.databases.made import new_name
from alembic_proof.errors import ProofError

MEMORY = Path("/dev/shm")  # noqa: S108 - in memory: on a disk, copies take twenty times as long and statements three times
SHORT = Path("/tmp")  # noqa: S108 - for a TMPDIR that is too long for a socket, or closed to other users

_LONGEST_SOCKET_PATH = 100
"""What fits into sockaddr_un everywhere: 108 bytes on Linux, 104 on macOS, less the closing zero byte."""

_SECONDS_TO_START = 60.0


def unprivileged_ids() -> tuple[int, int] | None:
    """Return the user and group to run a server as: None for our own, else (as root, which servers refuse) nobody's."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return 65534, 65534
    return nobody.pw_uid, nobody.pw_gid


def can_be_read(path: Path, ids: tuple[int, int] | None) -> bool:
    """Tell whether those ids can run or read `path`. Ids of None are our own."""
    if ids is None:
        return os.access(path, os.R_OK)
    above = {*path.absolute().parents, *path.resolve().parents}  # a link and what it points to
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in above) and bool(path.stat().st_mode & stat.S_IROTH)


def place(megabytes: int, ids: tuple[int, int] | None = None, *, socket: str = "", runs_programs: bool = False) -> Path:
    """Choose where to put a folder: in memory if that much is free there, else where temporary files go.

    `socket` is the name of the socket to be made in it, if any. `runs_programs` tells that programs will be put there.
    """
    if _has_room(MEMORY, megabytes, runs_programs=runs_programs):
        return MEMORY
    ordinary = Path(tempfile.gettempdir()).resolve()
    fits = not socket or len(os.fsencode(ordinary / new_name() / socket)) <= _LONGEST_SOCKET_PATH
    if fits and can_be_read(ordinary, ids):
        return ordinary
    return SHORT


def _has_room(path: Path, megabytes: int, *, runs_programs: bool) -> bool:
    if not (path.is_dir() and os.access(path, os.W_OK | os.X_OK)):
        return False
    room = os.statvfs(path)
    if runs_programs and room.f_flag & getattr(os, "ST_NOEXEC", 0):  # Docker mounts it so
        return False
    return room.f_bavail * room.f_frsize >= megabytes * 1_000_000


class PrivateServer:
    """A server's folder and its keeper. The keeper exists before the folder does, and removes it whatever happens to us.

    `label` is the server's name in messages, `stop` the signal on which it ends at once, `patience` for how many seconds the
    commands before it are let run when nobody needs them any more.
    """

    def __init__(self, label: str, parent: Path, stop: str, ids: tuple[int, int] | None, *, patience: float = 0) -> None:
        self.folder = parent / new_name()
        self._label = label
        self._ids = ids
        user, group = ("-", "-") if ids is None else map(str, ids)
        self._head = (stop, str(patience), user, group, str(self.folder))
        self._keeper: Lifeline | None = None

    def start(
        self,
        commands: Sequence[Sequence[str]],
        prepare: Callable[[], None],
        is_ready: Callable[[], bool],
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        """Make the folder, run the commands in it (the last one is the server), return when it is ready.

        `meanwhile` is called while they run; where it raises, the server ends.
        """
        self.begin(commands, prepare)
        self.wait_until_ready(is_ready, meanwhile)

    def begin(self, commands: Sequence[Sequence[str]], prepare: Callable[[], None]) -> None:
        """Make the folder and have the commands run in it; return while they run."""
        words = [word for command in commands for word in ("--", *command)]
        self._keeper = Lifeline("keeper.py", *self._head, *words)
        with self._closed_on_error():
            self.folder.mkdir(mode=0o700)
            prepare()
            if self._ids is not None:
                _give(self.folder, self._ids)
            self._keeper.tell("\n")

    def wait_until_ready(self, is_ready: Callable[[], bool], meanwhile: Callable[[], object] = lambda: None) -> None:
        """Wait for a server that was begun, here or by the process that this one is a copy of."""
        assert self._keeper is not None, "only what was begun gets ready"
        with self._closed_on_error():
            meanwhile()
            self._wait(self._keeper, is_ready)

    def wait_until_ended(self) -> None:
        """Wait for a server that was asked to stop; its folder stays. Raises ProofError where it does not."""
        assert self._keeper is not None, "only what was started ends"
        if not self._keeper.hear(_SECONDS_TO_START):
            raise ProofError(f"Cannot stop {self._label}: it still ran after {_SECONDS_TO_START:.0f} seconds. Run again.")

    def leave(self) -> None:
        """Have the server end and its folder removed, without waiting: `close` waits."""
        if self._keeper is not None:
            self._keeper.release()

    def close(self) -> None:
        """End the server and remove its folder; returns when both are gone. A copy of the process that began it ends nothing."""
        if self._keeper is not None:
            self._keeper.let_go()

    @contextmanager
    def _closed_on_error(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.close()
            raise ProofError(f"Cannot start {self._label}: {error}. Give --on a server's URL instead.") from error
        except BaseException:
            self.close()
            raise

    def _wait(self, keeper: Lifeline, is_ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _SECONDS_TO_START
        while not is_ready():
            if keeper.hear(0.004):
                raise ProofError(f"Cannot start {self._label}: {self._last_words()}. Give --on a server's URL instead.")
            if time.monotonic() > deadline:
                raise ProofError(
                    f"Cannot start {self._label}: it was not ready after {_SECONDS_TO_START:.0f} seconds ({self._last_words()}). "
                    "Give --on a server's URL instead."
                )

    def _last_words(self) -> str:
        try:
            lines = (self.folder / LOG).read_text(errors="replace").split("\n")
        except OSError:
            return "it said nothing"
        said = [line.strip() for line in lines if line.strip()]
        errors = [line for line in said if "error" in line.lower() or "fatal" in line.lower()]
        telling = errors[:1] or said[-1:]  # the first error is the cause of the others
        return telling[0].rstrip(".") if telling else "it said nothing"


def _give(folder: Path, ids: tuple[int, int]) -> None:
    """Give a folder of ours, and all in it, to the user that the server runs as."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, *ids, follow_symlinks=False)


def copy_programs(source: Path, target: Path) -> None:
    """Copy a folder of programs to where another user can run them."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a"))
