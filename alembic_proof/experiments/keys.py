"""Under which keys the evidence of an order is kept: digests of all that is known before anything runs.

What is known only afterwards (which files env.py and the migrations read) is kept beside the evidence, and compared.
"""

import os
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from alembic_proof.experiments.order import Keys, Order
from alembic_proof.project import Project
from alembic_proof.store.inputs import shown
from alembic_proof.store.surroundings import digest_of, environment, installed, is_library, programs

_VERSION = "2"
"""Rises when evidence of an earlier version of these rooms means something else; the code itself is part of every key."""


def keys_of(order: Order) -> Keys | None:
    """Work out an order's keys; None where evidence is not kept: a server that others use may change without our knowing it."""
    if "://" in order.database:
        return None
    surroundings = (installed(), environment(os.environ), *_places(order.project.root), *_server(order.database))
    heights = [digest_of("height", _VERSION, *surroundings, *_settings(order.project))]
    for revision in order.history.revisions:
        path = order.project.root / revision.file
        heights.append(digest_of(heights[-1], revision.id, revision.file, path.read_bytes()))
    recordings = msgspec.json.encode(order.recordings, enc_hook=str, order="sorted")
    how = (order.faithful, order.detailed, order.examples, order.with_rows)
    manner = digest_of(*map(str, how), recordings, *sorted(order.experiments))
    return Keys(tuple(heights), manner)


def _places(root: Path) -> Iterable[str]:
    """Where Python looks for modules, in its order, but for libraries: PYTHONPATH may name any folder."""
    places = (Path(place).resolve() for place in sys.path)
    return dict.fromkeys(shown(place, root) for place in places if not is_library(place))


def _settings(project: Project) -> Iterable[bytes]:
    """What the project says of itself, but for what settles how findings are judged."""
    settings = msgspec.structs.replace(project.settings, accept=(), severity={}, databases=(), expected_heads=(), packages=())
    yield msgspec.json.encode(settings)
    if project.config_file != project.pyproject:
        yield project.config_file.read_bytes()
    if project.pyproject.is_file():
        tool = tomllib.loads(project.pyproject.read_text(encoding="utf-8")).get("tool", {})
        yield msgspec.json.encode(tool.get("alembic", {}), enc_hook=str, order="sorted")


def _server(database: str) -> Iterable[str]:
    """The server's programs, as far as `installed` does not tell of them."""
    yield database
    yield from programs()
