"""A copy of a process that does something beside it ends as a copy: it never goes on with what its parent was about to do."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import os, signal, time
from alembic_proof.experiments.beside import Beside

class Stopped(BaseException):
    pass

def stop(*_given):
    raise Stopped

def is_slow_to_end(_progress):
    end = os._exit
    os._exit = lambda status: (time.sleep(20), end(status))  # as a tool that measures it writes what it saw

signal.signal(signal.SIGTERM, stop)
beside = Beside(lambda _phase, _doing: None, may_fork=True)
errand = beside.errand(is_slow_to_end)
try:
    with beside:
        errand.result()
        raise ValueError
except (ValueError, Stopped):
    print("goes on")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes fork on Linux alone")
def test_a_copy_that_is_ended_while_it_ends() -> None:
    """Its parent's handler raises where the parent is; in the copy it does not."""
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == "goes on\n"


LOST = """
import gc, os, signal, time, weakref
from alembic_proof.experiments.signals import raise_again

class Stopped(BaseException):
    pass

class Thing:
    pass

def stop(*_given):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Stopped

signal.signal(signal.SIGTERM, stop)
raise_again(Stopped, signal.SIGTERM, stop)
thing = Thing()
told = weakref.ref(thing, lambda _gone: os.kill(os.getpid(), signal.SIGTERM))
try:
    del thing
    print("lost")
    time.sleep(60)
except Stopped:
    print("stopped")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="signals are those of POSIX")
def test_a_signal_whose_exception_was_lost() -> None:
    """What is raised within a weak reference's callback goes nowhere: it is raised again, where it does."""
    done = subprocess.run([sys.executable, "-c", LOST], capture_output=True, text=True, check=True, timeout=50)

    assert done.stdout == "lost\nstopped\n"


ORPHAN = """
import os, signal, time
from alembic_proof.experiments.beside import Beside

told, tell = os.pipe()
beside = Beside(lambda _phase, _doing: None, may_fork=True)
beside.errand(lambda _progress: (os.write(tell, b"at work"), time.sleep(60)))
with beside:
    os.read(told, 7)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="processes fork on Linux alone")
def test_a_copy_ends_with_its_parent() -> None:
    """However that ended: standard output, which the copy has too, is closed long before its errand ends."""
    done = subprocess.run([sys.executable, "-c", ORPHAN], capture_output=True, text=True, check=False, timeout=40)

    assert (done.returncode, done.stdout) == (-9, "")


AT_THE_FORK = """
import multiprocessing, os, signal, time
from types import SimpleNamespace
from alembic_proof.experiments.beside import Beside
from alembic_proof.workers import work_side_by_side

class Stopped(BaseException):
    pass

def stop(*_given):
    raise Stopped

def work(*_given):
    time.sleep(60)

def beside():
    beside = Beside(lambda _phase, _doing: None, may_fork=True)
    beside.errand(work)
    with beside:
        pass

def worker():
    work_side_by_side(work, [SimpleNamespace(database="sqlite")], lambda *_given: None, forking=True)

signal.signal(signal.SIGTERM, stop)
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM))
for start in (beside, worker):
    try:
        start()
    except Stopped:
        print(start.__name__, multiprocessing.active_children())
"""


@pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="processes fork on Linux, where there is a second core"
)
def test_a_signal_between_a_fork_and_its_end() -> None:
    """It is held back until the copy is known to those who end it."""
    done = subprocess.run([sys.executable, "-c", AT_THE_FORK], capture_output=True, text=True, check=True, timeout=50)

    assert done.stdout == "beside []\nworker []\n"
