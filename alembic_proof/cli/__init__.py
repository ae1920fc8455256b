"""The command line, one command in a file. Exit status 0: nothing broken; 1: broken; 2: could not run."""

from alembic_proof.cli import verify as _verify  # noqa: F401 - each command's module puts itself on the app
from alembic_proof.cli.terminal import main as main
