"""However the process that uses a server ends, nothing of the server is left."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.private import MEMORY, SHORT
from alembic_proof.databases.speech import speech_of

OPEN = """
import sys, time
from alembic_proof.databases.opening import open_server
server = open_server(sys.argv[1])
database = server.create()
database.run_script(["CREATE TABLE book (id INTEGER)"])
print("open", flush=True)
"""
WAIT = "time.sleep(60)"


@contextmanager
def running(program: str, name: str) -> Iterator[subprocess.Popen[str]]:
    """A process that runs a program with a server's name as its argument."""
    with subprocess.Popen(
        [sys.executable, "-c", program, name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def folders_of(pid: int) -> list[Path]:
    """The folders that a process, or anything in it, made."""
    return [folder for parent in {MEMORY, SHORT} for folder in parent.glob(f"alembic_proof_{pid}_*")]


def processes_of(pid: int) -> list[str]:
    """The command lines of all processes that speak of that process's folders, its keepers among them."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"alembic_proof_{pid}_" in words:
            found.append(words)
    return found


def assert_nothing_is_left(pid: int, seconds: float = 10) -> None:
    """Wait that long at most."""
    deadline = time.monotonic() + seconds
    while (folders_of(pid) or processes_of(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert folders_of(pid) == []
    assert processes_of(pid) == []


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def name(request: pytest.FixtureRequest, opened: Callable[[str], object]) -> str:
    """The name of a server of each kind."""
    opened(request.param)  # skips what the machine does not have
    return str(request.param)


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_process_leaves_nothing(name: str, number: signal.Signals) -> None:
    """After any of these signals, the server, its keeper and its folder are gone within ten seconds."""
    with running(OPEN + WAIT, name) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        assert len(folders_of(process.pid)) == 1
        assert processes_of(process.pid)
        process.send_signal(number)
        process.wait(10)
        assert_nothing_is_left(process.pid)


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("seconds", [0.02, 0.3])
def test_a_process_killed_while_a_server_starts_leaves_nothing(name: str, seconds: float) -> None:
    """The same if the signal comes while the server is being made."""
    with running(OPEN + WAIT, name) as process:
        deadline = time.monotonic() + 10
        while not folders_of(process.pid) and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(seconds)
        process.kill()
        process.wait(10)
        assert_nothing_is_left(process.pid, 15)


def test_a_process_that_just_ends_leaves_nothing(name: str) -> None:
    """A server that nobody closed is closed at the end of the process, before the process is gone."""
    with running(OPEN, name) as process:
        assert process.wait(30) == 0
        assert_nothing_is_left(process.pid, 0)


def test_a_terminals_interrupt_reaches_only_us(name: str) -> None:
    """Ctrl-C goes to the whole group of the terminal: the server must outlive it, so that we can clean up in order."""
    program = f"""
import signal, os
os.setpgid(0, 0)
{OPEN}
try:
    print("waiting", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    with database.connect() as fetch:
        print(list(fetch("SELECT count(*) FROM book")), flush=True)
"""
    with running(program, name) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["open\n", "waiting\n"]
        os.killpg(process.pid, signal.SIGINT)
        assert re.fullmatch(r"\[\(0,\)\]\n", process.stdout.readline())
        process.wait(10)
        assert_nothing_is_left(process.pid)


def test_a_forked_child_neither_ends_nor_outlives_a_server(name: str) -> None:
    """A child that ends in order leaves the server running; one that goes on does not keep it alive."""
    program = f"""
import os
{OPEN}
child = os.fork()
if not child:
    server.close()
    sys.exit()
os.waitpid(child, 0)
with database.connect() as fetch:
    print(list(fetch("SELECT count(*) FROM book")), flush=True)
if not os.fork():
    print("forked", flush=True)
    time.sleep(20)
    os._exit(0)
time.sleep(60)
"""
    with running(program, name) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(3)] == ["open\n", "[(0,)]\n", "forked\n"]
        process.kill()
        process.wait(10)
        assert_nothing_is_left(process.pid)


def test_a_forked_child_cannot_use_a_server_of_its_parent(name: str) -> None:
    """A child's scratch databases would be nobody's to drop, so it gets none."""
    program = f"""
import os
{OPEN}
if not os.fork():
    try:
        server.create()
    except Exception as error:
        print(type(error).__name__, error, flush=True)
    os._exit(0)
os.wait()
"""
    with running(program, name) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert process.stdout.readline() == (
            f"ProofError Cannot make a database on {name}: another process opened it. Open one in the process that uses it.\n"
        )
        process.wait(30)


def test_close_waits_until_all_is_gone(name: str) -> None:
    """When close returns there is no process and no folder any more, and a second close does nothing."""
    others = {*folders_of(os.getpid())}
    server = open_server(name)
    server.create()
    (folder,) = {*folders_of(os.getpid())} - others
    server.close()
    assert not folder.exists()
    assert not [words for words in processes_of(os.getpid()) if str(folder) in words]
    server.close()


def test_what_was_left_goes_while_we_go_on(name: str) -> None:
    """A server that nobody needs ends by itself; closing it, later and twice, only waits."""
    others = {*folders_of(os.getpid())}
    server = open_server(name)
    server.create()
    (folder,) = {*folders_of(os.getpid())} - others
    server.leave()
    server.leave()
    server.close()
    server.close()
    assert not folder.exists()
    assert not [words for words in processes_of(os.getpid()) if str(folder) in words]


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_databases_on_a_users_server_go_too(kind: str, number: signal.Signals, request: pytest.FixtureRequest) -> None:
    """On a server that is not ours, the scratch databases of a killed process are dropped, and only those."""
    url = request.getfixturevalue(f"{kind}_of_a_user")
    query = "SELECT datname FROM pg_database" if kind == "postgresql" else "SELECT schema_name FROM information_schema.schemata"

    def databases() -> set[str]:
        with speech_of(kind).connect(url) as fetch:
            return {str(name) for (name,) in fetch(query)}

    before = databases()
    with running(OPEN + WAIT, url.render_as_string()) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        assert len(databases() - before) == 1
        process.send_signal(number)
        process.wait(10)
    deadline = time.monotonic() + 10
    while databases() != before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert databases() == before


def test_two_servers_of_one_process_are_apart(name: str) -> None:
    """Closing one server leaves another of the same kind as it was."""
    with closing(open_server(name)) as first:
        with closing(open_server(name)) as second:
            second.create()
        first.create().run_script(["CREATE TABLE book (id INTEGER)"])
