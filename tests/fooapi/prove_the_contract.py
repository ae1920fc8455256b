"""Run Schemathesis against the service on each database: `python -m tests.fooapi.prove_the_contract [OPTIONS]`."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from alembic_proof.databases.opening import open_server
from alembic_proof.databases.scratch import Unavailable
from tests.fooapi.history import config_for
from tests.fooapi.serving import served

CONFIG = Path(__file__).with_name("schemathesis.toml")


def main(options: list[str]) -> int:
    """Give the worst exit status."""
    return max(prove(kind, options) for kind in ("sqlite", "postgresql", "mariadb"))


def prove(kind: str, options: list[str]) -> int:
    """Serve an empty database of one kind and let Schemathesis loose on it."""
    print(f"== {kind}", flush=True)  # noqa: T201 - a program
    try:
        server = open_server(kind)
    except Unavailable as why:
        print(f"not proved: {why}", flush=True)  # noqa: T201 - a program
        return 0
    with closing(server):
        url = server.create().url
        command.upgrade(config_for(url), "head")
        with served(url) as address:
            program = ["schemathesis", "--config-file", str(CONFIG), "run", f"{address}/openapi.json"]
            with TemporaryDirectory() as folder:  # it keeps the examples that it found where it runs
                return subprocess.run([*program, "--no-color", "--warnings", "off", *options], cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
