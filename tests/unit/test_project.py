"""Where a project's configuration is found."""

import pickle
import re
from pathlib import Path

import pytest
from sqlalchemy import make_url

from alembic_proof.errors import ProofError
from alembic_proof.project import find_project
from alembic_proof.testing import PlantedProject

TOML = '[tool.alembic]\nscript_location = "%(here)s/migrations"\n'


def test_alembic_ini_of_the_folder(tmp_path: Path) -> None:
    """The ini goes first; settings come from the pyproject.toml beside it."""
    PlantedProject(tmp_path).file("pyproject.toml", f"{TOML}[tool.alembic_proof]\ncolumn_order = true\n")
    project = find_project(root=tmp_path)

    assert project.config_file == tmp_path / "alembic.ini"
    assert project.settings.column_order
    assert project.env_py == tmp_path / "migrations/env.py"
    assert project.shown(project.env_py) == "migrations/env.py"


def test_a_table_in_pyproject_alone(tmp_path: Path) -> None:
    """[tool.alembic] is enough."""
    PlantedProject(tmp_path).file("pyproject.toml", TOML)
    (tmp_path / "alembic.ini").unlink()
    project = find_project(root=tmp_path)

    assert project.config_file == tmp_path / "pyproject.toml"
    assert Path(project.scripts.dir) == tmp_path / "migrations"


def test_a_file_that_is_named(tmp_path: Path) -> None:
    """-c names an ini anywhere below; paths are shown relative to the root, others in full."""
    PlantedProject(tmp_path / "service")
    project = find_project(Path("service/alembic.ini"), root=tmp_path)

    assert project.shown(project.env_py) == "service/migrations/env.py"
    assert project.shown(tmp_path.parent) == tmp_path.parent.as_posix()


@pytest.mark.parametrize("named", [None, "nowhere.ini"])
def test_nothing_there(tmp_path: Path, named: str | None) -> None:
    """A folder without a configuration, or a file that does not exist, is one line."""
    with pytest.raises(ProofError, match=r"^Cannot (find a project|read nowhere.ini): .*-c"):
        find_project(None if named is None else Path(named), root=tmp_path)


def test_a_pyproject_that_is_broken(tmp_path: Path) -> None:
    """TOML that cannot be read is told with its place."""
    (tmp_path / "pyproject.toml").write_text("[tool", encoding="utf-8")

    with pytest.raises(ProofError, match=r"^Cannot read .*pyproject.toml: Expected .* table declaration .*Mend the file\.$"):
        find_project(root=tmp_path)


@pytest.mark.parametrize("ini", ["[alembic]\n", "[alembic]\nscript_location = %(here)s/elsewhere\n"])
def test_no_script_location(tmp_path: Path, ini: str) -> None:
    """A script location that is missing, or names nothing, is told with the file that has it."""
    (tmp_path / "alembic.ini").write_text(ini, encoding="utf-8")

    with pytest.raises(ProofError, match=r"^Cannot use alembic\.ini: .*Mend script_location\.$"):
        _ = find_project(root=tmp_path).scripts


def test_a_password_with_a_percent_sign_reaches_alembic(tmp_path: Path) -> None:
    """The ini format takes % for a reference; the URL comes out as it was."""
    url = make_url("postgresql://me:100%25%40home@localhost/app")
    config = PlantedProject(tmp_path).project.alembic_config(url, ("tenant=a",))

    assert config.get_main_option("sqlalchemy.url") == "postgresql://me:100%25%40home@localhost/app"
    assert config.cmd_opts is not None
    assert config.cmd_opts.x == ["tenant=a"]


def test_it_travels_to_another_process(tmp_path: Path) -> None:
    """What has been loaded here stays here."""
    project = PlantedProject(tmp_path).revision("a").project
    assert [script.revision for script in project.scripts.walk_revisions()] == ["a"]
    travelled = pickle.loads(pickle.dumps(project))  # noqa: S301 - our own bytes

    assert travelled == project
    assert "scripts" not in vars(travelled)
    assert re.fullmatch(r"migrations", travelled.shown(travelled.scripts.dir))
