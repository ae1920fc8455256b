"""The promise of the house: the harness never reaches a database that it did not create.

Decoys are real databases that a project names in every way there is. After a proof nobody has connected to them.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import URL, Connection, QueuePool, create_engine, inspect, make_url, text

from alembic_proof.databases import postgresql_embedded
from alembic_proof.errors import ProofError
from alembic_proof.findings import Outcome
from alembic_proof.migrate.redirect import Redirect
from alembic_proof.testing import ENV_PY, PlantedProject
from alembic_proof.verify import Request, verify
from tests.envs.planting import IMPORTS, INI_WITHOUT_URL, plant_library, prove

RUN = """
with connectable.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

RUN_ASYNC = """
import asyncio
from sqlalchemy.ext.asyncio import create_async_engine


def run(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def main():
    async with create_async_engine(URL).connect() as connection:
        await connection.run_sync(run)


asyncio.run(main())
"""

CREATORS = {
    "sqlite": "import sqlite3\n\n\ndef connect():\n    return sqlite3.connect(PATH)\n",
    "postgresql": "import psycopg\n\n\ndef connect():\n    return psycopg.connect(CONNINFO)\n",
}

WAYS = {
    "the ini file": 'connectable = engine_from_config(config.get_section("alembic"))' + RUN,
    "a module-level engine": "from planted_decoy import engine as connectable" + RUN,
    "a pooled connection that is open already": (
        "import planted_decoy\nplanted_decoy.fill_the_pool()\nconnectable = planted_decoy.engine" + RUN
    ),
    "a creator": "from planted_decoy import DIALECT, connect\nconnectable = create_engine(DIALECT, creator=connect)" + RUN,
    "an asynchronous engine": "from planted_decoy import ASYNC_URL as URL\n" + RUN_ASYNC,
    "a URL in env.py": "from planted_decoy import URL\nconnectable = create_engine(URL)" + RUN,
}


@dataclass(frozen=True)
class Decoy:
    """A database that a project names, and what was seen of it before."""

    url: URL

    @property
    def kind(self) -> str:
        return self.url.get_backend_name()

    @property
    def module(self) -> str:
        """What the planted application says of it."""
        url = self.url.render_as_string(hide_password=False)
        driver = "sqlite+aiosqlite" if self.kind == "sqlite" else "postgresql+asyncpg"
        return (
            "from sqlalchemy import create_engine\n\n"
            f"URL = {url!r}\n"
            f"ASYNC_URL = {self.url.set(drivername=driver).render_as_string(hide_password=False)!r}\n"
            f"DIALECT = {self.url.drivername + '://'!r}\n"
            f"PATH = {self.url.database!r}\n"
            f"CONNINFO = {conninfo(self.url)!r}\n"
            "engine = create_engine(URL)\n\n\n"
            "def fill_the_pool():\n    with engine.connect():\n        pass\n\n\n" + CREATORS[self.kind]
        )

    def state(self) -> tuple[object, ...]:
        """Everything that shows an access: of a file its times and bytes, of a server's database its count of sessions."""
        if self.kind == "sqlite":
            path = Path(str(self.url.database))
            found = path.stat()
            content = path.read_bytes()
            os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))  # as if we had not read it
            return found.st_mtime_ns, found.st_atime_ns, found.st_ino, content, sorted(path.parent.iterdir())
        # Not psycopg.connect(), which is refused to every file but libraries' while a redirect is entered.
        connection = psycopg.pq.PGconn.connect(conninfo(self.url.set(database="postgres")).encode())
        told = connection.exec_params(
            b"SELECT sessions, xact_commit + xact_rollback, numbackends FROM pg_stat_database WHERE datname = $1",
            [str(self.url.database).encode()],
        )
        values = tuple(told.get_value(0, column) for column in range(told.nfields) if told.ntuples)
        connection.finish()
        return values


def conninfo(url: URL) -> str:
    """The URL as libpq takes it."""
    return f"host={url.query.get('host')} user={url.username} dbname={url.database}"


@pytest.fixture(scope="module")
def server_of_a_user() -> Iterator[URL]:
    """A PostgreSQL that stands for one of the user's."""
    private, url = postgresql_embedded.start("18")
    with closing(private):
        with psycopg.connect(conninfo(url), autocommit=True) as connection:
            connection.execute("CREATE DATABASE decoy")
        yield url.set(database="decoy")


@pytest.fixture(params=["sqlite", "postgresql"])
def decoy(request: pytest.FixtureRequest, tmp_path: Path) -> Decoy:
    """A database with a table that every migration would trip over."""
    if request.param == "postgresql":
        return Decoy(request.getfixturevalue("server_of_a_user"))
    path = tmp_path / "decoy" / "app.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE author (id INTEGER)")
    os.utime(path, (0, 0))  # a file that was last read before it was last written shows the next access on most systems
    return Decoy(URL.create("sqlite+pysqlite", database=str(path)))


def test_the_decoys_notice(decoy: Decoy) -> None:
    """The test of the tests: a single connection of anyone else shows in the state of a decoy."""
    before = decoy.state()
    engine = create_engine(decoy.url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE noticed (id INTEGER)"))
        connection.execute(text("DROP TABLE noticed"))
    engine.dispose()
    assert decoy.state() != before


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_opened_at_what_the_project_names(tmp_path: Path, decoy: Decoy, way: str, postgresql_url: str) -> None:
    """Whatever names the decoy, every migration runs on a scratch database, and the decoy is as it was, unconnected."""
    project = plant_library(PlantedProject(tmp_path, env_py=IMPORTS + WAYS[way], ini=ini(decoy)))
    project.file("planted_decoy.py", decoy.module)
    before = decoy.state()
    report = prove(project, "sqlite" if decoy.kind == "sqlite" else postgresql_url)
    assert decoy.state() == before
    assert report.findings == ()
    proved = [o for o in report.outcomes if o.check == "downgrade-restores-schema" and o.outcome is Outcome.PROVED]
    assert len(proved) == 3


@pytest.mark.parametrize("way", [way for way in WAYS if way != "the ini file"])
def test_another_kind_of_database_is_refused(tmp_path: Path, decoy: Decoy, way: str, postgresql_url: str) -> None:
    """An env.py that is wired to another kind of database than the one to prove on is refused in one line."""
    project = plant_library(PlantedProject(tmp_path, env_py=IMPORTS + WAYS[way], ini=ini(decoy)))
    project.file("planted_decoy.py", decoy.module)
    before = decoy.state()
    other = "sqlite" if decoy.kind == "postgresql" else "postgresql"
    with pytest.raises(ProofError) as refused:
        prove(project, "sqlite" if other == "sqlite" else postgresql_url)
    assert str(refused.value) == (
        f"Cannot prove on {other}: env.py connects to {decoy.kind}. Let it take its URL from sqlalchemy.url, or name "
        "the variable that holds it in [tool.alembic_proof.environment]."
    )
    assert decoy.state() == before


def test_a_migration_that_connects_elsewhere_by_itself(tmp_path: Path, decoy: Decoy, postgresql_url: str) -> None:
    """A revision that makes an engine of its own on the decoy gets a second connection to its scratch database."""
    project = PlantedProject(tmp_path)
    project.revision(
        "a1",
        """
        with sa.create_engine(URL).connect() as connection:
            assert not sa.inspect(connection).has_table("author")
        """,
        header=f"URL = {decoy.url.render_as_string(hide_password=False)!r}",
    )
    before = decoy.state()
    report = project.verify("sqlite" if decoy.kind == "sqlite" else postgresql_url, checks=["upgrade-runs", "upgrade-repeats"])
    assert decoy.state() == before
    assert report.findings == ()
    assert {outcome.outcome for outcome in report.outcomes} == {Outcome.PROVED}


def test_a_revision_that_connects_when_it_is_imported(tmp_path: Path, decoy: Decoy) -> None:
    """A revision file is imported to read the history; one that connects meanwhile is refused in one line, unconnected."""
    project = PlantedProject(tmp_path)
    url = decoy.url.render_as_string(hide_password=False)
    project.revision("a1", header=f"connection = sa.create_engine({url!r}).connect()")
    before = decoy.state()
    with pytest.raises(ProofError) as refused:
        prove(project, "sqlite")
    assert decoy.state() == before
    assert str(refused.value) == (
        f"Cannot import migrations/versions/a1_planted.py:8: it connects to a database ({decoy.kind}) when it is imported. "
        "Let it connect when it is called."
    )


def test_a_pool_that_was_filled_before(decoy: Decoy, postgresql_url: str, tmp_path: Path) -> None:
    """A connection that this process opened earlier is not used while migrations run, and opened anew after them."""
    engine = create_engine(decoy.url, poolclass=QueuePool)
    with engine.connect() as connection:
        assert has_author(connection) is (decoy.kind == "sqlite")
    before = decoy.state()
    scratch = URL.create("sqlite+pysqlite", database=str(tmp_path / "scratch.db"))
    url = scratch if decoy.kind == "sqlite" else make_url(postgresql_url)
    with Redirect.to(url):
        with engine.connect() as connection:
            assert not has_author(connection)
            if decoy.kind == "postgresql":
                assert connection.scalar(text("SELECT current_database()")) == url.database
        assert decoy.state()[0] == before[0]
    with engine.connect() as connection:
        assert has_author(connection) is (decoy.kind == "sqlite")
        if decoy.kind == "postgresql":
            assert connection.scalar(text("SELECT current_database()")) == decoy.url.database
    engine.dispose()


def has_author(connection: Connection) -> bool:
    """Whether this is the decoy that has the table."""
    return inspect(connection).has_table("author")


def test_finding_out_the_projects_own_database(tmp_path: Path, decoy: Decoy) -> None:
    """Without --on the project's URL says which kind to prove on; to learn that, nothing is opened there either."""
    project = plant_library(PlantedProject(tmp_path, env_py=IMPORTS + WAYS["a module-level engine"], ini=INI_WITHOUT_URL))
    project.file("planted_decoy.py", decoy.module)
    before = decoy.state()
    report = verify(Request(project=project.project, checks=("upgrade-runs",), forking=True))
    assert decoy.state() == before
    assert [database.name for database in report.databases] == [decoy.kind]
    assert report.findings == ()


def ini(decoy: Decoy) -> str:
    """An alembic.ini that names the decoy."""
    url = make_url(decoy.url).render_as_string(hide_password=False).replace("%", "%%")
    return f"{INI_WITHOUT_URL}sqlalchemy.url = {url}\n"


@pytest.mark.parametrize("where", ["env.py", "upgrade", "import"])
def test_a_driver_that_is_called_past_sqlalchemy(tmp_path: Path, decoy: Decoy, where: str, postgresql_url: str) -> None:
    """What no redirect can send elsewhere is refused in one line, with its place, and reaches nothing."""
    _hold_refused(tmp_path, decoy, where, postgresql_url, "sqlite3.connect" if decoy.kind == "sqlite" else "psycopg.connect")


def test_a_driver_that_is_called_by_its_class(tmp_path: Path, decoy: Decoy, postgresql_url: str) -> None:
    """Psycopg connects by a class, too."""
    if decoy.kind == "postgresql":
        _hold_refused(tmp_path, decoy, "upgrade", postgresql_url, "psycopg.Connection.connect")


def _hold_refused(tmp_path: Path, decoy: Decoy, where: str, postgresql_url: str, call: str) -> None:
    given = decoy.url.database if decoy.kind == "sqlite" else conninfo(decoy.url)
    lines = f"import {call.partition('.')[0]}\n{call}({given!r})"
    project = PlantedProject(tmp_path, env_py=f"{lines}\n{ENV_PY}" if where == "env.py" else ENV_PY)
    project.revision("a", lines if where == "upgrade" else "pass", header=lines if where == "import" else "")
    before = decoy.state()
    with pytest.raises(ProofError) as raised:
        project.verify(postgresql_url, checks=("AP301",))

    assert decoy.state() == before
    assert f"Cannot send {call}() at " in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_a_driver_may_open_the_scratch_database(tmp_path: Path) -> None:
    """A second connection to where the migration runs, or to memory, is the project's own affair."""
    opens = "import sqlite3\nsqlite3.connect(op.get_bind().engine.url.database).close()\nsqlite3.connect(':memory:').close()"

    assert PlantedProject(tmp_path).revision("a", opens).findings(checks=("AP301",)) == ()
