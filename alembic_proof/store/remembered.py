"""What a function says of contents, remembered from run to run: it is asked again only of a content that it has not seen.

The function may look at nothing but the content; its own code and the Python that runs it are part of the key.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec

from alembic_proof.store.shelf import Shelf
from alembic_proof.store.surroundings import digest_of, installed

T = TypeVar("T")


@contextmanager
def remembered(
    store: Path | None, name: str, root: Path, kind: type[T], ask: Callable[[bytes], T]
) -> Iterator[Callable[[bytes], T]]:
    """Lend a function that answers as `ask` does. What was answered inside is kept for the next run of the project at `root`."""
    if store is None:
        yield ask
        return
    shelf, key = Shelf(store), digest_of("remembered", name, installed(), str(root))
    known = _read(shelf, key, kind)
    answered: dict[str, T] = {}

    def answer(content: bytes) -> T:
        digest = digest_of(content)
        if digest not in answered:
            answered[digest] = known[digest] if digest in known else ask(content)
        return answered[digest]

    yield answer
    if answered != known:
        shelf.put(key, msgspec.msgpack.encode(answered))


def _read(shelf: Shelf, key: str, kind: type[T]) -> dict[str, T]:
    packed = shelf.get(key)
    try:
        return {} if packed is None else msgspec.msgpack.decode(packed, type=dict[str, kind])  # type: ignore[valid-type]  # a type is given
    except msgspec.DecodeError as error:
        shelf.discard(key, f"it is of another form ({error})")
        return {}
