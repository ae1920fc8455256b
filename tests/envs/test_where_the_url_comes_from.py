"""Every way in which an env.py gets its database leads to the scratch database, with no adapter code."""

from pathlib import Path

import pytest

from alembic_proof.testing import ENV_PY, PlantedProject
from tests.envs.planting import IMPORTS, INI_WITHOUT_URL, OFFLINE, assert_all_proved, plant_library, prove

RUN = """
with connectable.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


def ini(url: str) -> str:
    """An alembic.ini that names a URL."""
    return f"{INI_WITHOUT_URL}sqlalchemy.url = {url}\n"


def test_a_connection_that_must_be_handed_over(tmp_path: Path, database: str) -> None:
    """An env.py that takes attributes["connection"] and knows no URL is given one."""
    env_py = IMPORTS + (
        """
context.configure(connection=config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
"""
    )
    report = prove(plant_library(PlantedProject(tmp_path, env_py=env_py, ini=INI_WITHOUT_URL)), database)
    why = "migrations/env.py has no offline mode: KeyError: 'connection'"
    assert_all_proved(report, besides={"offline-sql-matches": why})


def test_a_connection_that_may_be_handed_over(tmp_path: Path, database: str) -> None:
    """The cookbook's env.py makes an engine of its own where no connection is handed over."""
    env_py = (
        IMPORTS
        + OFFLINE
        + (
            """
connectable = config.attributes.get("connection", None)
if connectable is None:
    connectable = engine_from_config(config.get_section(config.config_ini_section), prefix="sqlalchemy.", poolclass=pool.NullPool)
    with connectable.connect() as connection:
        context.configure(connection=connection)
        with context.begin_transaction():
            context.run_migrations()
else:
    context.configure(connection=connectable)
    with context.begin_transaction():
        context.run_migrations()
"""
        )
    )
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py)), database))


@pytest.mark.parametrize(
    "url", ["sqlite:///app.db", "postgresql+psycopg://app:p%%40ss%%25word@db.example/app", "postgresql://db.example/app"]
)
def test_the_url_of_the_ini_file(tmp_path: Path, database: str, url: str) -> None:
    """`sqlalchemy.url` of the configuration is replaced, whatever it names and whatever is escaped in it."""
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=ENV_PY, ini=ini(url))), database))


def test_a_password_with_a_percent_sign(tmp_path: Path, database: str) -> None:
    """The URL set by env.py itself, with its percent signs doubled as configparser wants them, is read back whole."""
    env_py = IMPORTS + (
        """
from sqlalchemy import make_url

url = make_url(config.get_main_option("sqlalchemy.url")).set(password="50%/:@")
config.set_main_option("sqlalchemy.url", url.render_as_string(hide_password=False).replace("%", "%%"))
"""
        + OFFLINE
        + 'connectable = engine_from_config(config.get_section("alembic"))'
        + RUN
    )
    if database == "sqlite":
        env_py = env_py.replace('password="50%/:@"', "query={}")
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py)), database))


@pytest.mark.parametrize(
    "asked",
    [
        'context.get_x_argument(as_dictionary=True)["url"]',
        'context.get_x_argument(as_dictionary=True).get("db_url")',
        'dict(one.split("=", 1) for one in context.get_x_argument())["dburl"]',
    ],
)
def test_an_argument_of_the_command_line(tmp_path: Path, database: str, asked: str) -> None:
    """What `alembic -x url=...` would give is given."""
    env_py = f"{IMPORTS}url = {asked}\n{OFFLINE}".replace('config.get_main_option("sqlalchemy.url")', "url")
    project = PlantedProject(tmp_path, env_py=f"{env_py}\nconnectable = create_engine(url)\n{RUN}", ini=INI_WITHOUT_URL)
    assert_all_proved(prove(plant_library(project), database))


def test_an_argument_of_another_name(tmp_path: Path, database: str) -> None:
    """An argument whose name does not speak of a URL is given as the setting `x` says."""
    env_py = f'{IMPORTS}url = context.get_x_argument(as_dictionary=True)["target"]\n{OFFLINE}'
    env_py = env_py.replace('config.get_main_option("sqlalchemy.url")', "url")
    project = PlantedProject(tmp_path, env_py=f"{env_py}\nconnectable = create_engine(url)\n{RUN}", ini=INI_WITHOUT_URL)
    project.file("pyproject.toml", '[tool.alembic_proof]\nx = ["target={url}", "tenant=one"]\n')
    assert_all_proved(prove(plant_library(project), database))


@pytest.mark.parametrize("asked", ['os.environ["DATABASE_URL"]', 'os.environ.get("APP_DB_URI")', 'os.getenv("MIGRATIONS_DSN")'])
def test_an_environment_variable(tmp_path: Path, database: str, asked: str) -> None:
    """A variable that env.py reads and that is named like a URL holds the scratch database's."""
    env_py = f"import os\n{IMPORTS}url = {asked}\n{OFFLINE}".replace('config.get_main_option("sqlalchemy.url")', "url")
    project = PlantedProject(tmp_path, env_py=f"{env_py}\nconnectable = create_engine(url)\n{RUN}", ini=INI_WITHOUT_URL)
    assert_all_proved(prove(plant_library(project), database))


def test_a_variable_read_by_the_settings_of_the_application(tmp_path: Path, database: str) -> None:
    """A variable that only the application's own settings read is given as the setting `environment` says."""
    env_py = f"{IMPORTS}from planted_settings import Settings\n{OFFLINE}\nconnectable = create_engine(Settings().url)\n{RUN}"
    project = PlantedProject(tmp_path, env_py=env_py, ini=ini("sqlite:///app.db"))
    project.file("planted_settings.py", 'import os\n\n\nclass Settings:\n    url = os.environ["STORE_DATABASE"]\n')
    project.file("pyproject.toml", '[tool.alembic_proof.environment]\nSTORE_DATABASE = "{url}"\n')
    assert_all_proved(prove(plant_library(project), database))


@pytest.mark.parametrize("options", ["", ", poolclass=pool.NullPool", ", pool_pre_ping=True, pool_size=2"])
def test_an_engine_of_the_application(tmp_path: Path, database: str, options: str) -> None:
    """An engine that the application makes when it is imported connects to the scratch database instead."""
    url = f"sqlite:///{tmp_path}/app.db" if database == "sqlite" else "postgresql+psycopg://app:secret@db.example/app"
    project = PlantedProject(tmp_path, env_py=f"{IMPORTS}{OFFLINE}\nfrom planted_session import engine as connectable\n{RUN}")
    project.file(
        "planted_session.py", f"from sqlalchemy import create_engine, pool\n\nengine = create_engine({url!r}{options})\n"
    )
    assert_all_proved(prove(plant_library(project), database))


def test_an_engine_with_a_creator(tmp_path: Path, database: str) -> None:
    """An engine that opens its connections by a function of its own connects to the scratch database instead."""
    kind = "sqlite" if database == "sqlite" else "postgresql+psycopg"
    env_py = f"{IMPORTS}{OFFLINE}\n" + (
        f"""
def connect():
    raise AssertionError("this one must not be called")


connectable = create_engine("{kind}://", creator=connect)
"""
        + RUN
    )
    assert_all_proved(prove(plant_library(PlantedProject(tmp_path, env_py=env_py)), database))


def test_a_configuration_in_pyproject_alone(tmp_path: Path, database: str) -> None:
    """A project with [tool.alembic] and without an alembic.ini is found and proved; env.py brings the URL."""
    env_py = f"import os\n{IMPORTS}url = os.environ['DATABASE_URL']\n{OFFLINE}".replace(
        'config.get_main_option("sqlalchemy.url")', "url"
    )
    project = PlantedProject(tmp_path, env_py=f"{env_py}\nconnectable = create_engine(url)\n{RUN}")
    (tmp_path / "alembic.ini").unlink()
    project.file("pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/migrations"\nprepend_sys_path = ["."]\n')
    assert_all_proved(prove(plant_library(project), database))


def test_a_configuration_in_two_files(tmp_path: Path, database: str) -> None:
    """Alembic's pyproject template keeps the place of the scripts in pyproject.toml and the URL in alembic.ini.

    The URL that a fresh alembic.ini has is no database's: then there is no offline mode, and that is said.
    """
    project = PlantedProject(tmp_path, env_py=ENV_PY, ini="[alembic]\nsqlalchemy.url = driver://user:pass@localhost/dbname\n")
    project.file("pyproject.toml", '[tool.alembic]\nscript_location = "%(here)s/migrations"\nprepend_sys_path = ["."]\n')
    why = "migrations/env.py has no offline mode: NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:driver"
    assert_all_proved(prove(plant_library(project), database), besides={"offline-sql-matches": why})
