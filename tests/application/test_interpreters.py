"""Children: answered, ended, and gone whatever happens."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from alembic_proof.experiments.application.children.answers import Attempt
from alembic_proof.experiments.application.interpreters import Ending, Interpreters
from alembic_proof.imported import Ended


@pytest.fixture(autouse=True)
def _endless(tmp_path: Path) -> None:
    """A module that notes the process in which it runs, starts another one, and never ends."""
    source = "import os, pathlib, subprocess, sys, time\n"
    source += "other = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    source += (
        "pathlib.Path('pids.new').write_text(f'{os.getpid()} {other.pid}')\nos.rename('pids.new', 'pids')\ntime.sleep(600)\n"
    )
    (tmp_path / "endless.py").write_text(source, encoding="utf-8")


def ask(interpreters: Interpreters, folder: Path, timeout_seconds: float) -> Ending[Attempt]:
    """Import the endless module."""
    path = (str(folder), *sys.path)
    return interpreters.ask(
        "import_alone", Attempt, timeout_seconds, root=folder, path=path, module="endless", packages=["endless"]
    )


def pids(folder: Path) -> list[int]:
    """The processes that the endless module noted."""
    deadline = time.monotonic() + 30
    while not (folder / "pids").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return [int(pid) for pid in (folder / "pids").read_text(encoding="utf-8").split()]


def are_gone(processes: list[int]) -> bool:
    """Whether they all end: a killed process takes a moment to go."""
    deadline = time.monotonic() + 30
    while any(is_running(pid) for pid in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def is_running(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    if Path("/proc/self").exists():
        status = Path(f"/proc/{pid}/stat")
        return status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_that_takes_too_long_is_ended_with_what_it_started(tmp_path: Path) -> None:
    """After the limit there is no answer, but words, and no process."""
    with Interpreters() as interpreters:
        ending = ask(interpreters, tmp_path, 3)

    assert (ending.answer, ending.words) == (None, "it did not end within 3 seconds")
    assert are_gone(pids(tmp_path))


def test_leaving_ends_what_still_runs(tmp_path: Path) -> None:
    """When the run is broken off, running children end at once and no other begins."""
    endings = []
    with Interpreters() as interpreters:
        asking = threading.Thread(target=lambda: endings.append(ask(interpreters, tmp_path, 600)))
        asking.start()
        noted = pids(tmp_path)
    asking.join(10)

    assert not asking.is_alive()
    assert [ending.answer for ending in endings] == [None]
    assert are_gone(noted)
    assert ask(interpreters, tmp_path, 600).words == "the run was ended"


def test_an_error_ends_what_still_runs(tmp_path: Path) -> None:
    """An exception in the middle of a look closes the interpreters before anybody waits for them."""
    interpreters = Interpreters()
    with pytest.raises(RuntimeError), interpreters.closed_on_error():
        raise RuntimeError

    assert ask(interpreters, tmp_path, 600).words == "the run was ended"


def test_a_child_sees_the_given_path_alone(tmp_path: Path) -> None:
    """The search path is env.py's: neither the child's own folder nor the current one is added."""
    (tmp_path / "shop.py").write_text("", encoding="utf-8")
    with Interpreters() as interpreters:
        ending = interpreters.ask("import_alone", Attempt, 60, root=tmp_path, path=sys.path, module="shop", packages=["shop"])

    assert ending.answer is not None
    assert (ending.answer.ended, ending.answer.words) == (Ended.BROKEN, "ModuleNotFoundError: No module named 'shop'")


def heard(interpreters: Interpreters, folder: Path) -> tuple[int, str]:
    """The process in which a module ran that reads its standard input, and what it saw of a variable."""
    source = (
        "import os, pathlib, sys\n"
        "pathlib.Path('heard').write_text(f'{os.getpid()} {sys.stdin.read()!r}{os.environ.get(\"SEEN\")}')\n"
    )
    (folder / "listener.py").write_text(source, encoding="utf-8")
    path = (str(folder), *sys.path)
    ending = interpreters.ask("import_alone", Attempt, 60, root=folder, path=path, module="listener", packages=["listener"])
    assert ending.answer is not None
    assert ending.answer.ended is Ended.IMPORTED
    pid, seen = (folder / "heard").read_text(encoding="utf-8").split()
    return int(pid), seen


def test_a_prepared_child_is_as_a_fresh_one(tmp_path: Path) -> None:
    """What was started before is taken once; its standard input is at its end, as everywhere."""
    with Interpreters() as interpreters:
        prepared = interpreters.prepare(tmp_path, "import_alone")
        first, second = heard(interpreters, tmp_path), heard(interpreters, tmp_path)

    assert first == (*prepared, "''None")
    assert second[0] not in prepared
    assert second[1] == first[1]


def test_a_prepared_child_of_another_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a variable was set since, another child takes the job, and the prepared one is gone."""
    with Interpreters() as interpreters:
        prepared = interpreters.prepare(tmp_path, "import_alone")
        monkeypatch.setenv("SEEN", "yes")
        pid, seen = heard(interpreters, tmp_path)
        gone = are_gone(list(prepared))

    assert (pid in prepared, seen, gone) == (False, "''yes", True)


def test_leaving_ends_what_waits(tmp_path: Path) -> None:
    """Prepared children that nobody asked end with the run."""
    with Interpreters() as interpreters:
        prepared = interpreters.prepare(tmp_path, "import_alone", "import_graph")
        before = [is_running(pid) for pid in prepared]

    assert (before, are_gone(list(prepared))) == ([True, True], True)


@pytest.mark.skipif(sys.platform == "win32", reason="a process does not notice there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=["SIGINT", "SIGTERM", "SIGKILL"])
def test_an_interruption(tmp_path: Path, number: signal.Signals) -> None:
    """Broken off while a module is imported, the harness ends at once, and no child nor what it started outlives it."""
    for name, text in {
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
        "migrations/env.py": "import endless",
        "migrations/versions/a.py": "revision = 'a'\ndown_revision = None\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "alembic_proof", "verify", "--checks", "AP201"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as harness:
        noted = pids(tmp_path)
        harness.send_signal(number)
        status = harness.wait(10)

    assert status == (-number if number is signal.SIGKILL else 2)
    assert are_gone(noted)
