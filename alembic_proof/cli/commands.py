"""All commands, one in a file."""

# Each command's module puts itself on the app, in the order of the help.
from alembic_proof.cli import verify as _verify  # noqa: F401, I001 - imported for that
from alembic_proof.cli import gate as _gate  # noqa: F401
from alembic_proof.cli import baseline as _baseline  # noqa: F401
from alembic_proof.cli import lock as _lock  # noqa: F401
from alembic_proof.cli import schema as _schema  # noqa: F401
from alembic_proof.cli import diff as _diff  # noqa: F401
from alembic_proof.cli import drift as _drift  # noqa: F401
from alembic_proof.cli import checks as _checks  # noqa: F401
from alembic_proof.cli import init as _init  # noqa: F401
from alembic_proof.cli import report as _report  # noqa: F401
from alembic_proof.cli.screen import telling_mistakes
from alembic_proof.cli.terminal import app


__all__ = ["app", "main"]


def main() -> None:
    """Run the command line."""
    with telling_mistakes():
        app()
