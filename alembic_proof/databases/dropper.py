"""A program of its own: drops the scratch databases that a process left on a server when it died.

It is told over stdin what exists, and acts when stdin closes. Until then it imports nothing but the standard library: most often
there is nothing to do. The first line is JSON: {"path": sys.path, "kind": kind of server, "url": URL with its password}. Each
other line is "NAME may exist", "NAME exists" or "NAME is gone".
"""

import json
import signal
import sys
import time
from collections.abc import Iterable

_SECONDS = 10.0
"""For how long to try: the server may be busy making a database for the process that died."""


def read_names(lines: Iterable[str]) -> dict[str, bool]:
    """Return the names of what may be left, each with whether it is known to exist."""
    names: dict[str, bool] = {}
    for line in lines:
        name, _, state = line.strip().partition(" ")
        if state == "is gone":
            names.pop(name, None)
        else:
            names[name] = state == "exists"
    return names


def drop(kind: str, url: str, names: dict[str, bool]) -> None:
    """Drop those databases; wait for the ones that may yet appear."""
    from sqlalchemy import make_url

    from alembic_proof.databases.speech import speech_of

    speech, server = speech_of(kind), make_url(url)
    deadline = time.monotonic() + _SECONDS
    while names and time.monotonic() < deadline:
        try:
            with speech.connect(server) as fetch:
                for name, is_known in list(names.items()):
                    if is_known or speech.exists(fetch, name):
                        speech.drop(fetch, name, server)
                        del names[name]
        except speech.errors():  # the server is restarting, or still busy with that database
            pass
        time.sleep(0.2)


def main() -> None:
    """Listen until stdin closes, then drop what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # only the end of the asking process counts
    spec = json.loads(sys.stdin.readline() or "null")
    names = read_names(sys.stdin)
    if names:
        sys.path[:] = spec["path"]
        drop(spec["kind"], spec["url"], names)


if __name__ == "__main__":
    main()
