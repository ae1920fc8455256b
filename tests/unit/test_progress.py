"""What is shown of a run while it runs."""

import io
import re
import sys

import pytest

from alembic_proof.forecast import Expected
from alembic_proof.progress import ProgressDisplay
from alembic_proof.workers import Expectant

REVISIONS = [f"r{number}" for number in range(10)]
EXPECTED = Expected(REVISIONS, frozenset(REVISIONS), frozenset({"walk", "rows"}), 25)


class FakeClock:
    """Stands where it is put."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


class FakeTerminal(io.StringIO):
    """A terminal whose screen is a text."""

    def isatty(self) -> bool:
        return True

    @property
    def rows(self) -> list[str]:
        """Everything that was ever drawn, row by row, without colours and movements, and what is the same once."""
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.getvalue())
        return list(dict.fromkeys(" ".join(row.split()) for row in re.split(r"[\r\n]", plain) if row.strip()))


@pytest.fixture
def clock() -> FakeClock:
    """A clock at zero."""
    return FakeClock()


def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> FakeTerminal:
    """Put a terminal in the place of standard error, during a test: between its phases pytest puts its own there."""
    monkeypatch.setenv("COLUMNS", "140")
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    fake = FakeTerminal()
    monkeypatch.setattr(sys, "stderr", fake)
    return fake


def tell(display: ProgressDisplay, clock: FakeClock, database: str) -> None:
    """Half of a walk, and the beginning of rows."""
    for seconds, phase, doing in [
        (0, "set-up", "the server"), (1, "walk", "r0 upgrade"), (11, "walk", "r5 upgrade"), (45, "walk", "r9 upgrade"),
        (46, "rows", "r0 up, with rows"), (50, "rows", "r1 up, with rows"),
    ]:  # fmt: skip
        clock.now = seconds
        display(database, phase, doing)


def test_a_pipe_gets_a_line_for_each_phase(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    """Elsewhere than on a terminal there is one line for a phase, and one now and then within a long one."""
    with ProgressDisplay(clock) as display:
        assert isinstance(display, Expectant)
        display.expect({"sqlite": EXPECTED})
        tell(display, clock, "sqlite")
    seen = capsys.readouterr()
    assert seen.out == ""
    lines = seen.err.splitlines()
    assert [line for line in lines if "left" not in line] == [
        "sqlite: set-up ...",
        "sqlite: walk ...",
        "sqlite: rows, 25 examples ...",
    ]
    [long] = [line for line in lines if "left" in line]
    assert re.fullmatch(r"sqlite: walk 10/10 \(r9 upgrade\), \d:\d\d left \.\.\.", long)


def test_a_listener_that_was_told_nothing(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody said what is to be done, phases are told alone."""
    with ProgressDisplay(clock) as display:
        tell(display, clock, "sqlite")
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["sqlite: set-up ...", "sqlite: walk ...", "sqlite: walk (r9 upgrade) ...", "sqlite: rows ..."]


def test_a_terminal_shows_each_database(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row for each: the revision of how many, the examples, what is being done, and the time that is left."""
    terminal = wide_terminal(monkeypatch)
    with ProgressDisplay(clock) as display:
        display.expect({"sqlite": EXPECTED, "postgresql": EXPECTED})
        tell(display, clock, "sqlite")
        display("postgresql", "walk", "r2 downgrade")
    last = {row.split()[0]: row for row in terminal.rows}
    assert re.search(r"rows 2/10, 25 examples r1 up, with rows \d+:\d\d left \d:\d\d:\d\d$", last["sqlite"])
    assert re.search(r"walk 3/10 r2 downgrade \d+:\d\d left \d:\d\d:\d\d$", last["postgresql"])


def test_a_database_gets_its_name_late(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """An only database has one row, under the name that it has by then; without a forecast there is one for each."""
    terminal = wide_terminal(monkeypatch)
    with ProgressDisplay(clock) as display:
        display.expect({"the project's own database": EXPECTED})
        display("the project's own database", "set-up", "env.py")
        display("sqlite", "walk", "r0 upgrade")
    assert len(display._tasks) == 1
    assert "sqlite" in terminal.rows[-1]
    with ProgressDisplay(clock) as other:
        other("sqlite", "look", "the database")
        other("mariadb", "look", "the database")
    assert list(other._tasks) == ["sqlite", "mariadb"]


def test_hours(clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    """A very long rest has hours."""
    with ProgressDisplay(clock) as display:
        display.expect({"sqlite": EXPECTED})
        display("sqlite", "walk", "r0 upgrade")
        clock.now = 4000
        display("sqlite", "walk", "r4 upgrade")
    assert re.search(r"\(r4 upgrade\), \d+:\d\d:\d\d left", capsys.readouterr().err)
