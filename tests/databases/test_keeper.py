"""The keeper, run inside this process on harmless commands; how it ends real servers is in test_nothing_is_left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alembic_proof.databases import keeper
from alembic_proof.databases.keeper import Keeper
from alembic_proof.databases.lifeline import Lifeline
from alembic_proof.errors import ProofError

Keep = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that a keeper is to remove."""
    path = tmp_path / "kept"
    path.mkdir()
    return path


@pytest.fixture
def keep(folder: Path) -> Iterator[Keep]:
    """Keeps shell commands for as long as `holder`, another one, runs; returns what the keeper said."""

    def run(*commands: str, holder: str = "true", patience: float = 0, stop: signal.Signals = signal.SIGTERM) -> str:
        reading, writing = os.pipe()
        hearing, saying = os.pipe()
        with subprocess.Popen(["/bin/sh", "-c", f"echo; {holder}"], stdout=writing):  # holds the pipe as a user of a server does
            os.close(writing)
            Keeper(reading, saying, str(folder), stop=stop, patience=patience, ids=None).keep(
                [["/bin/sh", "-c", words] for words in commands]
            )
        os.close(reading)
        os.close(saying)
        said = os.read(hearing, 4096).decode()
        os.close(hearing)
        return said

    yield run
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def test_it_removes_the_folder_when_nobody_asks_any_more(keep: Keep, folder: Path) -> None:
    """With nothing to run, it waits for the end of the asking process and removes the folder."""
    (folder / "file").touch()
    assert keep(holder="sleep 0.2") == ""
    assert not folder.exists()


def test_commands_run_in_turn_and_the_last_is_ended(keep: Keep, folder: Path, tmp_path: Path) -> None:
    """Each command begins when the one before has ended well; the server ends on its signal, within moments."""
    trace = tmp_path / "trace"
    start = time.monotonic()
    said = keep(
        f"echo first >> {trace}",
        f"echo second >> {trace}",
        f"trap 'echo ended >> {trace}; exit' TERM; echo third >> {trace}; while :; do sleep 0.05; done",
        holder="sleep 0.7",
    )
    assert trace.read_text().split() == ["first", "second", "third", "ended"]
    assert said == ""
    assert time.monotonic() - start < 5
    assert not folder.exists()


@pytest.mark.parametrize(
    ("commands", "status"), [(["exit 3", "sleep 9"], 3), (["true", "true"], 0), (["kill -9 $$", "sleep 9"], -9)]
)
def test_a_command_that_ends_out_of_turn_is_reported(keep: Keep, commands: list[str], status: int) -> None:
    """A failing preparation and a server that ends by itself are said, and nothing more is started."""
    start = time.monotonic()
    assert keep(*commands, holder="sleep 0.3") == f"ended {status}\n"
    assert time.monotonic() - start < 5


def test_its_commands_write_to_the_log_and_read_nothing(keep: Keep, folder: Path, tmp_path: Path) -> None:
    """Both outputs go to the log; the input is empty, never the pipe that means life; the locale and time zone are fixed."""
    keep(f"cat; echo out; echo err >&2; echo $TZ $LC_ALL; cp {folder}/log {tmp_path}", "sleep 9", holder="sleep 0.3")
    assert (tmp_path / "log").read_text() == "out\nerr\nUTC C\n"


def test_a_stubborn_server_is_killed(keep: Keep, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not end on its signal, nor anything that it started, is left alive."""
    monkeypatch.setattr(keeper, "_SECONDS_TO_STOP", 0.3)
    keep(f"trap '' TERM; sleep 34567 & echo $! > {folder}.pid; wait; sleep 34567", holder="sleep 0.3")
    pid = Path(f"{folder}.pid").read_text().strip()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not Path(f"/proc/{pid}").exists()
    assert not folder.exists()


def test_a_preparation_may_end_by_itself(keep: Keep, tmp_path: Path) -> None:
    """With patience, a command before the server is not interrupted, and no other is started after it."""
    keep(f"sleep 0.5; echo done >> {tmp_path}/trace", f"echo server >> {tmp_path}/trace", patience=5)
    assert (tmp_path / "trace").read_text() == "done\n"


def test_a_preparation_without_patience_is_killed(keep: Keep, tmp_path: Path) -> None:
    """Without patience it is interrupted at once."""
    start = time.monotonic()
    keep(f"sleep 5; echo done >> {tmp_path}/trace", "sleep 9", patience=0)
    assert time.monotonic() - start < 3
    assert not (tmp_path / "trace").exists()


def test_a_program_that_cannot_run_says_so(folder: Path) -> None:
    """The log holds the reason, and the status tells that there is one."""
    lifeline = Lifeline("keeper.py", "SIGTERM", "0", "-", "-", str(folder), "--", "/no/such/program")
    lifeline.tell("\n")
    assert lifeline.hear(10) == "ended 126\n"
    assert (folder / "log").read_text() == "/no/such/program: No such file or directory\n"
    lifeline.let_go()
    assert not folder.exists()


def test_it_ignores_the_signals_that_are_meant_for_others(folder: Path) -> None:
    """SIGINT, SIGTERM and SIGHUP do not end it: only the end of the asking process does."""
    lifeline = Lifeline(
        "keeper.py", "SIGTERM", "0", "-", "-", str(folder), "--", "/bin/sh", "-c", f"echo $PPID > {folder}/pid; sleep 99"
    )
    lifeline.tell("\n")
    deadline = time.monotonic() + 10
    while not (pid := folder / "pid").exists() or not pid.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(int(pid.read_text()), number)
    assert lifeline.hear(0.3) == ""
    assert folder.exists()
    lifeline.let_go()
    assert not folder.exists()


def test_its_arguments_are_read_as_it_says(folder: Path, tmp_path: Path) -> None:
    """A program of its own: the words on its command line, from end to end."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)}
    reading, writing = os.pipe()
    standard_input = os.dup(0)
    os.dup2(reading, 0)
    os.write(writing, b"\n")
    os.close(writing)
    try:
        keeper.main(
            ["SIGTERM", "9.5", "-", "-", str(folder), "--", "/bin/sh", "-c", f"touch {tmp_path}/ran", "--", "/no/such/server"]
        )
    finally:
        os.dup2(standard_input, 0)
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
    assert (tmp_path / "ran").exists()
    assert not folder.exists()


def test_a_dead_keeper_is_noticed(folder: Path) -> None:
    """If someone kills the keeper itself, the next word to it is a set-up error, not a silence."""
    lifeline = Lifeline("keeper.py", "SIGTERM", "0", "-", "-", str(folder))
    lifeline._process.kill()
    assert lifeline.hear(10) == "ended"
    lifeline._process.wait()  # a dying process closes its files in no promised order
    with pytest.raises(ProofError, match="the helper process that tidies up was killed"):
        lifeline.tell("\n")
    lifeline.let_go()


def test_a_python_without_an_executable_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Python to run it there is no keeper, and so no server."""
    for executable, words in ((None, "does not know its own executable"), ("/no/such/python", "No such file")):
        monkeypatch.setattr(sys, "executable", executable)
        with pytest.raises(ProofError, match=words):
            Lifeline("keeper.py")


def test_a_program_of_its_own_needs_only_the_standard_library() -> None:
    """Both helpers can be run by path, without site-packages, and end at once when nobody holds their input."""
    for program, arguments in (("keeper.py", ["SIGTERM", "0", "-", "-", "/no/such/folder"]), ("dropper.py", [])):
        path = Path(keeper.__file__).with_name(program)
        assert (
            subprocess.run([sys.executable, "-I", "-S", str(path), *arguments], stdin=subprocess.DEVNULL, check=True).returncode
            == 0
        )
