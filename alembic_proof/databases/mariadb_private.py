"""A private MariaDB from the programs that are installed on the machine."""

import os
import shutil
import socket

from sqlalchemy import URL

from alembic_proof.databases.cluster import Packed
from alembic_proof.databases.private import PrivateServer, place, unprivileged_ids
from alembic_proof.databases.scratch import Unavailable

_MEGABYTES = 500
"""Room for the data directory (26 MB), its log (16 MB) and the databases."""

_OPTIONS = (
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-log-file-size=16M",
    "--innodb-buffer-pool-size=32M",
    "--character-set-server=utf8mb4",
    "--skip-name-resolve",
)


def programs() -> tuple[str, str]:
    """Find the program that prepares a data directory and the server; raises Unavailable without them."""
    return _program("mariadb-install-db"), _program("mariadbd")


def start(programs: tuple[str, str], packed: Packed | None = None) -> tuple[PrivateServer, URL]:
    """Start a server, on a packed data directory if one is given, else on a new one.

    Returns it and the URL of its root user, without a database.
    """
    install, serve = programs
    ids = unprivileged_ids()
    server = PrivateServer("MariaDB", place(_MEGABYTES, ids, socket="socket"), "SIGKILL", ids)
    data, door = server.folder / "data", server.folder / "socket"
    folders = ("--no-defaults", f"--datadir={data}", f"--tmpdir={server.folder}")

    def is_ready() -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(door)) == 0

    def prepare() -> None:
        if packed is not None:
            packed.extract(data)

    installing = [install, *folders, *_OPTIONS, "--auth-root-authentication-method=normal", "--skip-test-db"]
    serving = [
        serve,
        *folders,
        *_OPTIONS,
        f"--socket={door}",
        f"--pid-file={server.folder / 'pid'}",
        "--skip-networking",
        "--max-connections=50",
    ]
    server.start((installing, serving) if packed is None else (serving,), prepare, is_ready)
    return server, URL.create("mariadb+pymysql", "root", query={"unix_socket": str(door)})


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join(("/usr/sbin", "/usr/local/sbin", "/usr/libexec")))
    if found is None:
        raise Unavailable(
            f"Cannot start MariaDB: {name} is not installed. "
            "Install mariadb-server-core and mariadb-client-core, or give --on a server's URL."
        )
    return found
