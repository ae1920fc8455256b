"""The repository's migration history, on a database that a test names."""

from pathlib import Path

from alembic.config import Config
from sqlalchemy import URL

ROOT = Path(__file__).parents[2]


def config_for(url: URL | str | None = None) -> Config:
    """Alembic's configuration. Without a URL env.py finds one as it does in production."""
    config = Config(ROOT / "alembic.ini")
    if url is not None:
        text = url if isinstance(url, str) else url.render_as_string(hide_password=False)
        config.set_main_option("sqlalchemy.url", text.replace("%", "%%"))
    return config
