"""A server that is begun by one process and used by a copy of it belongs to the first, however either ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from alembic_proof.databases.ahead import ServersAhead
from tests.doors.door import assert_nothing_is_left, traces_of

USED_BY_A_COPY = """
import os, sys, time
from alembic_proof.databases.ahead import ServersAhead
with ServersAhead() as ahead:
    ahead.begin("postgresql")
    begun = ahead.take("postgresql")
    print("begun", flush=True)
    child = os.fork()
    if not child:
        from alembic_proof.databases.opening import open_server
        server = open_server("postgresql", begun=begun)
        server.create().run_script(["CREATE TABLE book (id INTEGER)"])
        server.leave()
        server.close()
        print("used", flush=True)
        sys.stdin.read(1)
        os._exit(0)
    os.waitpid(child, 0)
    print(begun.server.folder.is_dir(), flush=True)
"""


@contextmanager
def running() -> Iterator["subprocess.Popen[str]"]:
    """The program above; its copy goes on until its input says so."""
    with subprocess.Popen(
        [sys.executable, "-c", USED_BY_A_COPY],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_copy_uses_it_and_leaves_it() -> None:
    """The copy finds it ready and does not end it; the process that began it does, and waits until all is gone."""
    with running() as process:
        output, _ = process.communicate("\n", timeout=60)
        assert_nothing_is_left([process.pid], 0)

    assert output.split() == ["begun", "used", "True"]


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize("moment", ["begun", "used"])
def test_it_ends_with_whoever_began_it(moment: str) -> None:
    """Killed while it starts, or while a copy that goes on uses it, that process leaves no server and no folder."""
    with running() as process:
        assert process.stdout is not None
        while process.stdout.readline().strip() != moment:
            assert process.poll() is None
        assert traces_of([process.pid])
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert_nothing_is_left([process.pid])


def test_what_is_left_ends_while_we_go_on() -> None:
    """And it is given to nobody any more."""
    before = traces_of([os.getpid()])
    with ServersAhead() as ahead:
        ahead.begin("postgresql")
        ahead.leave()
        deadline = time.monotonic() + 15
        while traces_of([os.getpid()]) != before and time.monotonic() < deadline:
            time.sleep(0.02)
        assert (ahead.take("postgresql"), traces_of([os.getpid()])) == (None, before)
