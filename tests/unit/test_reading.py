"""A proof's command line is read in a copy of the process, which hands over what was asked, or ends for both."""

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from alembic_proof.again import Again
from alembic_proof.cli import ahead
from alembic_proof.cli.asked import HANDED_OVER, Asked, hand_over
from alembic_proof.cli.reading import Copy
from alembic_proof.reports.formats import parse_outputs

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no copy is made")


def asked(folder: Path) -> Asked:
    """What a command line with a few words comes to."""
    return Asked(
        config=None,
        on=("sqlite",),
        outputs=parse_outputs(["json=proof.json"]),
        checks=("AP301",),
        strict=True,
        no_accept=False,
        faithful=False,
        examples=3,
        rows=True,
        store=folder,
        again=Again(folder, folder, None, ("verify",)),
    )


def test_what_is_read_is_handed_over(tmp_path: Path) -> None:
    """It arrives as it was read, and the copy ends with a status that no command has."""
    given = asked(tmp_path)
    with Copy(lambda: hand_over(given)) as copy:
        handed, status = copy.handed(), copy.status()

    assert handed is not None
    assert (handed.aim.on, handed.aim.checks, handed.aim.store) == (("sqlite",), ("AP301",), tmp_path)
    got = handed.asked()
    assert (got.on, got.outputs, got.checks, got.strict, got.examples) == (("sqlite",), given.outputs, ("AP301",), True, 3)
    assert got.again is not None
    assert got.again.report() is None
    assert status == HANDED_OVER


def test_a_copy_that_ends_by_itself_ends_us() -> None:
    """A mistake on the command line, or a report that was told again: its status is ours, whatever is being loaded."""
    wait, go = os.pipe()

    def read() -> None:
        os.read(wait, 1)
        sys.exit(1)

    def load(copy: Copy) -> None:
        with copy.ending_us():
            os.write(go, b"!")
            time.sleep(60)

    with Copy(read) as copy:
        with pytest.raises(SystemExit) as ended:
            load(copy)
        assert ended.value.code == 1
        assert copy.handed() is None
    assert signal.getsignal(signal.SIGCHLD) == signal.SIG_DFL


def test_a_copy_that_hands_over_does_not_end_us(tmp_path: Path) -> None:
    """Its end is heard of, and loading goes on."""
    with Copy(lambda: hand_over(asked(tmp_path))) as copy, copy.ending_us():
        assert copy.handed() is not None
        assert copy.status() == HANDED_OVER


@pytest.mark.parametrize(("read", "status"), [(lambda: None, 0), (lambda: sys.exit(None), 0), (lambda: sys.exit("why"), 2)])
def test_how_a_copy_ends(read: object, status: int) -> None:
    """As the interpreter would have."""
    assert callable(read)
    with Copy(read) as copy:
        assert (copy.handed(), copy.status()) == (None, status)


def test_a_copy_is_gone_when_it_is_left() -> None:
    """Whoever is interrupted leaves none behind."""
    with Copy(lambda: time.sleep(60)) as copy:
        pass
    assert copy.status() == -signal.SIGKILL


def test_which_command_lines_are_read_by_a_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a proof, where there is a core for it."""
    lines = ("verify --on sqlite", "gate", "verify --help", "gate -h", "schema", "--version", "")
    monkeypatch.setattr(ahead, "_cores", lambda: 2)
    assert [line for line in lines if ahead.is_worth_a_copy(line.split())] == ["verify --on sqlite", "gate"]
    monkeypatch.setattr(ahead, "_cores", lambda: 1)
    assert not [line for line in lines if ahead.is_worth_a_copy(line.split())]
