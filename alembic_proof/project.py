"""Where a project's Alembic configuration is, and the Alembic objects made from it. Runs no env.py."""

import configparser
import sys
import tomllib
import warnings
from argparse import Namespace
from functools import cached_property
from pathlib import Path

import msgspec
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL

from alembic_proof.config import Settings, read_settings
from alembic_proof.errors import ProofError


class Project(msgspec.Struct, frozen=True, dict=True):
    """One Alembic project. `root` is the folder that commands are run in, as Alembic itself resolves relative paths.

    `versions`, where given, are the folders of its revision files, whatever the configuration says. It travels to another process
    without what has been loaded here.
    """

    root: Path
    config_file: Path
    settings: Settings
    versions: tuple[Path, ...] = ()

    def alembic_config(self, url: URL | None = None, x: tuple[str, ...] = ()) -> Config:
        """Make a fresh Config, as the `alembic` command does; with a URL, `sqlalchemy.url` names it."""
        options = Namespace(x=list(x) or None)
        if self.config_file.suffix == ".toml":
            config = Config(toml_file=self.config_file, cmd_opts=options)
        else:
            pyproject = self.config_file.with_name("pyproject.toml")
            config = _ini_config(self.config_file, pyproject, options)
        if url is not None:
            config.set_main_option("sqlalchemy.url", url.render_as_string(hide_password=False).replace("%", "%%"))
        return config

    @cached_property
    def scripts(self) -> ScriptDirectory:
        """The script directory. Alembic puts `prepend_sys_path` on sys.path here, as in its own commands.

        Raises:
            ProofError: no script location, or one that does not exist.

        """
        try:
            with warnings.catch_warnings(action="ignore"):  # what Alembic says of the file's form, it says to its own commands
                directory = ScriptDirectory.from_config(self.alembic_config())
        except configparser.Error as error:
            words = str(error).splitlines()[0].rstrip(".")
            raise ProofError(f"Cannot read {self.shown(self.config_file)}: {words}. Mend the file.") from error
        except (CommandError, ImportError) as error:
            raise ProofError(f"Cannot use {self.shown(self.config_file)}: {str(error).strip()} Mend script_location.") from error
        if self.versions:
            directory.version_locations = [str(folder) for folder in self.versions]
        return directory

    @property
    def version_folders(self) -> tuple[Path, ...]:
        """The folders of the revision files, whether they exist or not."""
        return tuple(map(Path, self.scripts.version_locations)) or (Path(self.scripts.dir, "versions"),)

    @property
    def pyproject(self) -> Path:
        """The file that holds the settings; it need not exist."""
        return settings_file(self.config_file)

    @property
    def recording_file(self) -> Path:
        """The file of recorded statements; it need not exist."""
        return self.config_file.parent / self.settings.recording

    @property
    def env_py(self) -> Path:
        return Path(self.scripts.dir, "env.py").resolve()

    def shown(self, path: Path | str) -> str:
        """A path as the reader knows it: relative to the root where it lies below, with forward slashes."""
        resolved = Path(path).resolve()
        if resolved.is_relative_to(self.root):
            return resolved.relative_to(self.root).as_posix()
        return resolved.as_posix()


def find_project(config_file: Path | None = None, root: Path | None = None) -> Project:
    """Find the Alembic configuration of a folder (the current one): the file given, alembic.ini, or pyproject.toml.

    Raises:
        ProofError: there is none, or its settings are wrong.

    """
    root = (root or Path.cwd()).resolve()
    chosen = config_file or _default_config(root)
    chosen = (root / chosen).resolve()
    if not chosen.is_file():
        raise ProofError(f"Cannot read {config_file}: there is no such file. Give -c the path of an alembic.ini.")
    return Project(root=root, config_file=chosen, settings=read_settings(settings_file(chosen)))


def settings_file(config_file: Path) -> Path:
    """Name the pyproject.toml beside a configuration file, or that file itself."""
    return config_file if config_file.name == "pyproject.toml" else config_file.with_name("pyproject.toml")


def _default_config(root: Path) -> Path:
    ini = root / "alembic.ini"
    pyproject = root / "pyproject.toml"
    if ini.is_file():
        return ini
    if pyproject.is_file() and "alembic" in _tool_table(pyproject):
        return pyproject
    raise ProofError(
        f"Cannot find a project: {root} has neither an alembic.ini nor a [tool.alembic] table in pyproject.toml. "
        "Run in the folder that has one, or give its path with -c."
    )


def _tool_table(pyproject: Path) -> dict[str, object]:
    try:
        tool = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProofError(f"Cannot read {pyproject}: {error}. Mend the file.") from error
    return tool if isinstance(tool, dict) else {}


def _ini_config(ini: Path, pyproject: Path, options: Namespace) -> Config:
    toml = pyproject if pyproject.is_file() else None
    if toml is not None and hasattr(Config, "toml_alembic_config"):  # Alembic >= 1.16 reads both files
        return Config(str(ini), toml_file=toml, cmd_opts=options)
    return Config(str(ini), cmd_opts=options)


def put_root_on_path(project: Project) -> None:
    """Let env.py import the application as `python -m alembic` in the root would; what is installed goes first."""
    root = str(project.root)
    if root not in sys.path:
        sys.path.append(root)
