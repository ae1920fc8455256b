"""The project as `init` sees it: its folder, the repository around it, how it is installed, the files that it has."""

import configparser
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from alembic_proof.errors import ProofError


class Place(msgspec.Struct, frozen=True, dict=True):
    """`root` is where commands are run; `repository` is the folder of the checkout, or the root where there is none.

    `pending` holds what edits that were planned before will write: a file is seen as they leave it.
    """

    root: Path
    script_location: Path
    databases: tuple[str, ...]
    pending: dict[Path, str] = msgspec.field(default_factory=dict)

    @cached_property
    def repository(self) -> Path:
        return next((folder for folder in (self.root, *self.root.parents) if (folder / ".git").exists()), self.root)

    @cached_property
    def folder(self) -> str:
        """The root as the repository sees it: "" at its top, else "services/users"."""
        relative = self.root.relative_to(self.repository).as_posix()
        return "" if relative == "." else relative

    @property
    def pyproject(self) -> dict[str, Any]:
        """The document of pyproject.toml; empty where there is none.

        Raises:
            ProofError: it is not TOML.

        """
        path = self.root / "pyproject.toml"
        try:
            return tomllib.loads(self.text("pyproject.toml"))
        except tomllib.TOMLDecodeError as error:
            raise ProofError(f"Cannot read {path}: {error}. Mend the file.") from error

    def tool(self, name: str) -> dict[str, Any] | None:
        """A table below [tool]; None where it is not."""
        table = self.pyproject.get("tool", {}).get(name)
        return table if isinstance(table, dict) else None

    def has(self, name: str) -> bool:
        return (self.root / name) in self.pending or (self.root / name).is_file()

    def text(self, name: str) -> str:
        """What a file below the root holds; nothing where it is not."""
        path = self.root / name
        if path in self.pending:
            return self.pending[path]
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def sections(self, name: str) -> list[str]:
        """The sections of an ini file; none where it is not there or cannot be read as one."""
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(self.text(name))
        except configparser.Error:
            return []
        return parser.sections()

    @property
    def on(self) -> str:
        """The options that name the databases, for commands that stand where no settings are read."""
        return " ".join(f"--on {database}" for database in self.databases)

    @property
    def extras(self) -> str:
        """The extras that the databases need: "[postgresql]"."""
        wanted = [extra for extra in ("postgresql", "mariadb") if any(name.startswith(extra) for name in self.databases)]
        return f"[{','.join(wanted)}]" if wanted else ""

    @property
    def install(self) -> str:
        """What installs the project itself, as far as its files tell."""
        for name in ("requirements.txt", "requirements/base.txt"):
            if self.has(name):
                return f"python -m pip install -r {name}"
        return "python -m pip install ." if "project" in self.pyproject or self.has("setup.py") else ""
