"""What is started before the registry of checks is loaded."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from alembic_proof.checks.registry import ALL_CHECKS, ON_DATABASES
from alembic_proof.cli.ahead import ON_NO_DATABASE, ON_THE_APPLICATION, begin_servers
from alembic_proof.cli.asked import Asked
from alembic_proof.databases.ahead import ServersAhead
from tests.doors.door import traces_of

HAS_A_CORE_MORE = sys.platform == "linux" and len(os.sched_getaffinity(0)) > 1


@contextmanager
def servers(
    names: tuple[str, ...], checks: tuple[str, ...], config: Path | None, store: Path | None, *, is_whole: bool = True
) -> Iterator[ServersAhead]:
    """What is begun for a command line."""
    asked = Asked(
        config=config,
        on=names,
        outputs=(),
        checks=checks,
        strict=False,
        no_accept=False,
        faithful=False,
        examples=None,
        rows=True,
        store=store,
        again=None,
        shard=None if is_whole else "1/2",
    )
    with ServersAhead() as found:
        begin_servers(found, asked)
        yield found


@pytest.fixture
def _one_core() -> Iterator[None]:
    """Be as on a machine with one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    yield
    os.sched_setaffinity(0, before)


def test_the_checks_on_the_application() -> None:
    """Interpreters are prepared for those checks that look at the application, by either name, and for no other."""
    looking = [check.rule for check in ALL_CHECKS if "application" in check.needs]

    assert {name for rule in looking for name in (rule.code, rule.slug)} == ON_THE_APPLICATION


def test_the_checks_on_no_database() -> None:
    """A server is begun for those checks that run something on databases, by either name, and for no other."""
    resting = [check.rule for check in ALL_CHECKS if not check.needs & ON_DATABASES]

    assert {name for rule in resting for name in (rule.code, rule.slug)} == ON_NO_DATABASE


def test_a_server_that_the_settings_name_is_begun(tmp_path: Path) -> None:
    """It begins before anybody asks for it, is given away once, and ends with the block."""
    before = traces_of([os.getpid()])
    (tmp_path / "pyproject.toml").write_text('[tool.alembic_proof]\ndatabases = ["sqlite", "postgresql:16"]\n')
    with servers((), ("AP301",), tmp_path / "alembic.ini", None) as begun:
        given = [begun.take(name) for name in ("sqlite", "postgresql", "postgresql:16", "postgresql:16")]
        during = traces_of([os.getpid()])

    assert [one is not None for one in given] == [False, False, HAS_A_CORE_MORE, False]
    assert (len(during) > len(before)) == HAS_A_CORE_MORE
    assert traces_of([os.getpid()]) == before


NEITHER = [
    pytest.param(("sqlite", "mariadb", "postgresql://somebody@server/app", "postgresql:15"), (), None, True, id="no private one"),
    pytest.param(("postgresql",), ("AP101", "migrations-stand-alone"), None, True, id="checks on no database"),
    pytest.param(("postgresql",), (), Path(), True, id="something is kept"),
    pytest.param(("postgresql",), (), None, False, id="a part of a run"),
]


@pytest.mark.parametrize(("names", "checks", "store", "is_whole"), NEITHER)
def test_a_server_that_is_perhaps_not_needed(
    names: tuple[str, ...], checks: tuple[str, ...], store: Path | None, *, is_whole: bool
) -> None:
    """It is not begun: whoever needs it starts it."""
    with servers(names, checks, None, store, is_whole=is_whole) as begun:
        assert [begun.take(name) for name in names] == [None] * len(names)


@pytest.mark.usefixtures("_one_core")
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere none is begun at all")
def test_no_server_is_begun_on_one_core() -> None:
    """There it would only take turns with what loads the libraries."""
    with servers(("postgresql",), (), None, None) as begun:
        assert begun.take("postgresql") is None


def test_settings_that_cannot_be_read(tmp_path: Path) -> None:
    """Nothing is begun, and nothing said: who needs them says it."""
    (tmp_path / "pyproject.toml").write_text('[tool.alembic_proof]\ndatabase = "postgresql"\n')
    with servers((), (), tmp_path / "alembic.ini", None) as begun:
        assert begun.take("postgresql") is None
