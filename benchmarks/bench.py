"""What sections measure on: the generated histories, the servers, and runs in rounds."""

import contextlib
import functools
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from versus_pytest_alembic import Contest, Place, beside

from alembic_proof.databases.opening import open_server

KINDS = ("postgresql", "sqlite")

SHORT_RUNS = 6
"""How many rounds at least runs of a few seconds take: the shorter, the more of a round is noise."""


@dataclass(frozen=True)
class Bench:
    """`histories` are the environments of published packages, by the package's name; `times` is the number of rounds."""

    folder: Path
    revisions: int
    times: int
    histories: Mapping[str, Path]
    at_the_end: contextlib.ExitStack
    places: dict[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let every run keep its bytecode, as Python does by itself, and keep it out of the repository."""
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(self.folder / "bytecode")

    @functools.cached_property
    def contest(self) -> Contest:
        """The generated histories and the runs over them."""
        return Contest(self.folder)

    def place(self, kind: str) -> Place:
        """Open a server of a kind, once, that all contestants use."""
        if kind not in self.places:
            server = open_server(kind)
            self.at_the_end.callback(server.close)
            if kind == "sqlite":
                on, url, given = kind, "sqlite:///pytest_alembic.db", "sqlite:///"
            else:
                on = url = given = server.create().url.render_as_string(hide_password=False)
            self.places[kind] = Place(kind, on, url, given, functools.partial(beside, server))
        return self.places[kind]

    def rounds(self, *contestants: Callable[[], float], times: int | None = None) -> list[float]:
        """Let the contestants take turns, once without counting, then so many times; return the best of each.

        What else runs on a machine, or beside a virtual one, only ever adds: see the note in the documentation of `timeit`.
        """
        counted = [[contestant() for contestant in contestants] for _ in range((times or self.times) + 1)][1:]
        return [min(column) for column in zip(*counted, strict=True)]

    def phase_seconds(self, revisions: int, phase: str) -> float:
        """Tell how long a phase of the last `verify` of a generated history took, as its report says."""
        report = json.loads((self.contest.history(revisions) / "report.json").read_text(encoding="utf-8"))
        return float(sum(timing["seconds"] for timing in report["timings"] if timing["phase"] == phase))
