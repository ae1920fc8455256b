"""`pytest --proof-record` in an application's own test suite, from the outside."""

from pathlib import Path

import pytest

from alembic_proof.testing import PlantedProject
from tests.doors.door import NO_OTHER_PLUGINS

pytest_plugins = ["pytester"]

FILE = "alembic-proof-statements.toml"
INI = f"[pytest]\naddopts = -p no:cacheprovider -p no:randomly --color=no {NO_OTHER_PLUGINS}\n"
MODELS = '''
"""Code that has stopped to use users.nick; the column is still there."""

from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
'''
CONFTEST = """
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine


@pytest.fixture(scope="session")
def url(tmp_path_factory):
    path = tmp_path_factory.mktemp("database") / "app.db"
    config = Config(str(Path(__file__).parent / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{path}")
    command.upgrade(config, "head")
    return str(path)


@pytest.fixture
def engine(url):
    engine = create_engine(f"sqlite:///{url}")
    yield engine
    engine.dispose()
"""
TESTS = """
import asyncio

import pytest
from models import Base, User
from sqlalchemy import create_engine, exc, insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session


def test_sync(engine):
    with Session(engine) as session:
        user = User(name="ada")
        session.add(user)
        session.flush()
        session.begin_nested().rollback()
        user.name = "ida"
        session.commit()
        for ids in ([1], [1, 2, 3]):
            session.scalars(select(User).where(User.id.in_(ids))).all()
        session.execute(insert(User).returning(User.id), [{"name": name} for name in "abc"])
        session.execute(text("SELECT 1"))
        session.execute(text("SELECT version_num FROM alembic_version"))
        session.commit()


def test_async(url):
    async def work():
        engine = create_async_engine(f"sqlite+aiosqlite:///{url}")
        async with engine.begin() as connection:
            await connection.execute(text("SELECT  name  FROM users -- why\\n WHERE name = 'x' OR id = :id"), {"id": 1})
        await engine.dispose()

    asyncio.run(work())


def test_refused(engine):
    with engine.begin() as connection, pytest.raises(exc.OperationalError):
        connection.execute(text("SELECT nowhere FROM users"))


@pytest.mark.proof_unrecorded
def test_of_earlier_days(engine):
    with engine.begin() as connection:
        connection.execute(text("SELECT nick FROM users"))


def test_of_a_migration(migration):
    migration.up_to("a")
    migration.insert_into("users", {"id": 2, "name": "a", "nick": "b"})


def test_made_by_the_models():
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    engine.dispose()
"""
SENDS = """
from sqlalchemy import create_engine

def test_first():
    with create_engine("sqlite://").begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a)")
        connection.exec_driver_sql("SELECT a FROM t")
"""
RECORDED = """
# What the application's own tests send to its database: proof that a column is no longer used is that no line here uses it.
# Written by `pytest --proof-record`: commit it, and after a conflict or a change write it again.
form = 1

[sqlite]
revisions = ["a"]
statements = [
    "INSERT INTO users (name) VALUES ({str})",
    "INSERT INTO users (name) VALUES ({str}) RETURNING id",
    "SELECT name FROM users WHERE name = {str} OR id = {int}",
    "SELECT users.id, users.name FROM users WHERE users.id IN ({int})",
    "UPDATE users SET name={str} WHERE users.id = {int}",
]
""".lstrip()


@pytest.fixture
def application(pytester: pytest.Pytester) -> PlantedProject:
    """An application with a test suite of its own; its first revision makes the table, and writes a row."""
    pytester.makefile(".ini", pytest=INI)
    pytester.makepyfile(models=MODELS, conftest=CONFTEST, test_app=TESTS)
    project = PlantedProject(pytester.path)
    columns = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String), sa.Column("nick", sa.String)'
    return project.revision("a", f"op.create_table('users', {columns})\nop.execute(\"INSERT INTO users (nick) VALUES ('x')\")")


def record(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run the suite as a team does."""
    return pytester.runpytest_subprocess("--proof-record", "--proof-on", "sqlite", *arguments)


def test_what_the_tests_send_is_recorded(pytester: pytest.Pytester, application: PlantedProject) -> None:
    """Sync and async, once each and in one form, nothing of migrations and of tests that say so. Then a drop is safe."""
    result = record(pytester)
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines([f"alembic-proof: recorded in {FILE} at a: 5 statements on sqlite"])
    file = Path(FILE)
    assert file.read_text() == RECORDED

    before = file.stat()
    record(pytester, "-n", "2").assert_outcomes(passed=6)
    assert file.read_text() == RECORDED
    assert file.stat() == before, "what is the same is not written again"

    application.revision("b", 'with op.batch_alter_table("users") as batch_op:\n    batch_op.drop_column("nick")')
    assert application.verify("sqlite", checks=("AP601",)).findings == ()
    file.unlink()
    assert [finding.object for finding in application.verify("sqlite", checks=("AP601",)).findings] == ["users.nick"]


@pytest.mark.parametrize(
    ("last", "arguments", "status", "words"),
    [
        ("assert not 'passed'", (), pytest.ExitCode.TESTS_FAILED, "nothing is recorded: *after a test that failed*"),
        ("raise KeyboardInterrupt", (), pytest.ExitCode.INTERRUPTED, "nothing is recorded: *"),
        ("pass", ("-k", "not last"), pytest.ExitCode.USAGE_ERROR, "Cannot record *: 1 test was deselected, *"),
        ("pass", ("--deselect", "test_app.py"), pytest.ExitCode.NO_TESTS_COLLECTED, "nothing is recorded: *"),
        ("pass", ("test_app.py::test_last",), pytest.ExitCode.USAGE_ERROR, "Cannot record *: 1 test was deselected, *"),
        ("pass", ("--proof-record-to", "."), pytest.ExitCode.USAGE_ERROR, "Cannot read *: Is a directory. *"),
        ("pass", ("--proof-record-to", "none/x"), pytest.ExitCode.USAGE_ERROR, "Cannot write *: No such file or directory. *"),
    ],
)
def test_an_unfinished_session_records_nothing(
    pytester: pytest.Pytester, last: str, arguments: tuple[str, ...], status: int, words: str
) -> None:
    """Where something failed, was stopped or left out, the old file stays as it was, and it is said why."""
    plain_project(pytester, f"{SENDS}\ndef test_last():\n    {last}\n")
    Path(FILE).write_text("form = 1\n", encoding="utf-8")
    result = pytester.runpytest_inprocess("--proof-record", *arguments, no_reraise_ctrlc=True)
    assert result.ret == status
    result.stdout.fnmatch_lines([f"alembic-proof: {words}"])
    assert Path(FILE).read_text() == "form = 1\n"
    assert sorted(path.name for path in pytester.path.iterdir() if path.name.startswith(f".{FILE}")) == []


def test_a_collection_is_no_session(pytester: pytest.Pytester) -> None:
    """Where tests are only listed there is nothing to record, and nothing to say."""
    plain_project(pytester, SENDS)
    result = pytester.runpytest_inprocess("--proof-record", "--collect-only")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.no_fnmatch_line("alembic-proof:*")


def test_a_suite_that_sends_nothing(pytester: pytest.Pytester) -> None:
    """Where no statement was heard, it is told what can be."""
    plain_project(pytester, "def test_nothing(): pass\n")
    result = pytester.runpytest_inprocess("--proof-record-to", "other.toml")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["alembic-proof: Cannot record other.toml: no statement on a table was heard. *"])


def plain_project(pytester: pytest.Pytester, tests: str) -> None:
    """A project with one revision, and a file of tests."""
    pytester.makefile(".ini", pytest=INI)
    PlantedProject(pytester.path).revision("a")
    pytester.makepyfile(test_app=tests)
