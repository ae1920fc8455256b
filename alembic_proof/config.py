"""The settings of `[tool.alembic_proof]` in pyproject.toml: frozen, and an unknown key is an error."""

import difflib
import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import msgspec

from alembic_proof.errors import ProofError
from alembic_proof.findings import Severity

TABLE = "[tool.alembic_proof]"


class Accept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One table of `[[tool.alembic_proof.accept]]`, as it is written: which findings are accepted, and why."""

    check: str
    reason: str | None = None
    revision: str | None = None
    object: str | None = None
    until: date | None = None


class RowSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[tool.alembic_proof.rows]`: how many rows are tried, and what no generator can guess of them."""

    examples: Annotated[int, msgspec.Meta(ge=0)] = 25
    """How many drawn rows each table gets, beside those at the limits of its types."""
    values: dict[str, tuple[bool | int | float | str, ...]] = {}
    """What a column may hold ("users.email"), where its type does not tell."""
    strategies: str | None = None
    """A "module:function" that is called before rows are made; it calls `alembic_proof.rows.strategies_for`."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a project can say of itself. Every key has a default: no project needs the table."""

    databases: tuple[str, ...] = ()
    """Where to prove, when --on is not given: names or server URLs."""
    packages: tuple[str, ...] = ()
    """The application's top-level packages, when what env.py imports does not tell."""
    expected_heads: tuple[str, ...] = ()
    """Revision ids or branch labels of the heads that are meant to exist, when there is more than one."""
    prelude: str | None = None
    """What every scratch database starts from: an SQL file, or "module:function" taking a SQLAlchemy connection."""
    around: str | None = None
    """A "module:context_manager" inside which env.py runs: an application context, for one."""
    environment: dict[str, str] = {}
    """Environment variables for env.py; {url} stands for the scratch database's URL."""
    x: tuple[str, ...] = ()
    """Arguments that `alembic -x` would give; {url} stands for the scratch database's URL."""
    severity: dict[str, Severity] = {}
    """How much a check's findings weigh here, by code or name."""
    step_timeout_seconds: int = 600
    """How long one upgrade or downgrade of one revision runs before the harness gives up on it."""
    column_order: bool = False
    """Whether the order of a table's columns is compared."""
    rows: RowSettings = RowSettings()
    """How many rows are tried, and what no generator can guess of them."""
    recording: str = "alembic-proof-statements.toml"
    """The file that `pytest --proof-record` writes and AP601 reads, relative to the configuration file; it need not exist."""
    accept: tuple[Accept, ...] = ()
    """The findings that are accepted, with the reason; what concerns one revision stands better in its file."""


def read_settings(pyproject: Path) -> Settings:
    """Read the table from a pyproject.toml that need not exist.

    Raises:
        ProofError: the file is not TOML, a key is unknown, or a value has the wrong type.

    """
    if not pyproject.is_file():
        return Settings()
    try:
        document = tomllib.loads(pyproject.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProofError(f"Cannot read {pyproject}: {error}. Mend the file.") from error
    tool = document.get("tool", {})
    table = tool.get("alembic_proof", {}) if isinstance(tool, dict) else tool
    if not isinstance(table, dict):
        raise ProofError(f"Cannot use tool.alembic_proof in {pyproject}: it is not a table. Write it as {TABLE}.")
    _refuse_unknown(table, pyproject)
    try:
        return msgspec.convert(table, Settings)
    except msgspec.ValidationError as error:
        raise ProofError(f"Cannot use {TABLE} in {pyproject}: {error}. See docs/configuration.md for each key.") from error


def _refuse_unknown(table: dict[str, Any], pyproject: Path) -> None:
    known = Settings.__struct_fields__
    for key in table:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f'Did you mean "{close[0]}"?' if close else f"Use one of: {', '.join(known)}."
            raise ProofError(f'Cannot use key "{key}" of {TABLE} in {pyproject}: there is no such key. {hint}')
