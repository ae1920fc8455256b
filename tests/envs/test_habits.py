"""What else env.py files do: logging, printing, a version table elsewhere, schemas, hooks that a project needs."""

from pathlib import Path

import pytest

from alembic_proof.errors import ProofError
from alembic_proof.findings import Outcome
from alembic_proof.testing import ALEMBIC_INI, ENV_PY, PlantedProject
from tests.envs.planting import INI_WITHOUT_URL, assert_all_proved, plant_library, prove

LOGGING = """
[loggers]
keys = root

[logger_root]
level = INFO
handlers = console

[handlers]
keys = console

[handler_console]
class = StreamHandler
args = (sys.stdout,)
formatter = generic

[formatters]
keys = generic

[formatter_generic]
format = %(levelname)s %(message)s
"""


def env_py(*replacements: tuple[str, str]) -> str:
    """Alembic's generic env.py with some of its text replaced; what is to be replaced must be there."""
    text = ENV_PY
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


def test_logging_by_the_ini_file(tmp_path: Path, database: str, capfd: pytest.CaptureFixture[str]) -> None:
    """logging.fileConfig of the templates, here with a handler on standard output, does not reach ours."""
    source = f"from logging.config import fileConfig\n{ENV_PY}".replace(
        "target_metadata = None", "fileConfig(config.config_file_name)\ntarget_metadata = None"
    )
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=source, ini=ALEMBIC_INI + LOGGING)), database))
    assert capfd.readouterr() == ("", "")


def test_printing(tmp_path: Path, database: str, capfd: pytest.CaptureFixture[str]) -> None:
    """What env.py and revisions print, by whatever means, never stands in our output."""
    project = plant_library(PlantedProject(tmp_path, env_py=f"import os\nprint('env.py')\nos.write(1, b'env.py')\n{ENV_PY}"))
    project.revision(
        "d4", "print('up')\nos.write(1, b'up')\nos.system('echo up')", "print('down')", header="import os\nprint('loaded')"
    )
    assert_all_proved(prove(project, database))
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("options", ['version_table="schema_history"', "version_table_pk=False", 'version_table="Version Table"'])
def test_a_version_table_of_another_name(tmp_path: Path, database: str, options: str) -> None:
    """The version table is the project's to name; it is no part of the schema."""
    source = env_py(
        ("connection=connection,", f"connection=connection, {options},"),
        ("literal_binds=True,", f"literal_binds=True, {options},"),
    )
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=source)), database))


def test_a_version_table_in_a_schema_of_its_own(tmp_path: Path, postgresql_url: str) -> None:
    """env.py makes the schema, commits, and keeps the version table in it."""
    options = 'version_table_schema="ops", include_schemas=True'
    source = env_py(
        (
            "        context.configure(connection=connection,",
            f"""\
        connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS ops")
        connection.commit()
        context.configure(connection=connection, {options},""",
        ),
        ("literal_binds=True,", f"literal_binds=True, {options},"),
        (
            "    with context.begin_transaction():\n        context.run_migrations()\nelse",
            """\
    with context.begin_transaction():
        context.execute("CREATE SCHEMA IF NOT EXISTS ops")
        context.run_migrations()
else""",
        ),
    )
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=source)), postgresql_url))


def test_tables_in_a_schema_of_their_own(tmp_path: Path, postgresql_url: str) -> None:
    """A first revision that makes its schema, and tables in two schemas with one name."""
    project = PlantedProject(tmp_path)
    project.revision("a1", 'op.execute("CREATE SCHEMA shop")', 'op.execute("DROP SCHEMA shop")')
    project.revision(
        "b2",
        """
        for schema in (None, "shop"):
            op.create_table("item", sa.Column("id", sa.Integer(), primary_key=True), schema=schema)
        op.create_index("ix_item", "item", ["id"], schema="shop")
        """,
        """
        for schema in (None, "shop"):
            op.drop_table("item", schema=schema)
        """,
    )
    assert_all_proved(prove(project, postgresql_url))


def test_a_search_path_that_env_py_sets(tmp_path: Path, postgresql_url: str) -> None:
    """The cookbook's tenant schemas: env.py sets the search path, and unqualified tables lie elsewhere."""
    source = env_py(
        (
            "        context.configure(connection=connection,",
            """\
        connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS tenant")
        connection.exec_driver_sql("SET search_path TO tenant")
        connection.commit()
        connection.dialect.default_schema_name = "tenant"
        context.configure(connection=connection,""",
        ),
        (
            "    with context.begin_transaction():\n        context.run_migrations()\nelse",
            """\
    with context.begin_transaction():
        context.execute("CREATE SCHEMA IF NOT EXISTS tenant")
        context.execute("SET search_path TO tenant")
        context.run_migrations()
else""",
        ),
    )
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=source)), postgresql_url))


def test_batch_mode_with_foreign_keys_on(tmp_path: Path) -> None:
    """A listener of the engine that switches foreign keys on, and a batch rebuild, as projects on SQLite live with them."""
    source = env_py(
        ("from sqlalchemy import", "from sqlalchemy import event,"),
        (
            "    with connectable.connect()",
            """\
    @event.listens_for(connectable, "connect")
    def switch_on(connection, _record):
        connection.execute("PRAGMA foreign_keys=ON")

    with connectable.connect()""",
        ),
        ("connection=connection,", "connection=connection, render_as_batch=True,"),
    )
    project = plant_library(PlantedProject(tmp_path, env_py=source))
    project.revision(
        "d4",
        'with op.batch_alter_table("book") as batch:\n    batch.alter_column("author_id", nullable=True)',
        'with op.batch_alter_table("book") as batch:\n    batch.alter_column("author_id", nullable=False)',
    )
    report = prove(project, "sqlite")
    (reason,) = [outcome.reason for outcome in report.outcomes if outcome.outcome is Outcome.NOT_PROVED]
    assert reason is not None
    assert reason.startswith("declared online-only."), "a batch rebuild without copy_from reads the table, and says so itself"
    assert_all_proved(report, but={("offline-sql-matches", "d4"): reason})


def test_an_application_context(tmp_path: Path, database: str) -> None:
    """Flask's way: env.py asks the current application, which `around` enters; without it, the failure names the setting."""
    project = PlantedProject(
        tmp_path,
        env_py=f"from planted_flask import current_url\nfrom alembic import context\n\nurl = current_url()\n{ENV_PY}",
    )
    plant_library(project)
    project.file(
        "planted_flask.py",
        """
        from contextlib import contextmanager

        entered = []

        def current_url():
            if not entered:
                raise RuntimeError("Working outside of application context.")
            return "sqlite:///app.db"

        @contextmanager
        def application():
            entered.append(True)
            try:
                yield
            finally:
                entered.pop()
        """,
    )
    with pytest.raises(ProofError) as without:
        prove(project, database)
    assert str(without.value) == (
        "Cannot run planted_flask.py:7: RuntimeError: Working outside of application context.. "
        'Name a context manager that enters one: around = "module:function" in [tool.alembic_proof].'
    )
    project.file("pyproject.toml", '[tool.alembic_proof]\naround = "planted_flask:application"\n')
    assert_all_proved(prove(project, database))


def plant_on_legacy(project: PlantedProject) -> PlantedProject:
    """Add a base revision that alters a table which something else made."""
    return project.revision(
        "a1", 'op.add_column("legacy", sa.Column("note", sa.Text()))', 'op.drop_column("legacy", "note")'
    ).revision("b2", 'op.create_index("ix_legacy_note", "legacy", ["note"])', 'op.drop_index("ix_legacy_note", "legacy")')


@pytest.mark.parametrize("named", ["legacy.sql", "planted_prelude:make"])
def test_tables_that_something_else_made(tmp_path: Path, database: str, named: str) -> None:
    """A base that expects tables is proved on what the `prelude` makes; without it, the finding names the setting."""
    project = plant_on_legacy(PlantedProject(tmp_path))
    project.file(
        "legacy.sql",
        """
        CREATE TABLE legacy (id integer PRIMARY KEY, word varchar(9) DEFAULT ';');
        -- rows; too
        INSERT INTO legacy VALUES (1, 'a;b');
        """,
    )
    project.file(
        "planted_prelude.py",
        """
        import sqlalchemy as sa

        def make(connection):
            table = sa.Table("legacy", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True))
            table.create(connection)
            connection.execute(table.insert(), [{"id": 1}])
        """,
    )
    (without,) = prove(project, database).findings
    assert (without.code, without.revision) == ("AP301", "a1")
    assert 'prelude = "schema.sql"' in without.fix
    project.file("pyproject.toml", f'[tool.alembic_proof]\nprelude = "{named}"\n')
    assert_all_proved(prove(project, database))


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ('prelude = "no.sql"', 'Cannot use prelude = "no.sql": there is no file no.sql. Mend the path.'),
        ('prelude = "bad.sql"', 'Cannot run prelude bad.sql on sqlite: near "CREAT": syntax error. Mend the file.'),
        (
            'prelude = "planted_hooks:no"',
            (
                "Cannot use prelude = \"planted_hooks:no\": module 'planted_hooks' has no attribute 'no'. "
                'Write it as "module:function".'
            ),
        ),
        ('prelude = "planted_hooks:fail"', 'Cannot run prelude = "planted_hooks:fail": ValueError: no. Mend the function.'),
        ('around = "planted_hooks"', 'Cannot use around = "planted_hooks": it names no function. Write it as "module:function".'),
        (
            'around = "planted_hooks:plain"',
            ('Cannot use around = "planted_hooks:plain": calling it gives no context manager. Decorate it with @contextmanager.'),
        ),
    ],
)
def test_hooks_that_cannot_be_used(tmp_path: Path, setting: str, line: str) -> None:
    """A wrong setting is one line that says what to write instead."""
    project = plant_library(PlantedProject(tmp_path)).file("pyproject.toml", f"[tool.alembic_proof]\n{setting}\n")
    project.file("bad.sql", "CREAT TABLE x (id integer);")
    project.file("planted_hooks.py", "def fail(connection):\n    raise ValueError('no')\n\n\ndef plain():\n    return 1\n")
    with pytest.raises(ProofError) as refused:
        prove(project, "sqlite")
    assert str(refused.value) == line


@pytest.mark.parametrize("per_migration", [True, False])
def test_an_env_py_that_swallows_an_error(tmp_path: Path, database: str, *, per_migration: bool) -> None:
    """An env.py that catches what a revision raises ends with status 0: AP307 tells of it, and AP301 of the cause."""
    source = env_py(
        ("connection=connection,", f"connection=connection, transaction_per_migration={per_migration},"),
        (
            "        with context.begin_transaction():\n            context.run_migrations()",
            """\
        try:
            with context.begin_transaction():
                context.run_migrations()
        except Exception as error:
            print(error)""",
        ),
    )
    project = plant_library(PlantedProject(tmp_path, env_py=source))
    project.revision("d4", 'op.execute("SELECT 1 FROM nowhere")')
    findings = {finding.code: finding for finding in prove(project, database).findings if finding.code in ("AP301", "AP307")}
    assert set(findings) == {"AP301", "AP307"}
    reached = "c3" if per_migration or database == "sqlite" else None
    table = f"alembic_version named {reached}" if reached else "there was no table alembic_version"
    assert findings["AP307"].what.startswith(f"`alembic upgrade heads` ended without an error, and {table}; ")
    assert findings["AP307"].seen[0] == "SELECT 1 FROM nowhere"
    assert (findings["AP307"].file, findings["AP307"].revision) == ("migrations/env.py", "d4")
    assert findings["AP301"].revision == "d4"


def test_an_env_py_that_never_commits(tmp_path: Path, postgresql_url: str) -> None:
    """An env.py whose first statement opens a transaction that nobody commits: each revision runs, and nothing remains."""
    source = env_py(
        (
            "        context.configure(connection=connection,",
            '        connection.exec_driver_sql("SET lock_timeout = 1000")\n        context.configure(connection=connection,',
        )
    )
    (finding,) = prove(plant_library(PlantedProject(tmp_path, env_py=source)), postgresql_url).findings
    assert (finding.code, finding.file) == ("AP307", "migrations/env.py")
    assert finding.what.startswith("`alembic upgrade heads` ended without an error, and there was no table alembic_version; ")


def test_an_error_after_the_migrations(tmp_path: Path, database: str) -> None:
    """What env.py raises when all is done stops the deployment, and is told with the place."""
    source = ENV_PY + "    raise RuntimeError('the last line')\n"
    project = plant_library(PlantedProject(tmp_path, env_py=source))
    (finding,) = [finding for finding in prove(project, database).findings if finding.code == "AP307"]
    assert "failed (RuntimeError: the last line), and alembic_version named c3" in finding.what


def test_a_revision_that_fails_only_after_the_others(tmp_path: Path, postgresql_url: str) -> None:
    """What holds for each revision by itself and not in one transaction for all is told as such: pending trigger events."""
    project = PlantedProject(tmp_path, ini=f"{INI_WITHOUT_URL}sqlalchemy.url = postgresql://db.example/app\n")
    project.revision(
        "a1",
        """
        op.execute("CREATE TABLE a (id integer PRIMARY KEY)")
        op.execute("CREATE TABLE b (id integer PRIMARY KEY, a integer REFERENCES a DEFERRABLE INITIALLY DEFERRED)")
        op.execute("INSERT INTO a VALUES (1)")
        op.execute("INSERT INTO b VALUES (1, 1)")
        """,
        'op.execute("DROP TABLE b")\nop.execute("DROP TABLE a")',
    )
    project.revision("b2", 'op.execute("ALTER TABLE b ADD COLUMN note text")', 'op.execute("ALTER TABLE b DROP COLUMN note")')
    (finding,) = [one for one in prove(project, postgresql_url).findings if one.code != "AP305"]
    assert finding.code == "AP307"
    assert "pending trigger events" in finding.what
    assert (finding.revision, finding.file) == ("b2", "migrations/versions/b2_planted.py")
    assert "transaction_per_migration=True" in finding.fix
