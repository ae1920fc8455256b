"""What the users' tests send, beside the recording that AP601 takes for the code of the last release."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from alembic_proof.recording.file import Recording, read_recordings
from alembic_proof.recording.listening import Listener, statements_of
from tests.fooapi.history import ROOT

RECORDING = "alembic-proof-statements.toml"
AGAIN = "write it again: pytest tests/fooapi/test_users.py --proof-record"


def recording_of(kind: str) -> Recording:
    """Give the newest recording on a kind of database."""
    recordings = read_recordings(ROOT / RECORDING, RECORDING)
    assert recordings is not None
    return recordings.of(kind)[0]


@contextmanager
def only_what_is_recorded(kind: str) -> Iterator[None]:
    """Hold that nothing is sent meanwhile but what the recording has."""
    listener = Listener()
    listener.start()
    try:
        yield
    finally:
        listener.stop()
    sent = statements_of([listener.heard()]).get(kind, [])
    assert {_without_types(one) for one in sent} <= {_without_types(one) for one in recording_of(kind).statements}, AGAIN


def _without_types(statement: str) -> str:
    """One test may send fewer types of values than all of them."""
    return re.sub(r"\{[\w|]*\}", "{}", statement)
