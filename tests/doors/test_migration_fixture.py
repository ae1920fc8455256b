"""The fixtures' databases: how they move, how fast they come, and what of the test process they leave alone."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from sqlalchemy import Connection, create_engine, text

from alembic_proof.databases.opening import open_server
from alembic_proof.errors import ProofError
from alembic_proof.migration import Laboratory, Migration, MigrationError
from alembic_proof.testing import ENV_PY, PlantedProject

KINDS = ["sqlite", "postgresql", "mariadb"]


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> str:
    """Name a server of each kind: the test session's own where there is one."""
    return "sqlite" if request.param == "sqlite" else str(request.getfixturevalue(f"{request.param}_url"))


@contextmanager
def laboratory(project: PlantedProject, server: str) -> Iterator[Laboratory]:
    """Open what a test session holds open."""
    opened = Laboratory(project.project, server)
    try:
        yield opened
    finally:
        opened.close()


@pytest.fixture
def users(tmp_path: Path) -> PlantedProject:
    """Three revisions; the third fails on rows without a name."""
    project = PlantedProject(tmp_path)
    project.revision("0001", 'op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))', 'op.drop_table("users")')
    project.revision("0002", 'op.add_column("users", sa.Column("name", sa.String(50)))', 'op.drop_column("users", "name")')
    return project.revision(
        "0003",
        """
        connection = op.get_bind()
        nameless = connection.scalar(sa.text("SELECT count(*) FROM users WHERE name IS NULL"))
        if nameless:
            raise ValueError(f"{nameless} users without a name")
        """,
    )


def test_motion(users: PlantedProject, server: str) -> None:
    """A database goes where it is told, rows stay, and `current` and the version table agree at every step."""
    with laboratory(users, server) as lab, lab.migration() as migration:

        def recorded() -> str | None:
            return next((str(row["version_num"]) for row in migration.rows("SELECT version_num FROM alembic_version")), None)

        migration.up_before("0003")
        assert (migration.current, recorded()) == ("0002", "0002")
        migration.insert_into("users", {"id": 1, "name": "ada"}, {"id": 2, "name": "bob"})
        migration.up_one()
        assert (migration.current, recorded()) == ("0003", "0003")
        migration.down_to("0001")
        assert (migration.current, recorded()) == ("0001", "0001")
        assert migration.rows("SELECT * FROM users ORDER BY id") == [{"id": 1}, {"id": 2}]
        migration.up_one()
        assert migration.rows("SELECT * FROM users WHERE id = :id", id=2) == [{"id": 2, "name": None}]
        assert migration.rows("UPDATE users SET name = 'x'") == []
        migration.up_to("head")
        migration.down_one()
        migration.up_to_heads()
        assert (migration.current, recorded()) == ("0003", "0003")
        migration.down_to("base")
        assert (migration.current, recorded()) == (None, None)


def test_a_failed_revision_can_be_taken_again(users: PlantedProject, server: str) -> None:
    """A failure says where and in whose words; the steps before it stay; once the rows are mended, the same step passes."""
    with laboratory(users, server) as lab, lab.migration() as migration:
        migration.up_to("0001")
        migration.insert_into("users", {"id": 1})
        with pytest.raises(MigrationError) as raised:
            migration.up_to("head")
        assert str(raised.value) == (
            f"migrations/versions/0003_planted.py:14 (0003, upgrade, {migration.database}): ValueError: 1 users without a name"
        )
        assert migration.current == "0002"
        migration.rows("UPDATE users SET name = 'ada'")
        migration.up_one()
        assert migration.current == "0003"


@pytest.mark.parametrize(
    ("moves", "message"),
    [
        (["down_one"], "Cannot go down by one: the database is at the base. Go up first."),
        (["up_to 0003", "up_one"], "Cannot go up by one: the database is at the head. Go down first."),
        (["up_to 0003", "up_before 0002"], "Cannot go up before 0002: the database has it already. Use down_to or down_one."),
        (["up_to 0003", "up_to 0001"], "Cannot go up to 0001: the database is past it. Use down_to."),
        (["up_to 0001", "down_to 0002"], "Cannot go down to 0002: the database is not above it. Use up_to."),
        (["up_to 9"], 'Cannot go to "9": no revision has an id or a file that begins so. Give the whole id.'),
        (["up_to 0"], 'Cannot go to "0": several revisions have an id or a file that begins so. Give the whole id.'),
    ],
)
def test_impossible_moves(users: PlantedProject, moves: list[str], message: str) -> None:
    """A move that cannot be made is one line, and changes nothing."""
    with laboratory(users, "sqlite") as lab, lab.migration() as migration:

        def move(words: str) -> None:
            method, *arguments = words.split()
            getattr(migration, method)(*arguments)

        for words in moves[:-1]:
            move(words)
        before = migration.current
        with pytest.raises(ProofError) as raised:
            move(moves[-1])
        assert str(raised.value) == message
        assert migration.current == before


def test_branches(tmp_path: Path) -> None:
    """`up_before` a merge takes both branches and nothing else; two heads have to be named."""
    project = PlantedProject(tmp_path).revision("root")
    for branch in ("left", "right"):
        project.revision(branch, f'op.create_table("{branch}", sa.Column("id", sa.Integer))', "pass", down="root")
    with laboratory(project, "sqlite") as lab, lab.migration() as migration:
        with pytest.raises(ProofError, match=r"^Cannot go to the head: there are 2 \((left, right|right, left)\)\. Name one, or"):
            migration.up_to("head")
        migration.up_to("left")
        assert [row["name"] for row in migration.rows("SELECT name FROM sqlite_master WHERE name IN ('left', 'right')")] == [
            "left"
        ]
    project.revision("merge", down=("left", "right"))
    with laboratory(project, "sqlite") as lab, lab.migration() as migration:
        migration.up_before("merge")
        assert len(migration.rows("SELECT version_num FROM alembic_version")) == 2
        migration.up_one()
        assert migration.rows("SELECT version_num FROM alembic_version") == [{"version_num": "merge"}]


def test_rows_of_different_columns(users: PlantedProject) -> None:
    """Rows inserted together may name different columns."""
    with laboratory(users, "sqlite") as lab, lab.migrated_database() as database:
        database.insert_into("users", {"id": 1}, {"id": 2, "name": "ada"}, {"name": "bob", "id": 3})
        assert [row["name"] for row in database.rows("SELECT name FROM users ORDER BY id")] == [None, "ada", "bob"]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_second_database_at_the_head_is_a_copy(users: PlantedProject, tmp_path: Path, kind: str) -> None:
    """After the first, no migration runs for a database at the head, and it is as fresh."""
    trace = tmp_path / "trace"
    users.revision("0004", f"with open({str(trace)!r}, 'a') as trace:\n    trace.write('ran ')")
    with laboratory(users, kind) as lab:
        for number in range(3):
            with lab.migrated_database() as database:
                assert (database.current, database.rows("SELECT * FROM users")) == ("0004", [])
                database.insert_into("users", {"id": number, "name": "x"})
    assert trace.read_text(encoding="utf-8") == "ran "


def test_a_database_at_the_head_without_copies(users: PlantedProject, mariadb_url: str) -> None:
    """Where a server cannot copy, each database is migrated anew, and is as fresh."""
    with laboratory(users, mariadb_url) as lab:
        for number in range(2):
            with lab.migrated_database() as database:
                assert (database.current, database.rows("SELECT * FROM users")) == ("0003", [])
                database.insert_into("users", {"id": number, "name": "x"})


def test_databases_are_dropped(users: PlantedProject, postgresql_url: str) -> None:
    """Each database goes with its test, a failed one too, and the last ones with the session."""
    server = create_engine(postgresql_url)

    def existing() -> set[str]:
        with server.connect() as connection:
            return set(connection.scalars(text("SELECT datname FROM pg_database")))

    before = existing()
    left_open: list[Connection] = []
    with laboratory(users, postgresql_url) as lab:
        with pytest.raises(ZeroDivisionError), lab.migrated_database() as database:
            _fail_with_an_open_connection(database, existing(), left_open)
        assert database.url.database not in existing()
        with lab.migration() as migration:
            migration.up_one()
        assert migration.url.database not in existing()
    assert existing() == before
    left_open[0].invalidate()
    server.dispose()


def _fail_with_an_open_connection(database: Migration, existing: set[str], left_open: list[Connection]) -> None:
    assert database.url.database in existing
    left_open.append(database.engine.connect())
    raise ZeroDivisionError


def test_a_pool_of_env_py_does_not_hold_the_template(tmp_path: Path, postgresql_url: str) -> None:
    """An env.py whose engine keeps its connections open does not stand in the way of copies."""
    env_py = ENV_PY.replace("poolclass=pool.NullPool", "poolclass=pool.QueuePool").replace(
        "connectable = engine", "connectable = __import__('alembic').kept = engine"
    )
    project = PlantedProject(tmp_path, env_py=env_py).revision("0001")
    with laboratory(project, postgresql_url) as lab:
        for _ in range(2):
            with lab.migrated_database() as database:
                assert database.current == "0001"


def test_preludes(tmp_path: Path) -> None:
    """Every database starts from the project's prelude, an SQL file or a function."""
    project = PlantedProject(tmp_path).revision("0001", 'op.add_column("old", sa.Column("new", sa.Integer))')
    project.file("old.sql", "CREATE TABLE old (id integer);")
    project.file("old.py", "def make(connection): connection.exec_driver_sql('CREATE TABLE old (id integer)')")
    for prelude in ("old.sql", "old:make"):
        project.file("pyproject.toml", f'[tool.alembic_proof]\nprelude = "{prelude}"\n')
        with laboratory(project, "sqlite") as lab, lab.migrated_database() as database:
            assert database.table("old").columns.keys() == ["id", "new"]


def test_a_broken_history_is_one_line(tmp_path: Path) -> None:
    """A history that cannot be migrated is a wrong set-up, and leaves no process behind."""
    project = PlantedProject(tmp_path).revision("0002", down="0001")
    with pytest.raises(
        ProofError, match=r"^Cannot migrate: the history has a missing parent in migrations/versions/0002_planted.py\. "
    ):
        Laboratory(project.project, "sqlite")
    assert not multiprocessing.active_children()


def test_a_step_without_an_end_is_given_up(tmp_path: Path) -> None:
    """A step that runs longer than step_timeout_seconds is ended, told in one line, and the next test can migrate."""
    project = PlantedProject(tmp_path).revision("0001", "import time, os\ntime.sleep(60 if 'SLEEPY' in os.environ else 0)")
    patient = project.project
    hasty = replace(patient, settings=msgspec.structs.replace(patient.settings, step_timeout_seconds=1))
    with laboratory(project, "sqlite") as lab:
        with pytest.MonkeyPatch.context() as patched, lab.migration() as migration:
            patched.setenv("SLEEPY", "1")
            lab._migrator._project = hasty
            with pytest.raises(ProofError, match=r"^Cannot wait for the migrations: they were still running after 1 s\. "):
                migration.up_one()
            assert migration.current is None
        lab._migrator._project = patient
        with lab.migration() as migration:
            migration.up_one()
            assert migration.current == "0001"


def test_a_crash_of_the_process_is_one_line(tmp_path: Path) -> None:
    """A migration that ends its process is told; the next one runs in a new process."""
    project = PlantedProject(tmp_path).revision("0001").revision("0002", "import os\nos._exit(3)")
    with laboratory(project, "sqlite") as lab:
        with (
            lab.migration() as migration,
            pytest.raises(ProofError, match=r"^Cannot go on: the process that runs the migrations"),
        ):
            migration.up_to("head")
        with lab.migration() as migration:
            migration.up_one()


def test_the_public_names() -> None:
    """What tests may name is typed and documented: a test of a team's own imports it from here."""
    undocumented = [name for name, value in vars(Migration).items() if not name.startswith("_") and not value.__doc__]
    assert undocumented == []
    assert Migration.up_one.__annotations__ == {"return": None}
    assert open_server("sqlite").name == "sqlite"
