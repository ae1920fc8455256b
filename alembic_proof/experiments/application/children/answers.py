"""The shapes of what a child interpreter answers, and the way in and out: a line of JSON on stdin, one document on stdout."""

import gc
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from alembic_proof.experiments.application.children.watch import when_gone
from alembic_proof.imported import Column, Ended, Holds


class Edge(NamedTuple):
    """One import between two modules; `lines` are those of its statements in the importer's file."""

    importer: str
    imported: str
    lines: tuple[int, ...]


class Graph(NamedTuple):
    """The imports between modules, or why they could not be read."""

    edges: tuple[Edge, ...] = ()
    failure: str | None = None


class Frame(NamedTuple):
    """A module that was being imported, and the line that it had reached."""

    module: str
    file: str
    line: int


class Attempt(NamedTuple):
    """How the import of one module ended. `frames` are the modules that were being imported, outermost first.

    `partial` is the module that was asked for a name before it was complete. `is_final` says that another try would end in
    the same way.
    """

    module: str
    ended: Ended
    words: str = ""
    frames: tuple[Frame, ...] = ()
    partial: str | None = None
    is_final: bool = False


class SeenTable(NamedTuple):
    """A Table that came into being. `metadata` numbers its MetaData; `place` is the application's line that made it."""

    name: str
    metadata: int
    place: Frame
    columns: tuple[Column, ...]
    mapped_class: str | None
    class_module: str | None


class SeenName(NamedTuple):
    """A name in a module that belongs to the models. `table` is its full name, `metadata` the number of its MetaData."""

    module: str
    name: str
    holds: Holds
    table: str | None
    metadata: int | None
    is_own: bool


class Everything(NamedTuple):
    """What was there after all modules had been imported in one interpreter.

    `first` is the module that was imported first of all, where that went well. `others` are the modules of other packages,
    `loads` the imports that made a module load.
    """

    first: str | None = None
    failures: tuple[Attempt, ...] = ()
    tables: tuple[SeenTable, ...] = ()
    names: tuple[SeenName, ...] = ()
    others: tuple[str, ...] = ()
    loads: tuple[Edge, ...] = ()


class Survivors(NamedTuple):
    """The modules whose first import ended well. `is_spoilt` says that none could be tried as the first."""

    modules: tuple[str, ...] = ()
    is_spoilt: bool = False


def serve(main: Callable[[dict[str, Any]], object]) -> None:
    """Take the job, keep stdout for the answer alone, and leave without waiting for what the application started.

    When the harness is gone, end at once, with what was started and the `folder` of the job.
    """
    told = sys.stdin.readline()  # not up to its end: copies of the harness may hold the pipe open
    if not told:
        os._exit(1)  # the harness went, or wants nothing
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    gc.enable()
    job = json.loads(told)
    when_gone(job["parent"], partial(_end, job.get("folder")))
    sys.path[:] = job["path"]
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    json.dump(main(job), answer)
    answer.close()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)


def _end(folder: str | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
    if sys.platform != "win32":
        os.killpg(os.getpgrp(), signal.SIGKILL)
