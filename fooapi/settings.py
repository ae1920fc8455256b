"""Everything that differs between two installations, read once from the environment (`FOOAPI_...`)."""

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The service's settings. `FOOAPI_SQL_URI` sets `sql_uri`, and so on."""

    model_config = SettingsConfigDict(env_prefix="FOOAPI_", frozen=True)

    sql_uri: str = "sqlite:///app.db"
    """Where the data is, as an SQLAlchemy URL."""

    migrations: Path = Path(__file__).parents[1] / "alembic"
    """The folder of the migrations that this code came with: `/readyz` compares the database with them."""

    migration_wait_seconds: float = Field(default=60, ge=0)
    """How long `alembic upgrade` waits for another one on the same database."""
    migration_lock_timeout_seconds: int = Field(default=5, ge=1)
    """How long a migration waits for a table that others use, while those who come later wait behind it."""
    migration_statement_timeout_seconds: int = Field(default=60, ge=1)

    body_limit_bytes: int = Field(default=16 * 1024, ge=1)

    argon2_time_cost: int = Field(default=3, ge=1)
    """Passes over the memory for one hash (RFC 9106, the second recommended option: 3 passes, 64 MiB, 4 lanes)."""
    argon2_memory_cost_kib: int = Field(default=65536, ge=8)
    argon2_parallelism: int = Field(default=4, ge=1)
    argon2_at_once: int = Field(default=4, ge=1)
    """How many hashes are computed side by side: each takes its memory."""


@cache
def get_settings() -> Settings:
    """Read the settings on first use."""
    return Settings()
