"""Four published packages that bring an Alembic history, and a project around each of them."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import require, run

REPOSITORY = Path(__file__).resolve().parent.parent
DRIVERS = ("psycopg[binary]", "asyncpg", "aiosqlite", "greenlet")

# Everything that `alembic init` writes and some env.py files read back: fileConfig() stops without the logging sections.
ALEMBIC_INI = """\
[alembic]
script_location = {migrations}
{url}

[loggers]
keys = root

[handlers]
keys = console

[formatters]
keys = generic

[logger_root]
level = WARNING
handlers = console

[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = generic

[formatter_generic]
format = %%(levelname)s %%(message)s
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A published package with a history inside.

    `url` is what its own alembic.ini says, `drivers` are what its env.py accepts: for plain Alembic, which has to be told.
    `clean` names the checks that must not call it broken.
    """

    name: str
    version: str
    migrations: str
    drivers: Mapping[str, str]
    url: str | None = None
    prelude: str | None = None
    clean: Sequence[str] = ()


PACKAGES = (
    Package(
        "arize-phoenix",
        "20.26.1",
        "phoenix/db/migrations",
        {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"},
        clean=("AP301", "AP302", "AP303", "AP304", "AP305", "AP307"),
    ),
    Package("meltano", "4.4.1", "meltano/migrations", {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}),
    Package(
        "mlflow",
        "3.17.2",
        "mlflow/store/db_migrations",
        {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"},
        url='""',
        prelude="from mlflow.store.tracking.dbmodels.initial_models import Base\n\nprelude = Base.metadata.create_all\n",
    ),
    Package(
        "langflow-base",
        "1.13.0",
        "langflow/alembic",
        {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg_async"},
        url="sqlite+aiosqlite:///./langflow.db",
    ),
)


def interpreter(package: Package, venvs: Path) -> Path:
    """Return the interpreter of a package's environment, made if missing, with the harness of this repository in it."""
    venv = venvs / package.name
    python = venv / "bin" / "python"
    if not python.exists():
        print(f"making {venv} for {package.name} {package.version}", flush=True)
        require(run([sys.executable, "-m", "venv", str(venv)], venvs), (0,), "")
        install(python, f"{package.name}=={package.version}", *DRIVERS)
    install(python, f"{REPOSITORY}[postgresql]")
    return python


def install(python: Path, *requirements: str) -> None:
    """Install with the environment's own pip."""
    require(run([str(python), "-m", "pip", "install", "--quiet", *requirements], python.parent), (0,), "")


def migrations_folder(package: Package, python: Path) -> Path:
    """Return where a package's migrations are installed, without importing it."""
    top, _, rest = package.migrations.partition("/")
    code = f"import importlib.util; print(importlib.util.find_spec({top!r}).submodule_search_locations[0])"
    done = require(run([str(python), "-c", code], python.parent), (0,), top)
    return Path(done.output.strip().splitlines()[-1]) / rest


def write_project(package: Package, python: Path, folder: Path, url: str | None) -> None:
    """Write the alembic.ini that a user of the package would write, and mlflow's prelude."""
    line = "" if url is None else f"sqlalchemy.url = {url.replace('%', '%%')}"
    (folder / "alembic.ini").write_text(ALEMBIC_INI.format(migrations=migrations_folder(package, python), url=line))
    if package.prelude is not None:
        (folder / "prelude.py").write_text(package.prelude)
        (folder / "pyproject.toml").write_text('[tool.alembic_proof]\nprelude = "prelude:prelude"\n')
