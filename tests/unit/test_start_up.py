"""What is loaded when: a start that loads little is the first thing that everybody sees."""

import os
import subprocess
import sys

import pytest

DRAWING = {"rich", "pygments", "jinja2", "xml"}
DRIVERS = {"psycopg", "psycopg2", "asyncpg", "pymysql", "aiosqlite", "sqlite3"}
LIBRARIES = {"sqlalchemy", "alembic", "mako", "msgspec", "grimp", "hypothesis"}


def loaded_by(code: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded when the code has run."""
    return {name.partition(".")[0] for name in modules_loaded_by(code)}


def modules_loaded_by(code: str) -> set[str]:
    """The same, all modules by their full names."""
    told = f"{code}\nimport sys; sys.stderr.write(' '.join(sys.modules))"
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}  # it loads things itself
    ended = subprocess.run([sys.executable, "-c", told], env=plain, capture_output=True, text=True, check=True)
    return set(ended.stderr.split())


@pytest.mark.parametrize("module", ["alembic_proof", "alembic_proof.cli.commands"])
def test_a_start_loads_no_library(module: str) -> None:
    """The package, and the command line until it runs a command, load nothing that draws, generates or talks to databases."""
    assert loaded_by(f"import {module}") & (DRAWING | DRIVERS | LIBRARIES) == set()


def test_a_look_whether_anything_changed_loads_no_library() -> None:
    """What finds the report of an equal run loads nothing that draws or talks to databases: that would take longer."""
    loaded = loaded_by("import alembic_proof.again, alembic_proof.cli.verify")

    assert loaded & ((DRAWING | DRIVERS | LIBRARIES) - {"msgspec", "sqlite3"}) == set()


def test_a_proof_loads_what_its_project_loads() -> None:
    """What plans, gathers and judges loads SQLAlchemy and Alembic, as env.py does, and no driver and nothing that draws."""
    loaded = loaded_by("import alembic_proof.gate, alembic_proof.progress")

    assert {"sqlalchemy", "alembic"} <= loaded
    beside = {"pygments", "sqlite3"}  # see below for Pygments; SQLite's driver is Python's own, and quick
    assert loaded & ((DRAWING | DRIVERS | {"hypothesis", "grimp"}) - beside) == set()


def test_no_colours_for_error_pages() -> None:
    """Alembic loads Mako, which would load Pygments' lexers for its error pages; it still finds them when it is asked later."""
    loading = "from alembic_proof.cli.ahead import loading\nwith loading(): import alembic.command\n"
    asking = "from mako.ext.pygmentplugin import pygments_html_formatter"

    assert "mako.exceptions" in modules_loaded_by(loading)
    assert "pygments" not in loaded_by(loading)
    assert "pygments" in loaded_by(loading + asking)


def test_what_nobody_asked_for_is_not_loaded() -> None:
    """What puts rows into databases is loaded by the run that is asked for it; a child loads nothing that its parent does."""
    rooms = {name.rpartition(".")[0] for name in modules_loaded_by("import alembic_proof.gate")}
    child = modules_loaded_by("import alembic_proof.experiments.application.children.answers")

    assert rooms & {"alembic_proof.experiments.rows", "alembic_proof.experiments.code", "alembic_proof.rows"} == set()
    assert child & {"sqlalchemy", "msgspec", "alembic_proof.experiments.application.gather"} == set()
