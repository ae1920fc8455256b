"""A process that has loaded the command line and waits: each line that it reads is a run, in a copy of it.

A copy is a process like another, with its own folder, environment, streams, signals and end; what it spares is the second that
each would take to load SQLAlchemy and Alembic. `python -m alembic_proof` is run as `-m` runs it.
"""

import gc
import importlib
import json
import os
import pkgutil
import runpy
import sys
from typing import Any

import alembic_proof
from tests.measured import measure_copies_by_themselves

_NOT_THE_COMMANDS = ("alembic_proof.__main__", "alembic_proof.pytest_plugin", "alembic_proof.experiments.application.children")
"""What is run as a program, or loaded by pytest."""


def main() -> None:
    """Load, and serve one line after another until there are none."""
    for module in pkgutil.walk_packages(alembic_proof.__path__, "alembic_proof."):
        if not module.name.startswith(_NOT_THE_COMMANDS):
            importlib.import_module(module.name)
    measure_copies_by_themselves()
    gc.freeze()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _run(json.loads(line))
            return
        os.write(1, b"%d\n" % pid)
        _, ended = os.waitpid(pid, 0)
        os.write(1, b"%d\n" % os.waitstatus_to_exitcode(ended))


def _run(asked: dict[str, Any]) -> None:
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    for number, stream in enumerate((os.devnull, asked["output"], asked["errors"])):
        opened = os.open(stream, os.O_RDWR)
        os.dup2(opened, number)
        os.close(opened)
    sys.path[0] = asked["folder"]
    sys.argv[1:] = asked["arguments"]
    runpy.run_module("alembic_proof", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
