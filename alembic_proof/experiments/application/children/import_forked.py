"""Import each module first, in a copy of an interpreter that holds other people's libraries already and none of the application.

A hundred times cheaper than a new interpreter for each. It may prove, never convict: what fails here is tried again alone.
"""

import gc
import importlib
import os
import signal
import sys
import time
import warnings
from contextlib import suppress
from typing import Any

from alembic_proof.application import Ended
from alembic_proof.experiments.application.children.answers import Survivors
from alembic_proof.experiments.application.children.attempt import attempt, connections_refused

_PAUSE_SECONDS = 0.001


def main(job: dict[str, Any]) -> Survivors:
    """Import `modules`, `workers` at a time, after the libraries in `others`; `bytecode` is a folder for compiled files.

    An import that takes longer than `import_seconds` is ended.
    """
    if sys.platform == "win32":  # no fork
        return Survivors()
    with connections_refused():
        for name in job["others"]:
            with suppress(BaseException):
                importlib.import_module(name)
        own = tuple(job["packages"])
        if any(name in own or name.startswith(tuple(f"{package}." for package in own)) for name in sys.modules):
            return Survivors()  # a library has imported the application: nothing would be first any more
        sys.pycache_prefix = job["bytecode"]
        sys.dont_write_bytecode = False
        gc.freeze()
        return Survivors(modules=tuple(_run(job["modules"], own, job["workers"], job["import_seconds"])))


def _run(modules: list[str], packages: tuple[str, ...], workers: int, timeout_seconds: float) -> list[str]:
    waiting = list(reversed(modules))
    running: dict[int, tuple[str, float]] = {}
    survivors = []
    parent = os.getppid()
    while (waiting or running) and os.getppid() == parent:
        while waiting and len(running) < workers:
            module = waiting.pop()
            running[_start(module, packages)] = (module, time.monotonic() + timeout_seconds)
        for process, (module, deadline) in tuple(running.items()):
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                del running[process]
                if os.waitstatus_to_exitcode(status) == 0:
                    survivors.append(module)
            elif time.monotonic() > deadline:
                os.kill(process, signal.SIGKILL)
        time.sleep(_PAUSE_SECONDS)
    return survivors


def _start(module: str, packages: tuple[str, ...]) -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12: libraries may have started threads
        process = os.fork()
    if process == 0:
        status = 1
        with suppress(BaseException):
            status = 0 if attempt(module, packages).ended is Ended.IMPORTED else 1
        os._exit(status)
    return process
