"""A program of its own: runs a private server, and stops it and removes its folder when whoever asked for it is gone.

Its stdin is a pipe that only the process that began the server holds open. However that process ends, a SIGKILL included, the
pipe closes, and this program tidies up. It is run by path with `python -I -S`, so it may import nothing but the standard library.

    keeper.py STOP PATIENCE USER GROUP FOLDER [-- COMMAND ARGUMENT...]...

The first byte on stdin says that the folder is ready. Each command then runs in a process group of its own, and must end with
status 0 before the next begins; the last one is the server. "ended STATUS" on stdout says that one ended out of turn.

STOP is the name of the signal that ends the server. A command before it is given PATIENCE seconds to end by itself, then killed:
a killed initdb leaves shared memory behind. USER and GROUP are the numbers that commands run as, or "-" for our own.
"""

import contextlib
import os
import select
import signal
import sys
import time

LOG = "log"
"""The file in the folder that the commands write to."""

_SECONDS_TO_STOP = 5.0


class Keeper:
    """Runs commands one after another for as long as `asking`, a file descriptor, stays open at its other end."""

    def __init__(
        self, asking: int, answering: int, folder: str, *, stop: signal.Signals, patience: float, ids: tuple[int, int] | None
    ) -> None:
        self._asking = asking
        self._answering = answering
        self._folder = folder
        self._stop = stop
        self._patience = patience
        self._ids = ids
        self._child_ended, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.signal(signal.SIGCHLD, _notice)
        signal.set_wakeup_fd(wake)

    def keep(self, commands: list[list[str]]) -> None:
        running, is_server = 0, False
        try:
            if not os.read(self._asking, 1):
                return
            for command in commands:
                running, is_server = self._start(command), command is commands[-1]
                status = self._wait(running)
                if status is None:
                    return
                running = 0
                if status or is_server:
                    os.write(self._answering, b"ended %d\n" % status)
                    break
            while os.read(self._asking, 4096):
                pass
        finally:
            if running:
                self._end(running, is_server=is_server)
            _remove(self._folder)

    def _start(self, command: list[str]) -> int:
        pid = os.fork()
        if pid == 0:
            _become(command, self._folder, self._ids)
        with contextlib.suppress(OSError):  # it did so itself already; one of the two must come before it is signalled
            os.setpgid(pid, pid)
        return pid

    def _wait(self, pid: int) -> int | None:
        """Wait until the command ends, and return its status; None if nobody asks for it any more."""
        import shutil  # noqa: F401 - there is time now, and none when it is needed

        while True:
            ready, _, _ = select.select([self._asking, self._child_ended], [], [])
            if self._asking in ready and not os.read(self._asking, 4096):
                return None
            if self._child_ended in ready:
                os.read(self._child_ended, 4096)
                ended, status = os.waitpid(pid, os.WNOHANG)
                if ended:
                    return os.waitstatus_to_exitcode(status)

    def _end(self, pid: int, *, is_server: bool) -> None:
        if is_server:
            _signal_group(pid, self._stop)
        patience = _SECONDS_TO_STOP if is_server else self._patience
        if not self._ended_within(pid, patience):
            _signal_group(pid, signal.SIGKILL)
            self._ended_within(pid, _SECONDS_TO_STOP)

    def _ended_within(self, pid: int, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if os.waitpid(pid, os.WNOHANG)[0]:
                _signal_group(pid, signal.SIGKILL)  # what the command itself had started
                return True
            select.select([self._child_ended], [], [], min(left, 0.05))
        return False


def _become(command: list[str], folder: str, ids: tuple[int, int] | None) -> None:
    """Turn this forked process into the command. Does not return."""
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        log = os.open(f"{folder}/{LOG}", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        if ids is not None:
            os.setgroups([])
            os.setgid(ids[1])
            os.setuid(ids[0])
        os.umask(0o077)
        os.chdir(folder)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "MYSQL", "MARIADB"))}
        environment = {**kept, "HOME": folder, "TMPDIR": folder, "TZ": "UTC", "LC_ALL": "C"}
        os.execve(command[0], command, environment)  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(126)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(OSError):  # all gone already
        os.killpg(pid, number)


def _remove(folder: str) -> None:
    import shutil

    for _ in range(20):  # a process that was killed a moment ago can still be finishing a write
        shutil.rmtree(folder, ignore_errors=True)
        if not os.path.lexists(folder):
            return
        time.sleep(0.1)


def _notice(number: int, frame: object) -> None:
    """Let the signal be: what matters is the byte that it puts into the wake-up pipe."""


def main(arguments: list[str]) -> None:
    """Run the commands that the arguments name."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # only the end of the asking process counts
    stop, patience, user, group, folder, *rest = arguments
    commands: list[list[str]] = []
    for word in rest:
        if word == "--":
            commands.append([])
        else:
            commands[-1].append(word)
    ids = None if user == "-" else (int(user), int(group))
    Keeper(0, 1, folder, stop=signal.Signals[stop], patience=float(patience), ids=ids).keep(commands)


if __name__ == "__main__":
    main(sys.argv[1:])
