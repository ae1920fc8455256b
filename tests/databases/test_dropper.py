"""The dropper's own work, run in this process against a real server."""

import io
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from alembic_proof.databases import dropper
from alembic_proof.databases.speech import speech_of


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """Undo what a program of its own may do to its signals."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(params=["postgresql", "mariadb"])
def url(request: pytest.FixtureRequest) -> URL:
    """A user's server."""
    found: URL = request.getfixturevalue(f"{request.param}_of_a_user")
    return found


def make(url: URL, *names: str) -> None:
    """Make databases of those names."""
    with speech_of(url.get_backend_name()).connect(url) as fetch:
        for name in names:
            fetch(f"CREATE DATABASE {name}")


def left(url: URL, *names: str) -> list[str]:
    """Which of those databases exist, after dropping them all."""
    speech = speech_of(url.get_backend_name())
    with speech.connect(url) as fetch:
        found = [name for name in names if speech.exists(fetch, name)]
        for name in names:
            speech.drop(fetch, name, url)
    return found


def test_names_are_remembered_until_they_are_gone() -> None:
    """What was told last of a name counts."""
    lines = ["a may exist\n", "b may exist\n", "a exists\n", "c may exist\n", "c is gone\n", "d is gone\n"]
    assert dropper.read_names(lines) == {"a": True, "b": False}


def test_it_drops_what_it_was_told_of_and_nothing_else(url: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """Databases that exist, or may, are dropped when the input ends; one that it was told is gone is not looked for."""
    make(url, "told", "perhaps", "gone", "untold")
    spec = {"path": sys.path, "kind": url.get_backend_name(), "url": url.render_as_string(hide_password=False)}
    said = "\n".join([json.dumps(spec), "told exists", "perhaps may exist", "gone exists", "gone is gone", ""])
    monkeypatch.setattr(sys, "stdin", io.StringIO(said))
    dropper.main()
    assert left(url, "told", "perhaps", "gone", "untold") == ["gone", "untold"]


def test_it_waits_for_a_database_that_is_still_being_made(url: URL) -> None:
    """A server may finish making a database after the process that asked for it has died."""
    timer = threading.Timer(0.7, make, (url, "late"))
    timer.start()
    dropper.drop(url.get_backend_name(), url.render_as_string(hide_password=False), {"late": False})
    timer.join()
    assert left(url, "late") == []


def test_it_gives_up_on_a_server_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """It tries again while a server restarts, but not for ever."""
    monkeypatch.setattr(dropper, "_SECONDS", 0.5)
    start = time.monotonic()
    dropper.drop("postgresql", "postgresql+psycopg://app@127.0.0.1:1/shop", {"some": True})
    assert 0.5 <= time.monotonic() - start < 5


def test_without_anything_to_drop_it_imports_nothing() -> None:
    """Most often there is nothing to do; then it costs no import of a driver or of SQLAlchemy."""
    program = f"""
import runpy, sys
runpy.run_path({str(Path(dropper.__file__))!r}, run_name="__main__")
print("sqlalchemy" in sys.modules)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], input="{}\na exists\na is gone\n", check=True, capture_output=True, text=True
    )
    assert ran.stdout == "False\n"
