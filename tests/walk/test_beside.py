"""A copy of a process that does something beside it ends as a copy: it never goes on with what its parent was about to do."""

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
